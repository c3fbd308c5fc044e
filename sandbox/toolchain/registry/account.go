package main

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"log"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// account is the AWS account whose ECR knows the repositories, their images and who may use them.
type account struct {
	ecr *ecr.Client

	lock sync.Mutex
	// What GetAuthorizationToken gave last: "AWS:password".
	credentials string
	expires     time.Time
}

// tokenMemory is how long a token is not asked for again.
const tokenMemory = time.Minute

func newAccount(ctx context.Context) (*account, error) {
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	return &account{ecr: ecr.NewFromConfig(settings)}, nil
}

func (a *account) token(ctx context.Context) (string, error) {
	a.lock.Lock()
	defer a.lock.Unlock()
	if time.Now().Before(a.expires) {
		return a.credentials, nil
	}
	given, err := a.ecr.GetAuthorizationToken(ctx, &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		return "", err
	}
	if len(given.AuthorizationData) != 1 || given.AuthorizationData[0].AuthorizationToken == nil {
		return "", errors.New("GetAuthorizationToken gave no token")
	}
	decoded, err := base64.StdEncoding.DecodeString(*given.AuthorizationData[0].AuthorizationToken)
	if err != nil {
		return "", fmt.Errorf("GetAuthorizationToken gave a token that is not in base64: %w", err)
	}
	a.credentials, a.expires = string(decoded), time.Now().Add(tokenMemory)
	return a.credentials, nil
}

// authenticated lets only requests through that carry the account's token, for reading too, as ECR does.
func (a *account) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, given := r.BasicAuth()
		if given {
			token, err := a.token(r.Context())
			if err != nil {
				unavailable(w, err)
				return
			}
			if subtle.ConstantTimeCompare([]byte(user+":"+password), []byte(token)) == 1 {
				next.ServeHTTP(w, r)
				return
			}
		}
		w.Header().Set("Www-Authenticate", fmt.Sprintf(`Basic realm="https://%s/",service="ecr.amazonaws.com"`, r.Host))
		w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
		refuse(w, http.StatusUnauthorized, "UNAUTHORIZED", "Not Authorized")
	})
}

func unavailable(w http.ResponseWriter, err error) {
	log.Print(err)
	refuse(w, http.StatusServiceUnavailable, "UNAVAILABLE", err.Error())
}

// repository describes a repository, or returns nil when ECR has none of that name.
func (a *account) repository(ctx context.Context, name string) (*types.Repository, error) {
	found, err := a.ecr.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{RepositoryNames: []string{name}})
	if absent := new(types.RepositoryNotFoundException); errors.As(err, &absent) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &found.Repositories[0], nil
}

// image returns the image with a tag or digest, or nil when the repository does not have it.
func (a *account) image(ctx context.Context, repository, reference string) (*image, error) {
	id := types.ImageIdentifier{ImageTag: &reference}
	if strings.Contains(reference, ":") {
		id = types.ImageIdentifier{ImageDigest: &reference}
	}
	input := &ecr.BatchGetImageInput{RepositoryName: &repository, ImageIds: []types.ImageIdentifier{id}}
	found, err := a.ecr.BatchGetImage(ctx, input)
	if err != nil || len(found.Images) == 0 {
		return nil, err
	}
	first := found.Images[0]
	return &image{manifest: []byte(*first.ImageManifest), mediaType: *first.ImageManifestMediaType}, nil
}

// put registers an image, under its tag if it has one. An image that has the tag is the error errTagTaken.
func (a *account) put(ctx context.Context, repository *types.Repository, it image) error {
	manifest, digest := string(it.manifest), it.digest()
	input := &ecr.PutImageInput{
		RepositoryName:         repository.RepositoryName,
		ImageManifest:          &manifest,
		ImageManifestMediaType: &it.mediaType,
		ImageDigest:            &digest,
	}
	if it.tag != "" {
		input.ImageTag = &it.tag
	}
	_, err := a.ecr.PutImage(ctx, input)
	same, taken := new(types.ImageAlreadyExistsException), new(types.ImageTagAlreadyExistsException)
	if errors.As(err, &same) || errors.As(err, &taken) {
		immutable := strings.HasPrefix(string(repository.ImageTagMutability), string(types.ImageTagMutabilityImmutable))
		if immutable && it.tag != "" {
			return errTagTaken
		}
		return nil
	}
	return err
}

// tags lists the tags of a repository.
func (a *account) tags(ctx context.Context, repository string) ([]string, error) {
	pages := ecr.NewListImagesPaginator(a.ecr, &ecr.ListImagesInput{RepositoryName: &repository})
	tags := []string{}
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, id := range page.ImageIds {
			if id.ImageTag != nil {
				tags = append(tags, *id.ImageTag)
			}
		}
	}
	return tags, nil
}
