// Package service runs an HTTP server the way every RelayPACS service runs: structured logs, Prometheus metrics,
// readiness, injected faults, and a shutdown that loses no request.
package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"relaypacs.dev/sandbox/application/faults"
)

const (
	// drain is how long the server goes on accepting after SIGTERM, while proxies learn that it is leaving.
	drain = time.Second
	// grace is how long requests that are under way may take to finish; with drain it stays below the kubelet's 30 s.
	grace = 20 * time.Second
)

// Build says which release this is; the image's configuration carries it.
type Build struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
}

// BuildFrom reads APPLICATION_VERSION and APPLICATION_COMMIT.
func BuildFrom(getenv func(string) string) Build {
	build := Build{Version: getenv("APPLICATION_VERSION"), Commit: getenv("APPLICATION_COMMIT")}
	if build.Version == "" {
		build.Version = "development"
	}
	return build
}

// Service is one HTTP server.
type Service struct {
	Name   string
	Build  Build
	Faults faults.Faults
	// Check says what the service cannot work without; nil when it needs nothing.
	Check func(context.Context) error
	Log   *slog.Logger

	started  time.Time
	stopping atomic.Bool
}

// New makes a service that counts its readiness delay from now.
func New(name string, build Build, f faults.Faults, log *slog.Logger) *Service {
	return &Service{Name: name, Build: build, Faults: f, Log: log, started: time.Now()}
}

type health struct {
	Status string `json:"status"`
	Build
	Reason string `json:"reason,omitempty"`
}

// notReady says why the service should get no traffic, or "".
func (s *Service) notReady(ctx context.Context) string {
	switch {
	case s.stopping.Load():
		return "shutting down"
	case s.Faults.NeverReady:
		return "FAULT_NEVER_READY is set"
	case time.Since(s.started) < s.Faults.ReadyAfter:
		return "FAULT_READY_AFTER_SECONDS has not passed"
	case s.Check == nil:
		return ""
	}
	// The specification allows a health check one second (section 4, stage 10).
	ctx, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	if err := s.Check(ctx); err != nil {
		// The cause can name hosts and users: it goes to the log, not to the client.
		s.Log.Warn("not ready", "cause", err.Error())
		return "a dependency does not answer"
	}
	return ""
}

// Health answers 200 when the service should get traffic, else 503 with the reason.
func (s *Service) Health(w http.ResponseWriter, r *http.Request) {
	answer, status := health{Status: "ok", Build: s.Build}, http.StatusOK
	if reason := s.notReady(r.Context()); reason != "" {
		answer.Status, answer.Reason, status = "unavailable", reason, http.StatusServiceUnavailable
	}
	JSON(w, status, answer)
}

// Version answers which release this is.
func (s *Service) Version(w http.ResponseWriter, _ *http.Request) { JSON(w, http.StatusOK, s.Build) }

// Register adds the endpoints that every service has to mux.
func (s *Service) Register(mux *http.ServeMux) {
	mux.HandleFunc("GET /health", s.Health)
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		JSON(w, http.StatusOK, health{Status: "ok", Build: s.Build})
	})
	mux.HandleFunc("GET /version", s.Version)
}

// Run serves handler on address until SIGTERM or SIGINT, then drains. It returns nil after a clean shutdown.
func (s *Service) Run(address string, handler http.Handler) error {
	signals, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", address, err)
	}
	s.Log.Info("listening", "address", listener.Addr().String())
	return s.serve(signals, listener, handler)
}

func (s *Service) serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(s.Log.Handler(), slog.LevelWarn),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	var crash <-chan time.Time
	if s.Faults.CrashAfter > 0 {
		crash = time.After(s.Faults.CrashAfter)
	}
	select {
	case err := <-served:
		return err
	case <-crash:
		return errors.New("crashed because FAULT_CRASH_AFTER_SECONDS is set")
	case <-ctx.Done():
	}

	s.stopping.Store(true)
	s.Log.Info("shutting down")
	server.SetKeepAlivesEnabled(false)
	time.Sleep(drain)
	end, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := server.Shutdown(end); err != nil {
		return fmt.Errorf("requests were still running after %s: %w", grace, err)
	}
	s.Log.Info("stopped")
	return nil
}

// JSON writes value with status.
func JSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// An error here means that the client has gone.
	_ = json.NewEncoder(w).Encode(value)
}

// Fail writes an error that a client can show.
func Fail(w http.ResponseWriter, status int, message string) {
	JSON(w, status, map[string]string{"error": message})
}

// Logger writes JSON lines to standard output.
func Logger(name string, build Build) *slog.Logger {
	return slog.New(slog.NewJSONHandler(os.Stdout, nil)).With("service", name, "version", build.Version)
}
