// The modules that are built with changed files, so that what is copied is checked against go.sum.
module relaypacs.dev/sandbox/toolchain/originals

go 1.26.0

require (
	github.com/abbot/go-http-auth v0.4.0
	github.com/go-acme/lego/v5 v5.4.1
	github.com/prometheus/prometheus v0.316.0
	github.com/pulumi/pulumi-kubernetes/provider/v4 v4.0.0-20260115033456-f47bc2d6f199
	github.com/upbound/terraform-provider-aws v0.0.0-20260305123303-f7691456b787
)
