// Package ext holds the empty extension points that Traefik keeps in a module of its own, which no release contains.
package ext

// HTTP extends the dynamic configuration of HTTP by nothing.
type HTTP struct{}

// Router extends the dynamic configuration of a router by nothing.
type Router struct{}
