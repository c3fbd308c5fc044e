package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

var errTagTaken = errors.New("the tag is taken")

// largestManifest is ECR's quota, in bytes.
const largestManifest = 4 << 20

type image struct {
	// Empty for an image that was pushed by its digest.
	tag       string
	mediaType string
	manifest  []byte
}

func (i image) digest() string { return fmt.Sprintf("sha256:%x", sha256.Sum256(i.manifest)) }

// images are the manifests of all repositories. ECR has them; those of awaited repositories wait here until ECR has the
// repository, since an update that creates a repository also runs pods of its images.
type images struct {
	account *account
	blobs   registry.BlobStatHandler
	awaited []string

	lock sync.Mutex
	held map[string][]image
}

func newImages(account *account, blobs registry.BlobStatHandler, awaited []string) *images {
	return &images{account: account, blobs: blobs, awaited: awaited, held: map[string][]image{}}
}

var (
	manifestPath = regexp.MustCompile(`^/v2/(.+)/manifests/([^/]+)$`)
	tagsPath     = regexp.MustCompile(`^/v2/(.+)/tags/list$`)
)

// handler serves manifests and tags, and leaves everything else to the next one.
func (s *images) handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var err error
		if of := manifestPath.FindStringSubmatch(r.URL.Path); of != nil {
			switch r.Method {
			case http.MethodGet, http.MethodHead:
				err = s.get(w, r, of[1], of[2])
			case http.MethodPut:
				err = s.put(w, r, of[1], of[2])
			default:
				refuse(w, http.StatusMethodNotAllowed, "UNSUPPORTED", "Images are deleted by ECR's API")
			}
		} else if of := tagsPath.FindStringSubmatch(r.URL.Path); of != nil {
			err = s.list(w, r, of[1])
		} else {
			next.ServeHTTP(w, r)
		}
		if err != nil {
			unavailable(w, err)
		}
	})
}

func unknownRepository(w http.ResponseWriter, name string) {
	message := fmt.Sprintf("The repository with name '%s' does not exist in the registry", name)
	refuse(w, http.StatusNotFound, "NAME_UNKNOWN", message)
}

func (s *images) get(w http.ResponseWriter, r *http.Request, name, reference string) error {
	repository, held, err := s.settle(r.Context(), name)
	if err != nil {
		return err
	}
	var found *image
	if repository != nil {
		if found, err = s.account.image(r.Context(), name, reference); err != nil {
			return err
		}
	} else if len(held) == 0 {
		unknownRepository(w, name)
		return nil
	}
	for _, it := range held {
		if it.tag == reference || it.digest() == reference {
			found = &it
		}
	}
	if found == nil {
		refuse(w, http.StatusNotFound, "MANIFEST_UNKNOWN", "Requested image not found")
		return nil
	}
	w.Header().Set("Content-Type", found.mediaType)
	w.Header().Set("Content-Length", fmt.Sprint(len(found.manifest)))
	w.Header().Set("Docker-Content-Digest", found.digest())
	if r.Method == http.MethodGet {
		w.Write(found.manifest)
	}
	return nil
}

func (s *images) put(w http.ResponseWriter, r *http.Request, name, reference string) error {
	manifest, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestManifest))
	if err != nil {
		refuse(w, http.StatusBadRequest, "MANIFEST_INVALID", err.Error())
		return nil
	}
	it := image{tag: reference, mediaType: r.Header.Get("Content-Type"), manifest: manifest}
	if strings.Contains(reference, ":") {
		it.tag = ""
		if it.digest() != reference {
			message := fmt.Sprintf("the manifest's digest is %s, not %s", it.digest(), reference)
			refuse(w, http.StatusBadRequest, "DIGEST_INVALID", message)
			return nil
		}
	}
	if err := s.complete(r.Context(), name, manifest); err != nil {
		refuse(w, http.StatusBadRequest, "MANIFEST_BLOB_UNKNOWN", err.Error())
		return nil
	}
	repository, _, err := s.settle(r.Context(), name)
	if err != nil {
		return err
	}
	if repository != nil {
		err = s.account.put(r.Context(), repository, it)
	} else if slices.Contains(s.awaited, name) {
		s.hold(name, it)
	} else {
		unknownRepository(w, name)
		return nil
	}
	if errors.Is(err, errTagTaken) {
		refuse(w, http.StatusBadRequest, "TAG_INVALID", fmt.Sprintf("The image tag '%s' already exists in the '%s' "+
			"repository and cannot be overwritten because the repository is immutable.", it.tag, name))
		return nil
	}
	if err != nil {
		return err
	}
	w.Header().Set("Docker-Content-Digest", it.digest())
	w.Header().Set("Location", fmt.Sprintf("/v2/%s/manifests/%s", name, it.digest()))
	w.WriteHeader(http.StatusCreated)
	return nil
}

// complete returns an error unless every blob of an image has been pushed. An index has none.
func (s *images) complete(ctx context.Context, name string, manifest []byte) error {
	parsed, err := v1.ParseManifest(strings.NewReader(string(manifest)))
	if err != nil {
		return err
	}
	for _, part := range append(parsed.Layers, parsed.Config) {
		if part.Digest.Hex == "" {
			continue
		}
		if _, err := s.blobs.Stat(ctx, name, part.Digest); err != nil {
			return fmt.Errorf("the blob %s has not been pushed", part.Digest)
		}
	}
	return nil
}

func (s *images) hold(name string, it image) {
	s.lock.Lock()
	defer s.lock.Unlock()
	others := slices.DeleteFunc(s.held[name], func(other image) bool { return other.tag == it.tag && it.tag != "" })
	s.held[name] = append(others, it)
}

// settle registers the images that wait for a repository once ECR has it. It returns the repository or, while ECR does
// not have it, nil and what waits.
func (s *images) settle(ctx context.Context, name string) (*types.Repository, []image, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	repository, err := s.account.repository(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	if repository == nil {
		return nil, slices.Clone(s.held[name]), nil
	}
	for _, it := range s.held[name] {
		if err := s.account.put(ctx, repository, it); err != nil && !errors.Is(err, errTagTaken) {
			return nil, nil, err
		}
	}
	delete(s.held, name)
	return repository, nil, nil
}

func (s *images) list(w http.ResponseWriter, r *http.Request, name string) error {
	repository, held, err := s.settle(r.Context(), name)
	if err != nil {
		return err
	}
	tags := []string{}
	if repository != nil {
		if tags, err = s.account.tags(r.Context(), name); err != nil {
			return err
		}
	} else if len(held) == 0 {
		unknownRepository(w, name)
		return nil
	}
	for _, it := range held {
		if it.tag != "" {
			tags = append(tags, it.tag)
		}
	}
	slices.Sort(tags)
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(map[string]any{"name": name, "tags": tags})
}
