package backend

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"relaypacs.dev/sandbox/application/alembic"
	"relaypacs.dev/sandbox/application/faults"
	"relaypacs.dev/sandbox/application/service"
)

const key = "a key for tests"

func handler(f faults.Faults, store Store, log io.Writer) http.Handler {
	return Handler(service.New("backend", service.Build{Version: "1.2.3"}, f, slog.New(slog.NewJSONHandler(log, nil))), key, store)
}

func call(h http.Handler, method, path, bearer, body string) (int, map[string]any) {
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	if bearer != "" {
		request.Header.Set("Authorization", "Bearer "+bearer)
	}
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, request)
	var answer map[string]any
	_ = json.Unmarshal(recorder.Body.Bytes(), &answer)
	return recorder.Code, answer
}

const good = `{"username":"testuser","password":"testpass"}`

func login(t *testing.T, h http.Handler) string {
	t.Helper()
	code, answer := call(h, "POST", "/api/v1/auth/login", "", good)
	token, _ := answer["access_token"].(string)
	if code != 200 || token == "" {
		t.Fatal(code, answer)
	}
	return token
}

func TestSettingsAreRefusedInOneSentenceWithoutTheirValues(t *testing.T) {
	const url = "postgresql://relaypacs:hidden@127.0.0.1:5432/relaypacs"
	for _, c := range []struct{ url, secret, message string }{
		{"", "x", "DATABASE_URL is not set: give postgresql://USER:PASSWORD@HOST:PORT/DATABASE"},
		{"mysql://relaypacs:hidden@127.0.0.1/x", "x", "DATABASE_URL does not begin with postgresql://"},
		{"postgresql://relaypacs:hidden@127.0.0.1:port/x", "x", "DATABASE_URL cannot be read as postgresql://USER:PASSWORD@HOST:PORT/DATABASE"},
		{url, "", "SECRET_KEY is not set: give the key that signs access tokens"},
	} {
		_, err := ReadSettings(func(name string) string {
			return map[string]string{"DATABASE_URL": c.url, "SECRET_KEY": c.secret}[name]
		})
		if err == nil || err.Error() != c.message {
			t.Errorf("got %v, want %s", err, c.message)
		}
	}
	_, err := ReadSettings(func(name string) string {
		return map[string]string{"DATABASE_URL": url, "SECRET_KEY": "x"}[name]
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestLoginGivesATokenThatOpensProtectedEndpoints(t *testing.T) {
	var log bytes.Buffer
	h := handler(faults.Faults{}, nil, &log)
	token := login(t, h)
	if code, answer := call(h, "GET", "/api/v1/auth/me", token, ""); code != 200 || answer["username"] != "testuser" {
		t.Fatal(code, answer)
	}
	code, answer := call(h, "POST", "/api/v1/auth/refresh", token, "")
	if code != 200 || answer["access_token"] == "" {
		t.Fatal(code, answer)
	}
	for _, secret := range []string{token, "testpass", key} {
		if strings.Contains(log.String(), secret) {
			t.Fatal("a secret is in the log")
		}
	}
}

func TestBadCredentialsAndTokensAreRefused(t *testing.T) {
	h := handler(faults.Faults{}, nil, io.Discard)
	for _, body := range []string{`{"username":"testuser","password":"x"}`, `{"username":"x","password":"testpass"}`, `{}`} {
		if code, answer := call(h, "POST", "/api/v1/auth/login", "", body); code != 401 || answer["access_token"] != nil {
			t.Error(body, code, answer)
		}
	}
	if code, _ := call(h, "POST", "/api/v1/auth/login", "", "no json"); code != 400 {
		t.Error(code)
	}
	claims := func(end time.Time) jwt.RegisteredClaims {
		return jwt.RegisteredClaims{Issuer: issuer, Subject: "testuser", ExpiresAt: jwt.NewNumericDate(end)}
	}
	later := time.Now().Add(time.Hour)
	none, _ := jwt.NewWithClaims(jwt.SigningMethodNone, claims(later)).SignedString(jwt.UnsafeAllowNoneSignatureType)
	foreign, _ := jwt.NewWithClaims(jwt.SigningMethodHS256, claims(later)).SignedString([]byte("another key"))
	expired, _ := jwt.NewWithClaims(jwt.SigningMethodHS256, claims(time.Now().Add(-time.Hour))).SignedString([]byte(key))
	for name, token := range map[string]string{"absent": "", "unsigned": none, "foreign": foreign, "expired": expired} {
		if code, _ := call(h, "GET", "/api/v1/auth/me", token, ""); code != 401 {
			t.Errorf("%s token: %d", name, code)
		}
	}
}

func TestLoginFaults(t *testing.T) {
	for fault, want := range map[faults.Login]int{faults.LoginReject: 401, faults.LoginError: 500, faults.LoginEmpty: 200} {
		code, answer := call(handler(faults.Faults{Login: fault}, nil, io.Discard), "POST", "/api/v1/auth/login", "", good)
		if token, _ := answer["access_token"].(string); code != want || token != "" {
			t.Errorf("%s: %d %v", fault, code, answer)
		}
	}
}

// TestUploads needs the database that TEST_DATABASE_URL names, and migrates it.
func TestUploads(t *testing.T) {
	url := os.Getenv("TEST_DATABASE_URL")
	if url == "" {
		t.Skip("TEST_DATABASE_URL is not set")
	}
	environment := func(name string) string { return map[string]string{"DATABASE_URL": url}[name] }
	if err := alembic.Run(context.Background(), []string{"upgrade", "head"}, environment, io.Discard); err != nil {
		t.Fatal(err)
	}
	pool, err := pgxpool.New(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	h := handler(faults.Faults{}, database{pool}, io.Discard)
	token := login(t, h)
	expect := func(want int, method, path, body string) map[string]any {
		t.Helper()
		code, answer := call(h, method, path, token, body)
		if code != want {
			t.Fatalf("%s %s: %d %v, want %d", method, path, code, answer, want)
		}
		return answer
	}
	if code, _ := call(h, "POST", "/api/v1/uploads", "", `{"chunks":2}`); code != 401 {
		t.Fatal("uploads are not protected:", code)
	}
	expect(400, "POST", "/api/v1/uploads", `{"chunks":0}`)
	expect(400, "POST", "/api/v1/uploads", `{"chunks":1001}`)
	expect(404, "GET", "/api/v1/uploads/absent", "")
	id, _ := expect(201, "POST", "/api/v1/uploads", `{"chunks":2}`)["upload_id"].(string)
	at := "/api/v1/uploads/" + id
	expect(200, "PUT", at+"/chunks/1", "synthetic one")
	expect(200, "PUT", at+"/chunks/1", "synthetic one")
	expect(409, "PUT", at+"/chunks/1", "other")
	expect(404, "PUT", at+"/chunks/3", "too many")
	expect(404, "PUT", at+"/chunks/x", "no number")
	expect(400, "PUT", at+"/chunks/2", "")
	expect(413, "PUT", at+"/chunks/2", strings.Repeat("x", maxChunkBytes+1))
	expect(409, "POST", at+"/complete", "")
	expect(200, "PUT", at+"/chunks/2", "synthetic two")
	answer := expect(200, "POST", at+"/complete", "")
	if answer["status"] != "complete" || answer["bytes"] != float64(26) || answer["received"] != float64(2) {
		t.Fatal(answer)
	}
	expect(200, "POST", at+"/complete", "")
	expect(409, "PUT", at+"/chunks/2", "synthetic two")
}
