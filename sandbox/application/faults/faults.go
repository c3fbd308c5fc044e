// Package faults reads the faults that an image or a deployment asks for. The table of variables is in ../README.md.
package faults

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Login is what POST /api/v1/auth/login does to good credentials.
type Login string

const (
	LoginWorks  Login = ""
	LoginReject Login = "reject" // 401
	LoginError  Login = "error"  // 500
	LoginEmpty  Login = "empty"  // 200 without a token
)

// Migration is what `alembic upgrade` does before it applies anything.
type Migration struct {
	Fail bool          // the database refuses a statement
	Hang bool          // waits for ever, holding the lock
	Slow time.Duration // waits this long, holding the lock
}

// Faults holds what to break. The zero value breaks nothing.
type Faults struct {
	ErrorRate  float64 // share of application requests that answer 500, 0 to 1
	ErrorFirst int     // so many of the first application requests answer 500, logins not counted
	Latency    time.Duration
	ReadyAfter time.Duration
	NeverReady bool
	CrashAfter time.Duration // 0: never
	Login      Login
	Migration  Migration
}

// longest keeps a typing error from becoming a fault that lasts for years.
const longest = 24 * time.Hour

// Read takes the faults from the environment. An error names the variable, its value and what it accepts.
func Read(getenv func(string) string) (Faults, error) {
	r := reader{getenv: getenv}
	f := Faults{
		ErrorRate:  r.rate("FAULT_ERROR_RATE"),
		ErrorFirst: int(r.number("FAULT_ERROR_FIRST", "a number from 0 to 1000000", 1e6)),
		Latency:    r.duration("FAULT_LATENCY_MS", time.Millisecond),
		ReadyAfter: r.duration("FAULT_READY_AFTER_SECONDS", time.Second),
		NeverReady: r.flag("FAULT_NEVER_READY"),
		CrashAfter: r.duration("FAULT_CRASH_AFTER_SECONDS", time.Second),
		Login:      r.login("FAULT_LOGIN"),
		Migration:  r.migration("FAULT_MIGRATION"),
	}
	return f, r.err
}

type reader struct {
	getenv func(string) string
	err    error
}

func (r *reader) refuse(name, value, accepted string) {
	if r.err == nil {
		r.err = fmt.Errorf("%s is %q, but must be %s", name, value, accepted)
	}
}

func (r *reader) number(name, accepted string, most float64) float64 {
	value := r.getenv(name)
	if value == "" {
		return 0
	}
	number, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsNaN(number) || number < 0 || number > most {
		r.refuse(name, value, accepted)
		return 0
	}
	return number
}

func (r *reader) rate(name string) float64 { return r.number(name, "a number from 0 to 1", 1) }

func (r *reader) duration(name string, unit time.Duration) time.Duration {
	most := float64(longest / unit)
	return time.Duration(r.number(name, fmt.Sprintf("a number from 0 to %.0f", most), most) * float64(unit))
}

func (r *reader) flag(name string) bool {
	switch value := r.getenv(name); value {
	case "", "false", "0":
		return false
	case "true", "1":
		return true
	default:
		r.refuse(name, value, "true or false")
		return false
	}
}

func (r *reader) login(name string) Login {
	switch value := Login(r.getenv(name)); value {
	case LoginWorks, LoginReject, LoginError, LoginEmpty:
		return value
	default:
		r.refuse(name, string(value), "reject, error or empty")
		return LoginWorks
	}
}

func (r *reader) migration(name string) Migration {
	value := r.getenv(name)
	switch value {
	case "":
		return Migration{}
	case "fail":
		return Migration{Fail: true}
	case "hang":
		return Migration{Hang: true}
	}
	seconds, found := strings.CutPrefix(value, "slow:")
	number, err := strconv.ParseFloat(seconds, 64)
	if !found || err != nil || !(number >= 0 && number <= longest.Seconds()) {
		r.refuse(name, value, "fail, hang or slow:SECONDS")
		return Migration{}
	}
	return Migration{Slow: time.Duration(number * float64(time.Second))}
}
