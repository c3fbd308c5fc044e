// Package backend stands in for the RelayPACS API: health, login, a synthetic upload workflow and metrics.
// It keeps no content of an upload, only sizes and digests, so that no patient data can ever be in it.
package backend

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/jackc/pgx/v5/pgxpool"

	"relaypacs.dev/sandbox/application/connection"
	"relaypacs.dev/sandbox/application/faults"
	"relaypacs.dev/sandbox/application/service"
)

// Address is where the backend listens; the specification's probes ask port 8000.
const Address = ":8000"

// Settings is what the backend cannot start without.
type Settings struct {
	DatabaseURL string
	SecretKey   string
	Faults      faults.Faults
	Build       service.Build
}

// ReadSettings takes the settings from the environment. An error names the variable and never its value.
func ReadSettings(getenv func(string) string) (Settings, error) {
	settings := Settings{
		DatabaseURL: getenv("DATABASE_URL"), SecretKey: getenv("SECRET_KEY"), Build: service.BuildFrom(getenv),
	}
	if err := connection.Check(settings.DatabaseURL); err != nil {
		return Settings{}, err
	}
	if settings.SecretKey == "" {
		return Settings{}, errors.New("SECRET_KEY is not set: give the key that signs access tokens")
	}
	var err error
	settings.Faults, err = faults.Read(getenv)
	return settings, err
}

// Run serves until SIGTERM.
func Run(getenv func(string) string) error {
	settings, err := ReadSettings(getenv)
	if err != nil {
		return err
	}
	log := service.Logger("backend", settings.Build)
	config, err := pgxpool.ParseConfig(settings.DatabaseURL)
	if err != nil {
		return errors.New("DATABASE_URL cannot be read")
	}
	config.MaxConns = 8
	// Connections are made when needed: a backend without its database starts, and says that it is not ready.
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return fmt.Errorf("cannot prepare database connections: %w", err)
	}
	defer pool.Close()
	server := service.New("backend", settings.Build, settings.Faults, log)
	server.Check = pool.Ping
	return server.Run(Address, Handler(server, settings.SecretKey, database{pool}))
}

// Handler routes every path of the backend.
func Handler(server *service.Service, secretKey string, store Store) http.Handler {
	mux := http.NewServeMux()
	server.Register(mux)
	mux.HandleFunc("GET /api/v1/health", server.Health)
	// Asks nothing of the database, so that load on it fails by the backend's own doing alone.
	mux.HandleFunc("GET /api/v1/version", server.Version)
	authentication := authentication{key: []byte(secretKey), fault: server.Faults.Login}
	authentication.register(mux)
	uploads{store: store, log: server.Log}.register(mux, authentication.required)
	return server.Handler(mux)
}

func internal(w http.ResponseWriter, log *slog.Logger, err error) {
	log.Error("request failed", "cause", err.Error())
	service.Fail(w, http.StatusServiceUnavailable, "the database does not answer as it should")
}
