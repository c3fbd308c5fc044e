package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"time"
)

// client keeps connections alive and follows no redirects.
func client(options Options) *http.Client {
	dialer := net.Dialer{Timeout: options.Timeout}
	transport := &http.Transport{
		MaxIdleConns: options.MostInFlight, MaxIdleConnsPerHost: options.MostInFlight, IdleConnTimeout: 30 * time.Second,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if options.Connect != "" {
				address = options.Connect
			}
			return dialer.DialContext(ctx, network, address)
		},
	}
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
}

// outcome is what became of one request.
type outcome struct {
	due     time.Time
	latency time.Duration // from when it was due to the end of its answer
	status  int           // 0 without an answer
	version string
	retried bool // the connection had just been closed, and HTTP allowed to ask again on another
	err     error
}

func (o outcome) failed() bool { return o.err != nil || o.status >= 400 }

func ask(client *http.Client, options Options, due time.Time) outcome {
	result := outcome{due: due}
	connections := 0
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connections++ }}
	// Not the context of the signal: what is under way when that comes shall end well.
	ctx, cancel := context.WithTimeout(httptrace.WithClientTrace(context.Background(), trace), options.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, options.URL.String(), nil)
	if err == nil {
		var response *http.Response
		if response, err = client.Do(request); err == nil {
			result.status, result.version = response.StatusCode, response.Header.Get(options.VersionHeader)
			_, err = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
	}
	result.err, result.latency, result.retried = err, time.Since(due), connections > 1
	return result
}

// Run asks until ctx ends or the duration has passed, then waits for the requests under way and writes the summary.
func Run(ctx context.Context, options Options, output io.Writer) error {
	if options.Duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, options.Duration)
		defer cancel()
	}
	outcomes := make(chan outcome, options.MostInFlight)
	recorded := make(chan error, 1)
	start := time.Now()
	go func() { recorded <- record(outcomes, start, output) }()

	var running sync.WaitGroup
	http := client(options)
	places := make(chan struct{}, options.MostInFlight)
	interval := float64(time.Second) / options.Rate
	timer := time.NewTimer(0)
	defer timer.Stop()
	for n := 0; ; n++ {
		due := start.Add(time.Duration(float64(n) * interval))
		timer.Reset(time.Until(due))
		select {
		case <-ctx.Done():
			running.Wait()
			close(outcomes)
			http.CloseIdleConnections()
			return <-recorded
		case <-timer.C:
		}
		select {
		case places <- struct{}{}:
			running.Go(func() {
				outcomes <- ask(http, options, due)
				<-places
			})
		default:
			outcomes <- outcome{due: due, latency: time.Since(due), err: fmt.Errorf(
				"not sent: %d requests were under way", options.MostInFlight)}
		}
	}
}

// reason is an error without the address that every request has.
func reason(err error) string {
	text := err.Error()
	if _, after, found := strings.Cut(text, `": `); found {
		return after
	}
	return text
}
