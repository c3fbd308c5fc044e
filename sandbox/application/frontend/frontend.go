// Package frontend serves RelayPACS's web page. It proxies nothing: an ingress sends /api to the backend.
package frontend

import (
	"embed"
	"io/fs"
	"net/http"

	"relaypacs.dev/sandbox/application/faults"
	"relaypacs.dev/sandbox/application/service"
)

// Address is where the frontend listens.
const Address = ":8080"

//go:embed site
var site embed.FS

// Run serves until SIGTERM.
func Run(getenv func(string) string) error {
	injected, err := faults.Read(getenv)
	if err != nil {
		return err
	}
	build := service.BuildFrom(getenv)
	server := service.New("frontend", build, injected, service.Logger("frontend", build))
	handler, err := Handler(server)
	if err != nil {
		return err
	}
	return server.Run(Address, handler)
}

// Handler routes every path of the frontend.
func Handler(server *service.Service) (http.Handler, error) {
	pages, err := fs.Sub(site, "site")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	server.Register(mux)
	mux.Handle("GET /", secured(http.FileServerFS(pages)))
	return server.Handler(mux), nil
}

// secured adds the headers that keep a page from being framed, sniffed or made to run foreign code.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cache-Control", "no-cache")
		next.ServeHTTP(w, r)
	})
}
