package alembic

import (
	"bytes"
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"

	"relaypacs.dev/sandbox/application/faults"
)

func run(args string, values map[string]string) (string, error) {
	var out bytes.Buffer
	err := Run(context.Background(), strings.Fields(args), func(name string) string { return values[name] }, &out)
	return out.String(), err
}

func TestHistoryNeedsNoDatabase(t *testing.T) {
	out, err := run("history", nil)
	want := "0002_create_upload_chunks -> 0003_add_completed_at (head)\n" +
		"0001_create_uploads -> 0002_create_upload_chunks\n<base> -> 0001_create_uploads\n"
	if err != nil || out != want {
		t.Fatal(out, err)
	}
}

func TestRevisionsFitTheColumn(t *testing.T) {
	list, err := revisions(files, "migrations")
	if err != nil || len(list) == 0 {
		t.Fatal(list, err)
	}
	for _, r := range list {
		if len(r.id) > 32 {
			t.Errorf("%s is longer than version_num", r.id)
		}
	}
}

func TestARevisionWithoutAWayBackIsRefused(t *testing.T) {
	if _, err := revisions(fstest.MapFS{"migrations/0001_a.up.sql": {}}, "migrations"); err == nil {
		t.Fatal("no error")
	}
}

func TestBadUseIsRefusedBeforeAnythingIsConnected(t *testing.T) {
	for args, message := range map[string]string{
		"":                usage,
		"upgrade":         usage,
		"downgrade 1":     usage,
		"downgrade -1 -1": usage,
		"upgrade head":    "DATABASE_URL is not set: give postgresql://USER:PASSWORD@HOST:PORT/DATABASE",
	} {
		if _, err := run(args, nil); err == nil || err.Error() != message {
			t.Errorf("%q: %v", args, err)
		}
	}
}

func TestConnectionErrorsNameNoPassword(t *testing.T) {
	_, err := run("current", map[string]string{"DATABASE_URL": "postgresql://relaypacs:hidden@127.0.0.1:1/relaypacs"})
	if err == nil || strings.Contains(err.Error(), "hidden") || strings.Contains(err.Error(), "\n") {
		t.Fatal(err)
	}
}

// fresh makes an empty schema in the database that TEST_DATABASE_URL names, and the address that leads to it.
func fresh(t *testing.T) string {
	t.Helper()
	url := os.Getenv("TEST_DATABASE_URL")
	if url == "" {
		t.Skip("TEST_DATABASE_URL is not set")
	}
	connection, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	schema := strings.ToLower(t.Name())
	execute := func(sql string) {
		if _, err := connection.Exec(context.Background(), sql); err != nil {
			t.Fatal(err)
		}
	}
	execute("DROP SCHEMA IF EXISTS " + schema + " CASCADE")
	execute("CREATE SCHEMA " + schema)
	t.Cleanup(func() {
		execute("DROP SCHEMA " + schema + " CASCADE")
		connection.Close(context.Background())
	})
	return url + "?search_path=" + schema
}

func TestUpAndDown(t *testing.T) {
	environment := map[string]string{"DATABASE_URL": fresh(t)}
	expect := func(args, want string) {
		t.Helper()
		out, err := run(args, environment)
		if err != nil || out != want {
			t.Fatalf("%s: %q %v, want %q", args, out, err, want)
		}
	}
	expect("current", "")
	expect("upgrade head", "Running upgrade  -> 0001_create_uploads\n"+
		"Running upgrade 0001_create_uploads -> 0002_create_upload_chunks\n"+
		"Running upgrade 0002_create_upload_chunks -> 0003_add_completed_at\n")
	expect("upgrade head", "")
	expect("current", "0003_add_completed_at (head)\n")
	expect("downgrade -1", "Running downgrade 0003_add_completed_at -> 0002_create_upload_chunks\n")
	expect("current", "0002_create_upload_chunks\n")
	if _, err := run("downgrade -5", environment); err == nil || !strings.Contains(err.Error(), "-5") {
		t.Fatal(err)
	}
	expect("downgrade base", "Running downgrade 0002_create_upload_chunks -> 0001_create_uploads\n"+
		"Running downgrade 0001_create_uploads -> \n")
	expect("current", "")
}

func TestConcurrentUpgradesRunOnce(t *testing.T) {
	environment := map[string]string{"DATABASE_URL": fresh(t)}
	var group sync.WaitGroup
	outputs := make([]string, 5)
	for i := range outputs {
		group.Go(func() {
			out, err := run("upgrade head", environment)
			if err != nil {
				t.Error(err)
			}
			outputs[i] = out
		})
	}
	group.Wait()
	if got := strings.Count(strings.Join(outputs, ""), "Running upgrade"); got != 3 {
		t.Fatalf("%d upgrades ran, want 3", got)
	}
}

func TestFailedMigrationLeavesNothing(t *testing.T) {
	url := fresh(t)
	m, err := open(context.Background(), url, []revision{{"0001_broken", "CREATE TABLE half (); SELECT 1/0;", ""}}, &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	defer m.close()
	err = m.upgrade(context.Background(), faults.Migration{})
	if err == nil || !strings.Contains(err.Error(), "upgrade  -> 0001_broken failed: ERROR: division by zero") {
		t.Fatal(err)
	}
	var table *string
	if err := m.connection.QueryRow(context.Background(), "SELECT to_regclass('half')::text").Scan(&table); err != nil || table != nil {
		t.Fatal("half of a migration stayed", table, err)
	}
}

func TestADatabaseAheadOfTheImageIsRefused(t *testing.T) {
	environment := map[string]string{"DATABASE_URL": fresh(t)}
	if _, err := run("upgrade head", environment); err != nil {
		t.Fatal(err)
	}
	m, err := open(context.Background(), environment["DATABASE_URL"], nil, &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	defer m.close()
	if err := m.upgrade(context.Background(), faults.Migration{}); err == nil || !strings.Contains(err.Error(), "0003_add_completed_at") {
		t.Fatal(err)
	}
}

func TestAnImageWithOneMigrationMore(t *testing.T) {
	environment := map[string]string{"DATABASE_URL": fresh(t), nextMigration: "true"}
	if out, err := run("upgrade head", environment); err != nil || !strings.Contains(out, "0003_add_completed_at -> 0004_add_note") {
		t.Fatal(out, err)
	}
	environment[nextMigration] = "false"
	if _, err := run("upgrade head", environment); err == nil || !strings.Contains(err.Error(), "Can't locate revision identified by \"0004_add_note\"") {
		t.Fatal(err)
	}
	environment[nextMigration] = "yes"
	if _, err := run("upgrade head", environment); err == nil || err.Error() != `APPLICATION_NEXT_MIGRATION is "yes", but must be true or false` {
		t.Fatal(err)
	}
}

func TestMigrationFaults(t *testing.T) {
	url := fresh(t)
	_, err := run("upgrade head", map[string]string{"DATABASE_URL": url, "FAULT_MIGRATION": "fail"})
	if err == nil || !strings.Contains(err.Error(), "injected by FAULT_MIGRATION") {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	err = Run(ctx, []string{"upgrade", "head"}, func(name string) string {
		return map[string]string{"DATABASE_URL": url, "FAULT_MIGRATION": "hang"}[name]
	}, &bytes.Buffer{})
	if err == nil || ctx.Err() == nil {
		t.Fatal("did not hang", err)
	}
	began := time.Now()
	if _, err := run("upgrade head", map[string]string{"DATABASE_URL": url, "FAULT_MIGRATION": "slow:0.3"}); err != nil || time.Since(began) < 300*time.Millisecond {
		t.Fatal(time.Since(began), err)
	}
}
