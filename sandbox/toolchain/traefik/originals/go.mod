// The modules that are built with changed files, so that what is copied is checked against go.sum.
module relaypacs.dev/sandbox/traefik/originals

go 1.26.0

require (
	github.com/abbot/go-http-auth v0.4.0
	github.com/go-acme/lego/v5 v5.4.1
)
