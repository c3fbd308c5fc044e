// The module that is built in part, so that what is copied is checked against go.sum.
module relaypacs.dev/sandbox/aws-provider/originals

go 1.26.0

require github.com/upbound/terraform-provider-aws v0.0.0-20260305123303-f7691456b787
