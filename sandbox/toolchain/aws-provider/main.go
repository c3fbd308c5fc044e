// Command pulumi-resource-aws is the Terraform AWS provider behind Pulumi's bridge, with the resource types of
// types.go. It stands where the official plugin, which holds every type, can't be downloaded.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/hashicorp/terraform-provider-aws/xpprovider"
	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/x/muxer"
	"github.com/pulumi/pulumi-terraform-bridge/v3/unstable/metadata"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

// The version of @pulumi/aws that asks for this plugin.
const version = "7.48.0"

func main() {
	ctx := context.Background()
	info, err := provider(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-resource-aws:", err)
		os.Exit(1)
	}
	pf.MainWithMuxer(ctx, "aws", info, []byte(`{"name":"aws","version":"`+version+`"}`))
}

func provider(ctx context.Context) (tfbridge.ProviderInfo, error) {
	framework, classic, err := xpprovider.GetProvider(ctx)
	if err != nil {
		return tfbridge.ProviderInfo{}, err
	}
	info := tfbridge.ProviderInfo{
		P:         pf.MuxShimWithPF(ctx, shimv2.NewProvider(classic), framework),
		Name:      "aws",
		Version:   version,
		Resources: map[string]*tfbridge.ResourceInfo{},
		DataSources: map[string]*tfbridge.DataSourceInfo{
			"aws_kms_public_key":                 {Tok: "aws:kms/getPublicKey:getPublicKey"},
			"aws_secretsmanager_secret_version":  {Tok: "aws:secretsmanager/getSecretVersion:getSecretVersion"},
			"aws_secretsmanager_secret_versions": {Tok: "aws:secretsmanager/getSecretVersions:getSecretVersions"},
		},
		MetadataInfo: tfbridge.NewProviderMetadata(nil),
	}
	for name, short := range types {
		info.Resources[name] = &tfbridge.ResourceInfo{Tok: token(short)}
	}
	if err := checkNames(info); err != nil {
		return info, err
	}
	// Some types live in Terraform's framework, some in its older SDK: the table says which half answers for which.
	halves, ok := info.P.(interface {
		ResolveDispatch(*tfbridge.ProviderInfo) (muxer.DispatchTable, error)
	})
	if !ok {
		return info, fmt.Errorf("the bridge no longer says how it splits types between its two halves")
	}
	table, err := halves.ResolveDispatch(&info)
	if err != nil {
		return info, err
	}
	if err := metadata.Set(info.GetMetadata(), "mux", table); err != nil {
		return info, err
	}
	info.SetAutonaming(255, "-")
	return info, nil
}

// The bridge itself would only panic.
func checkNames(info tfbridge.ProviderInfo) error {
	for name := range info.Resources {
		if _, ok := info.P.ResourcesMap().GetOk(name); !ok {
			return fmt.Errorf("the Terraform AWS provider, as it was built here, has no resource type %s", name)
		}
	}
	for name := range info.DataSources {
		if _, ok := info.P.DataSourcesMap().GetOk(name); !ok {
			return fmt.Errorf("the Terraform AWS provider, as it was built here, has no data source %s", name)
		}
	}
	return nil
}

func token(short string) tokens.Type {
	module, name, _ := strings.Cut(short, ":")
	return tokens.Type(fmt.Sprintf("aws:%s/%s:%s", module, strings.ToLower(name[:1])+name[1:], name))
}
