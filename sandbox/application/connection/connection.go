// Package connection judges the address of the database, which backend and migrations share.
package connection

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Check says in one sentence what is wrong with DATABASE_URL, without repeating it.
func Check(url string) error {
	if url == "" {
		return errors.New("DATABASE_URL is not set: give postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
	}
	if !strings.HasPrefix(url, "postgresql://") && !strings.HasPrefix(url, "postgres://") {
		return errors.New("DATABASE_URL does not begin with postgresql://")
	}
	// The parser's own error would repeat parts of the address.
	if _, err := pgxpool.ParseConfig(url); err != nil {
		return errors.New("DATABASE_URL cannot be read as postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
	}
	return nil
}
