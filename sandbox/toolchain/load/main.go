// Load asks one service at a constant rate and writes down what every request became, as JSON lines: each failure when
// it happens, a record a second, and a summary at the end. SIGTERM or SIGINT ends it after the requests under way.
//
// The rate does not follow the answers: a request is due at its time, whatever became of those before it, and its
// latency counts from then. A slow service therefore shows, and does not slow its measurement down.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Options say what to ask, where and how often.
type Options struct {
	URL           *url.URL
	Connect       string // host:port to connect to instead of the URL's own
	Rate          float64
	Duration      time.Duration // 0: until a signal
	Timeout       time.Duration
	VersionHeader string
	MostInFlight  int
}

func main() {
	// First of all: once its output is there, it can be ended well.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	options, output, err := parse(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if err := Run(ctx, options, output); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func parse(args []string) (Options, io.Writer, error) {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	var options Options
	address := flags.String("url", "", "what to ask for, such as http://relaypacs.com/api/v1/health")
	flags.StringVar(&options.Connect, "connect", "", "host:port to connect to, while the URL's host is only named")
	flags.Float64Var(&options.Rate, "rate", 50, "requests a second")
	flags.DurationVar(&options.Duration, "duration", 0, "how long, such as 30s; 0 until SIGTERM")
	flags.DurationVar(&options.Timeout, "timeout", 5*time.Second, "give a request up after so long")
	flags.StringVar(&options.VersionHeader, "version-header", "RelayPACS-Version", "header of the version that answered")
	flags.IntVar(&options.MostInFlight, "in-flight", 1000, "requests under way at most; those beyond are failures")
	file := flags.String("output", "-", "file for the records, - for standard output")
	if err := flags.Parse(args); err != nil {
		return options, nil, err
	}
	target, err := url.Parse(*address)
	if err != nil || (target.Scheme != "http" && target.Scheme != "https") || target.Host == "" {
		return options, nil, fmt.Errorf("-url is %q, but must be an address with http:// or https://", *address)
	}
	options.URL = target
	if !(options.Rate > 0 && options.Rate <= 10_000) {
		return options, nil, fmt.Errorf("-rate is %v, but must be above 0 and at most 10000", options.Rate)
	}
	if options.Timeout <= 0 || options.MostInFlight < 1 || options.Duration < 0 {
		return options, nil, fmt.Errorf("-timeout and -in-flight must be above 0, -duration not below")
	}
	if *file == "-" {
		return options, os.Stdout, nil
	}
	output, err := os.Create(*file)
	return options, output, err
}
