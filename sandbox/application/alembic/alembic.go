// Package alembic stands in for Alembic's command line: the same commands, the same alembic_version table, and
// migrations as embedded SQL files.
package alembic

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"relaypacs.dev/sandbox/application/connection"
	"relaypacs.dev/sandbox/application/faults"
)

//go:embed migrations/*.sql next/*.sql
var files embed.FS

// nextMigration is the variable of an image that has one migration more, as a later release has.
const nextMigration = "APPLICATION_NEXT_MIGRATION"

// lockKey is the advisory lock that lets one migration run at a time. Any number serves, so long as nothing else uses it.
const lockKey = 0x72656c6179

const usage = "usage: alembic upgrade head | downgrade -N | downgrade base | current | history"

// revision is one migration; its identifier is what alembic_version.version_num holds.
type revision struct{ id, up, down string }

// revisions reads the migrations of the folders in turn, oldest first.
func revisions(source fs.FS, folders ...string) ([]revision, error) {
	var list []revision
	for _, folder := range folders {
		paths, err := fs.Glob(source, folder+"/*.up.sql")
		if err != nil {
			return nil, err
		}
		slices.Sort(paths)
		for _, path := range paths {
			up, err := fs.ReadFile(source, path)
			if err != nil {
				return nil, err
			}
			stem := strings.TrimSuffix(path, ".up.sql")
			down, err := fs.ReadFile(source, stem+".down.sql")
			if err != nil {
				return nil, err
			}
			list = append(list, revision{strings.TrimPrefix(stem, folder+"/"), string(up), string(down)})
		}
	}
	return list, nil
}

// foldersOf names the folders of the migrations that an image has.
func foldersOf(getenv func(string) string) ([]string, error) {
	switch value := getenv(nextMigration); value {
	case "", "false":
		return []string{"migrations"}, nil
	case "true":
		return []string{"migrations", "next"}, nil
	default:
		return nil, fmt.Errorf("%s is %q, but must be true or false", nextMigration, value)
	}
}

// Run does what args say and writes to out. An error is one line, without secrets.
func Run(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	folders, err := foldersOf(getenv)
	if err != nil {
		return err
	}
	list, err := revisions(files, folders...)
	if err != nil {
		return err
	}
	command := strings.Join(args, " ")
	if command == "history" {
		return history(list, out)
	}
	down, err := downgradeSteps(args, len(list))
	if err != nil {
		return err
	}
	injected, err := faults.Read(getenv)
	if err != nil {
		return err
	}
	url := getenv("DATABASE_URL")
	if err := connection.Check(url); err != nil {
		return err
	}
	m, err := open(ctx, url, list, out)
	if err != nil {
		return err
	}
	defer m.close()
	switch {
	case command == "current":
		return m.printCurrent(ctx)
	case command == "upgrade head":
		return m.upgrade(ctx, injected.Migration)
	default:
		return m.downgrade(ctx, down)
	}
}

// downgradeSteps is how many revisions `downgrade` takes back, 0 for the other commands.
func downgradeSteps(args []string, all int) (int, error) {
	switch command := strings.Join(args, " "); {
	case command == "current" || command == "upgrade head":
		return 0, nil
	case command == "downgrade base":
		return all, nil
	case len(args) == 2 && args[0] == "downgrade":
		if n, err := strconv.Atoi(args[1]); err == nil && n < 0 {
			return -n, nil
		}
	}
	return 0, errors.New(usage)
}

func history(list []revision, out io.Writer) error {
	for i, r := range slices.Backward(list) {
		before, head := "<base>", ""
		if i > 0 {
			before = list[i-1].id
		}
		if i == len(list)-1 {
			head = " (head)"
		}
		if _, err := fmt.Fprintf(out, "%s -> %s%s\n", before, r.id, head); err != nil {
			return err
		}
	}
	return nil
}

type migrator struct {
	connection *pgx.Conn
	list       []revision
	out        io.Writer
}

func open(ctx context.Context, url string, list []revision, out io.Writer) (*migrator, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errors.New("DATABASE_URL cannot be read")
	}
	config.ConnectTimeout = 10 * time.Second
	connection, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("cannot connect to the database: %s", oneLine(err))
	}
	return &migrator{connection, list, out}, nil
}

func (m *migrator) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	// The server frees the lock when the connection ends, however it ends.
	_ = m.connection.Close(ctx)
}

// lock waits for its turn and makes the table that records the revision.
func (m *migrator) lock(ctx context.Context) error {
	if _, err := m.connection.Exec(ctx, "SELECT pg_advisory_lock($1)", lockKey); err != nil {
		return fmt.Errorf("cannot get the migration lock: %s", oneLine(err))
	}
	_, err := m.connection.Exec(ctx, `CREATE TABLE IF NOT EXISTS alembic_version (
		version_num varchar(32) NOT NULL CONSTRAINT alembic_version_pkc PRIMARY KEY)`)
	if err != nil {
		return fmt.Errorf("cannot create table alembic_version: %s", oneLine(err))
	}
	return nil
}

// current is the place in the list after the recorded revision: 0 before the first, len(list) at the head.
func (m *migrator) current(ctx context.Context) (int, error) {
	var recorded string
	err := m.connection.QueryRow(ctx, "SELECT version_num FROM alembic_version").Scan(&recorded)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("cannot read table alembic_version: %s", oneLine(err))
	}
	at := slices.IndexFunc(m.list, func(r revision) bool { return r.id == recorded })
	if at < 0 {
		return 0, fmt.Errorf("Can't locate revision identified by %q: this image is older than the database", recorded)
	}
	return at + 1, nil
}

func (m *migrator) printCurrent(ctx context.Context) error {
	var exists bool
	err := m.connection.QueryRow(ctx, "SELECT to_regclass('alembic_version') IS NOT NULL").Scan(&exists)
	if err != nil {
		return fmt.Errorf("cannot look for table alembic_version: %s", oneLine(err))
	}
	if !exists {
		return nil
	}
	at, err := m.current(ctx)
	if err != nil || at == 0 {
		return err
	}
	head := ""
	if at == len(m.list) {
		head = " (head)"
	}
	_, err = fmt.Fprintf(m.out, "%s%s\n", m.list[at-1].id, head)
	return err
}

func (m *migrator) upgrade(ctx context.Context, injected faults.Migration) error {
	if err := m.lock(ctx); err != nil {
		return err
	}
	if err := m.inject(ctx, injected); err != nil {
		return err
	}
	at, err := m.current(ctx)
	if err != nil {
		return err
	}
	for ; at < len(m.list); at++ {
		if err := m.step(ctx, "upgrade", m.name(at), m.name(at+1), m.list[at].up); err != nil {
			return err
		}
	}
	return nil
}

func (m *migrator) downgrade(ctx context.Context, steps int) error {
	if err := m.lock(ctx); err != nil {
		return err
	}
	at, err := m.current(ctx)
	if err != nil {
		return err
	}
	if steps > at && steps != len(m.list) {
		return fmt.Errorf("Relative revision -%d didn't produce %d migrations", steps, steps)
	}
	for end := max(at-steps, 0); at > end; at-- {
		if err := m.step(ctx, "downgrade", m.name(at), m.name(at-1), m.list[at-1].down); err != nil {
			return err
		}
	}
	return nil
}

// name is the revision at a place, "" before the first.
func (m *migrator) name(at int) string {
	if at == 0 {
		return ""
	}
	return m.list[at-1].id
}

// step runs one migration and records it in the same transaction: both happen or neither.
func (m *migrator) step(ctx context.Context, direction, from, to, sql string) error {
	err := pgx.BeginFunc(ctx, m.connection, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "DELETE FROM alembic_version"); err != nil || to == "" {
			return err
		}
		_, err := tx.Exec(ctx, "INSERT INTO alembic_version (version_num) VALUES ($1)", to)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s %s -> %s failed: %s", direction, from, to, oneLine(err))
	}
	_, err = fmt.Fprintf(m.out, "Running %s %s -> %s\n", direction, from, to)
	return err
}

func (m *migrator) inject(ctx context.Context, injected faults.Migration) error {
	switch {
	case injected.Fail:
		_, err := m.connection.Exec(ctx, "DO $$ BEGIN RAISE EXCEPTION 'injected by FAULT_MIGRATION'; END $$")
		return fmt.Errorf("upgrade failed: %s", oneLine(err))
	case injected.Hang:
		<-ctx.Done()
		return errors.New("upgrade interrupted while FAULT_MIGRATION held it")
	}
	select {
	case <-time.After(injected.Slow):
		return nil
	case <-ctx.Done():
		return errors.New("upgrade interrupted while FAULT_MIGRATION held it")
	}
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
