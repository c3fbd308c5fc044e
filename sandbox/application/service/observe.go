package service

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/felixge/httpsnoop"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// quiet paths are asked every few seconds by machines: faults in answers do not apply to them and no line is logged.
func quiet(path string) bool { return path == "/health" || path == "/livez" || path == "/metrics" }

// versionHeader says on every answer, also a failed one, which release gave it.
const versionHeader = "RelayPACS-Version"

// Handler wraps mux in metrics, access log and injected faults, and adds GET /metrics to it.
func (s *Service) Handler(mux *http.ServeMux) http.Handler {
	registry := prometheus.NewRegistry()
	constant := prometheus.Labels{"version": s.Build.Version}
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "http_requests_total", Help: "HTTP requests answered.", ConstLabels: constant,
	}, []string{"method", "path", "status"})
	durations := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "http_request_duration_seconds", Help: "Time from the request's header to the end of its answer.",
		ConstLabels: constant, Buckets: prometheus.DefBuckets,
	}, []string{"method", "path", "status"})
	registry.MustRegister(requests, durations, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))

	faulty := s.inject(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The pattern and not the path: paths hold identifiers, and clients can make up any number of them.
		_, pattern := mux.Handler(r)
		path := pattern[strings.Index(pattern, " ")+1:]
		if path == "" {
			path = "unmatched"
		}
		w.Header().Set(versionHeader, s.Build.Version)
		measured := httpsnoop.CaptureMetrics(faulty, w, r)
		labels := prometheus.Labels{"method": method(r), "path": path, "status": strconv.Itoa(measured.Code)}
		requests.With(labels).Inc()
		durations.With(labels).Observe(measured.Duration.Seconds())
		if !quiet(r.URL.Path) {
			s.Log.Info("request", "method", labels["method"], "path", path, "status", measured.Code,
				"milliseconds", measured.Duration.Milliseconds(), "bytes", measured.Written)
		}
	})
}

// method keeps made-up methods from becoming label values.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodOptions:
		return r.Method
	}
	return "other"
}

// inject delays and spoils answers. Errors are spread evenly instead of at random, so that a rate of 0.02 fails exactly
// each fiftieth request and a test can count.
func (s *Service) inject(next http.Handler) http.Handler {
	if s.Faults.Latency == 0 && s.Faults.ErrorRate == 0 && s.Faults.ErrorFirst == 0 {
		return next
	}
	var counted, first atomic.Uint64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.Faults.Latency > 0 && r.URL.Path != "/livez" && r.URL.Path != "/metrics" {
			select {
			case <-time.After(s.Faults.Latency):
			case <-r.Context().Done():
				return
			}
		}
		if !quiet(r.URL.Path) {
			n := float64(counted.Add(1))
			if math.Floor(n*s.Faults.ErrorRate) > math.Floor((n-1)*s.Faults.ErrorRate) {
				Fail(w, http.StatusInternalServerError, "injected by FAULT_ERROR_RATE")
				return
			}
		}
		// Smoke tests come first; they ask for health and log in, and are to pass.
		smoke := strings.HasSuffix(r.URL.Path, "/health") || strings.HasPrefix(r.URL.Path, "/api/v1/auth/")
		if !quiet(r.URL.Path) && !smoke &&
			first.Add(1) <= uint64(s.Faults.ErrorFirst) {
			Fail(w, http.StatusInternalServerError, "injected by FAULT_ERROR_FIRST")
			return
		}
		next.ServeHTTP(w, r)
	})
}
