package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// run asks handler as options say and returns the records by type.
func run(t *testing.T, handler http.HandlerFunc, options Options) map[string][]map[string]any {
	t.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	options.URL, _ = url.Parse("http://relaypacs.example/api")
	options.Connect = strings.TrimPrefix(server.URL, "http://")
	options.VersionHeader = "RelayPACS-Version"
	var output bytes.Buffer
	if err := Run(context.Background(), options, &output); err != nil {
		t.Fatal(err)
	}
	records := map[string][]map[string]any{}
	for _, text := range strings.Split(strings.TrimSpace(output.String()), "\n") {
		var record map[string]any
		if err := json.Unmarshal([]byte(text), &record); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		kind := record["type"].(string)
		records[kind] = append(records[kind], record)
	}
	return records
}

func TestCountsVersionsStatusesAndFailures(t *testing.T) {
	var asked atomic.Int64
	records := run(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "relaypacs.example" || r.URL.Path != "/api" {
			t.Errorf("asked for %s%s", r.Host, r.URL.Path)
		}
		n := asked.Add(1)
		w.Header().Set("RelayPACS-Version", []string{"blue", "green"}[n%2])
		if n%10 == 0 {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}, Options{Rate: 100, Duration: 1500 * time.Millisecond, Timeout: time.Second, MostInFlight: 50})

	summary := records["summary"][0]
	requests, failed := summary["requests"].(float64), summary["failed"].(float64)
	if requests < 145 || requests > 155 {
		t.Errorf("%v requests in 1.5 s at 100 a second", requests)
	}
	if failed != float64(int(requests)/10) || float64(len(records["failure"])) != failed {
		t.Errorf("%v failed, %d recorded, of %v", failed, len(records["failure"]), requests)
	}
	for _, failure := range records["failure"] {
		if failure["status"] != 500.0 || failure["version"] != "blue" || failure["time"] == "" {
			t.Errorf("recorded %v", failure)
		}
	}
	versions := summary["versions"].(map[string]any)
	if versions["blue"].(float64)+versions["green"].(float64) != requests {
		t.Errorf("%v of %v requests", versions, requests)
	}
	var inSeconds float64
	for _, second := range records["second"] {
		inSeconds += second["requests"].(float64)
	}
	if inSeconds != requests || len(records["second"]) < 2 {
		t.Errorf("%v requests in %d seconds, %v in all", inSeconds, len(records["second"]), requests)
	}
}

func TestRateDoesNotFollowSlowAnswers(t *testing.T) {
	records := run(t, func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(300 * time.Millisecond)
	}, Options{Rate: 50, Duration: time.Second, Timeout: time.Second, MostInFlight: 100})
	summary := records["summary"][0]
	if requests := summary["requests"].(float64); requests < 47 || requests > 52 || summary["failed"] != 0.0 {
		t.Errorf("%v requests, %v failed", requests, summary["failed"])
	}
	if median := summary["latencyMilliseconds"].(map[string]any)["median"].(float64); median < 300 {
		t.Errorf("a median of %v ms", median)
	}
}

func TestWhatIsNotSentOrNotAnsweredHasFailed(t *testing.T) {
	records := run(t, func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
	}, Options{Rate: 20, Duration: 500 * time.Millisecond, Timeout: 200 * time.Millisecond, MostInFlight: 1})
	reasons := map[string]int{}
	for _, failure := range records["failure"] {
		reasons[failure["error"].(string)]++
	}
	if reasons["not sent: 1 requests were under way"] == 0 || reasons["context deadline exceeded"] == 0 {
		t.Errorf("failures: %v", reasons)
	}
	if summary := records["summary"][0]; summary["failed"] != summary["requests"] {
		t.Errorf("%v of %v failed", summary["failed"], summary["requests"])
	}
}

func TestRefusesWhatItCannotAsk(t *testing.T) {
	for _, args := range [][]string{{}, {"-url", "relaypacs.com"}, {"-url", "http://x", "-rate", "0"},
		{"-url", "http://x", "-timeout", "0s"}} {
		if _, _, err := parse(args); err == nil {
			t.Errorf("accepted %v", args)
		}
	}
}
