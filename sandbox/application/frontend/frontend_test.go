package frontend

import (
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"relaypacs.dev/sandbox/application/faults"
	"relaypacs.dev/sandbox/application/service"
)

func TestPagesAndHealth(t *testing.T) {
	handler, err := Handler(service.New("frontend", service.Build{Version: "1.2.3"}, faults.Faults{}, slog.New(slog.NewTextHandler(io.Discard, nil))))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path, contentType, content string
		status                     int
	}{
		{"/", "text/html; charset=utf-8", `<html lang="en">`, 200},
		{"/app.js", "text/javascript; charset=utf-8", "/api/v1/auth/login", 200},
		{"/style.css", "text/css; charset=utf-8", ":focus-visible", 200},
		{"/health", "application/json", `"version":"1.2.3"`, 200},
		{"/metrics", "", "http_requests_total", 200},
		{"/api/v1/health", "", "not found", 404},
	} {
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, httptest.NewRequest("GET", c.path, nil))
		if recorder.Code != c.status || !strings.Contains(recorder.Body.String(), c.content) {
			t.Errorf("%s: %d %s", c.path, recorder.Code, recorder.Body)
		}
		if got := recorder.Header().Get("Content-Type"); c.contentType != "" && got != c.contentType {
			t.Errorf("%s: content type %s", c.path, got)
		}
		if c.contentType != "" && c.path != "/health" && recorder.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("%s: no content security policy", c.path)
		}
	}
}
