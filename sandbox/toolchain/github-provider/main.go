// Command pulumi-resource-github is the Terraform GitHub provider behind Pulumi's bridge. It stands where the official
// plugin can't be downloaded.
package main

import (
	"github.com/integrations/terraform-provider-github/v6/github"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
)

// The version of @pulumi/github that asks for this plugin.
const version = "6.15.0"

func main() {
	info := tfbridge.ProviderInfo{
		P:       shimv2.NewProvider(github.NewProvider(version, "")()),
		Name:    "github",
		Version: version,
		Config:  map[string]*tfbridge.SchemaInfo{},
	}
	info.MustComputeTokens(tokens.SingleModule("github_", "index", tokens.MakeStandard("github")))
	// The official plugin, and so the SDK, has a list here, although Terraform allows one block only.
	info.Resources["github_repository_environment"].Fields = map[string]*tfbridge.SchemaInfo{
		"reviewers": {MaxItemsOne: tfbridge.False()},
	}
	tfbridge.Main("github", version, info, []byte(`{"name":"github","version":"`+version+`"}`))
}
