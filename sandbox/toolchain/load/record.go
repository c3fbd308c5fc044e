package main

import (
	"bufio"
	"encoding/json"
	"io"
	"math"
	"slices"
	"strconv"
	"time"
)

// Latency holds percentiles in milliseconds.
type Latency struct {
	Median  float64 `json:"median"`
	P99     float64 `json:"p99"`
	Maximum float64 `json:"maximum"`
}

// Counts says what a set of requests became. Statuses and versions are those of answers; a request without one has none.
type Counts struct {
	Requests           int            `json:"requests"`
	Failed             int            `json:"failed"`
	Retried            int            `json:"retried"`
	Statuses           map[string]int `json:"statuses"`
	Versions           map[string]int `json:"versions"`
	FailedVersions     map[string]int `json:"failedVersions"`
	LatencyMillisecond Latency        `json:"latencyMilliseconds"`

	latencies []float64
}

func newCounts() *Counts {
	return &Counts{Statuses: map[string]int{}, Versions: map[string]int{}, FailedVersions: map[string]int{}}
}

func (c *Counts) add(o outcome) {
	c.Requests++
	c.latencies = append(c.latencies, milliseconds(o.latency))
	if o.retried {
		c.Retried++
	}
	if o.status != 0 {
		c.Statuses[strconv.Itoa(o.status)]++
		c.Versions[o.version]++
	}
	if o.failed() {
		c.Failed++
		if o.status != 0 {
			c.FailedVersions[o.version]++
		}
	}
}

// closed fills in the percentiles.
func (c *Counts) closed() *Counts {
	slices.Sort(c.latencies)
	at := func(share float64) float64 {
		if len(c.latencies) == 0 {
			return 0
		}
		return c.latencies[int(math.Ceil(share*float64(len(c.latencies))))-1]
	}
	c.LatencyMillisecond = Latency{Median: at(0.5), P99: at(0.99), Maximum: at(1)}
	return c
}

func milliseconds(d time.Duration) float64 { return math.Round(float64(d.Microseconds())/10) / 100 }

type line struct {
	Type string    `json:"type"` // second, failure or summary
	Time time.Time `json:"time"`
}

type failure struct {
	line
	Status       int     `json:"status,omitempty"`
	Version      string  `json:"version,omitempty"`
	Error        string  `json:"error,omitempty"`
	Milliseconds float64 `json:"milliseconds"`
}

type second struct {
	line
	*Counts
}

type summary struct {
	line
	Start time.Time `json:"start"`
	*Counts
}

// record writes what comes through outcomes until that is closed. A request belongs to the second in which it ended.
func record(outcomes <-chan outcome, start time.Time, output io.Writer) error {
	buffer := bufio.NewWriter(output)
	encoder := json.NewEncoder(buffer)
	var broken error
	write := func(value any) {
		if broken == nil {
			broken = encoder.Encode(value)
		}
		// A reader follows the file.
		if broken == nil {
			broken = buffer.Flush()
		}
	}
	all, current, began := newCounts(), newCounts(), start
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			write(second{line{"second", began}, current.closed()})
			current, began = newCounts(), time.Now()
		case o, open := <-outcomes:
			if !open {
				write(second{line{"second", began}, current.closed()})
				write(summary{line{"summary", time.Now()}, start, all.closed()})
				return broken
			}
			all.add(o)
			current.add(o)
			if o.failed() {
				f := failure{line: line{"failure", o.due}, Status: o.status, Version: o.version,
					Milliseconds: milliseconds(o.latency)}
				if o.err != nil {
					f.Error = reason(o.err)
				}
				write(f)
			}
		}
	}
}
