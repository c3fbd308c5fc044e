package service

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"relaypacs.dev/sandbox/application/faults"
)

func service(f faults.Faults) (*Service, http.Handler) {
	s := New("test", Build{Version: "1.2.3", Commit: "abc"}, f, slog.New(slog.NewTextHandler(io.Discard, nil)))
	mux := http.NewServeMux()
	s.Register(mux)
	mux.HandleFunc("GET /api/v1/item/{id}", func(w http.ResponseWriter, _ *http.Request) { JSON(w, 200, "item") })
	return s, s.Handler(mux)
}

func get(t *testing.T, handler http.Handler, path string) (int, string) {
	t.Helper()
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
	return recorder.Code, recorder.Body.String()
}

func TestHealthSaysVersionAndHidesTheCause(t *testing.T) {
	s, handler := service(faults.Faults{})
	if code, body := get(t, handler, "/health"); code != 200 || body != `{"status":"ok","version":"1.2.3","commit":"abc"}`+"\n" {
		t.Fatal(code, body)
	}
	s.Check = func(context.Context) error { return errors.New("user relaypacs at 10.0.0.1") }
	code, body := get(t, handler, "/health")
	if code != 503 || !strings.Contains(body, `"reason":"a dependency does not answer"`) || strings.Contains(body, "10.0.0.1") {
		t.Fatal(code, body)
	}
	if code, _ := get(t, handler, "/livez"); code != 200 {
		t.Fatal("a missing dependency must not restart the process:", code)
	}
}

func TestHealthCheckIsCutOffBelowASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, handler := service(faults.Faults{})
		s.Check = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		began := time.Now()
		if code, _ := get(t, handler, "/health"); code != 503 || time.Since(began) >= time.Second {
			t.Fatal(code, time.Since(began))
		}
	})
}

func TestReadinessFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, handler := service(faults.Faults{ReadyAfter: 3 * time.Second})
		if code, _ := get(t, handler, "/health"); code != 503 {
			t.Fatal("ready too early")
		}
		time.Sleep(3 * time.Second)
		if code, _ := get(t, handler, "/health"); code != 200 {
			t.Fatal("not ready in time")
		}
	})
	_, never := service(faults.Faults{NeverReady: true})
	if code, _ := get(t, never, "/health"); code != 503 {
		t.Fatal("FAULT_NEVER_READY was ready")
	}
}

func TestErrorRateIsExactAndSparesProbes(t *testing.T) {
	_, handler := service(faults.Faults{ErrorRate: 0.02})
	failed := 0
	for range 1000 {
		if code, _ := get(t, handler, "/api/v1/item/1"); code == 500 {
			failed++
		}
		if code, _ := get(t, handler, "/health"); code != 200 {
			t.Fatal("a probe failed")
		}
	}
	if failed != 20 {
		t.Fatalf("%d of 1000 failed, want 20", failed)
	}
	_, all := service(faults.Faults{ErrorRate: 1})
	if code, _ := get(t, all, "/version"); code != 500 {
		t.Fatal(code)
	}
}

func TestFirstErrorsAreCountedAndSpareProbesAndLogins(t *testing.T) {
	_, handler := service(faults.Faults{ErrorFirst: 3})
	var codes []int
	for _, path := range []string{"/api/v1/health", "/api/v1/auth/login", "/version", "/version", "/version", "/version"} {
		code, _ := get(t, handler, path)
		codes = append(codes, code)
	}
	if codes[0] == 500 || codes[1] == 500 || !slices.Equal(codes[2:], []int{500, 500, 500, 200}) {
		t.Fatal(codes)
	}
}

func TestLatencyDelaysAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, handler := service(faults.Faults{Latency: 1500 * time.Millisecond})
		began := time.Now()
		get(t, handler, "/health")
		if time.Since(began) != 1500*time.Millisecond {
			t.Fatal(time.Since(began))
		}
	})
}

func TestMetricsCountByPatternStatusAndVersion(t *testing.T) {
	_, handler := service(faults.Faults{})
	get(t, handler, "/api/v1/item/1")
	get(t, handler, "/api/v1/item/2")
	get(t, handler, "/no/such/path")
	_, body := get(t, handler, "/metrics")
	for _, line := range []string{
		`http_requests_total{method="GET",path="/api/v1/item/{id}",status="200",version="1.2.3"} 2`,
		`http_requests_total{method="GET",path="unmatched",status="404",version="1.2.3"} 1`,
		`http_request_duration_seconds_count{method="GET",path="/api/v1/item/{id}",status="200",version="1.2.3"} 2`,
	} {
		if !strings.Contains(body, line) {
			t.Errorf("missing %s in\n%s", line, body)
		}
	}
}

func TestShutdownFailsReadinessAndFinishesRequests(t *testing.T) {
	s, _ := service(faults.Faults{})
	entered, release := make(chan struct{}), make(chan struct{})
	mux := http.NewServeMux()
	s.Register(mux)
	mux.HandleFunc("GET /slow", func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-release
		JSON(w, 200, "finished")
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + listener.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.serve(ctx, listener, s.Handler(mux)) }()

	slow := make(chan int, 1)
	go func() {
		answer, err := http.Get(base + "/slow")
		if err != nil {
			slow <- 0
			return
		}
		answer.Body.Close()
		slow <- answer.StatusCode
	}()
	<-entered
	cancel()
	for !s.stopping.Load() {
		time.Sleep(time.Millisecond)
	}
	answer, err := http.Get(base + "/health")
	if err != nil {
		t.Fatal("refused a connection while draining:", err)
	}
	answer.Body.Close()
	if answer.StatusCode != 503 {
		t.Fatal("ready while shutting down:", answer.StatusCode)
	}
	close(release)
	if code := <-slow; code != 200 {
		t.Fatal("the request under way ended with", code)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

func TestCrashFaultEndsTheServer(t *testing.T) {
	s, handler := service(faults.Faults{CrashAfter: 10 * time.Millisecond})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.serve(context.Background(), listener, handler); err == nil || !strings.Contains(err.Error(), "FAULT_CRASH_AFTER_SECONDS") {
		t.Fatal(err)
	}
}

func TestEveryAnswerNamesTheVersion(t *testing.T) {
	_, handler := service(faults.Faults{ErrorRate: 1})
	for path, status := range map[string]int{"/health": 200, "/version": 500, "/nowhere": 500, "/metrics": 200} {
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
		if version := recorder.Header().Get("RelayPACS-Version"); version != "1.2.3" || recorder.Code != status {
			t.Errorf("%s: %d, version %q", path, recorder.Code, version)
		}
	}
}
