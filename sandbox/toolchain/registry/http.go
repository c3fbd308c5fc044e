package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// refuse answers with an error of the OCI distribution specification.
func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]any{"errors": []map[string]string{{"code": code, "message": message}}})
}

// answer observes a response: its status, and its bytes at a limited rate.
type answer struct {
	http.ResponseWriter
	context context.Context
	status  int
	limit   *rate.Limiter
}

func (a *answer) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(data []byte) (int, error) {
	written := 0
	for written < len(data) {
		part := data[written:]
		if a.limit != nil {
			part = part[:min(len(part), a.limit.Burst())]
			if err := a.limit.WaitN(a.context, len(part)); err != nil {
				return written, err
			}
		}
		n, err := a.ResponseWriter.Write(part)
		written += n
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

// logged writes one line a request.
func logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		observed := &answer{ResponseWriter: w, context: r.Context(), status: http.StatusOK}
		next.ServeHTTP(observed, r)
		took := time.Since(start).Milliseconds()
		log.Printf("%s %s %d %d ms %s", r.Method, r.URL.Path, observed.status, took, r.UserAgent())
	})
}

// throttled sends blobs no faster than the file says, in bytes a second, each on its own; without the file, at once.
func throttled(file string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := os.ReadFile(file)
		if os.IsNotExist(err) || r.Method != http.MethodGet {
			next.ServeHTTP(w, r)
			return
		}
		perSecond, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil || perSecond < 1 {
			message := fmt.Sprintf("%s has %q; it must be a whole number of bytes a second, at least 1", file, text)
			refuse(w, http.StatusInternalServerError, "UNKNOWN", message)
			return
		}
		limit := rate.NewLimiter(rate.Limit(perSecond), max(perSecond/10, 1))
		next.ServeHTTP(&answer{ResponseWriter: w, context: r.Context(), limit: limit}, r)
	})
}

// freeingMemory returns a finished upload's memory to the system: the library holds a whole layer before it stores it.
func freeingMemory(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		if r.Method == http.MethodPut {
			debug.FreeOSMemory()
		}
	})
}
