// Command backend serves the API; under the name alembic it migrates the database.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"relaypacs.dev/sandbox/application/alembic"
	"relaypacs.dev/sandbox/application/backend"
)

// terminationLog is where Kubernetes looks for a container's last words.
const terminationLog = "/dev/termination-log"

func main() {
	name := filepath.Base(os.Args[0])
	if err := run(name); err != nil {
		message := fmt.Sprintf("%s: %s", name, err)
		fmt.Fprintln(os.Stderr, message)
		// Absent outside Kubernetes: never created.
		if file, err := os.OpenFile(terminationLog, os.O_WRONLY|os.O_TRUNC, 0); err == nil {
			fmt.Fprintln(file, message)
			file.Close()
		}
		os.Exit(1)
	}
}

func run(name string) error {
	if name != "alembic" {
		return backend.Run(os.Getenv)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	return alembic.Run(ctx, os.Args[1:], os.Getenv, os.Stdout)
}
