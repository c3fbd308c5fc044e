package faults

import (
	"testing"
	"time"
)

func read(values map[string]string) (Faults, error) {
	return Read(func(name string) string { return values[name] })
}

func TestNothingIsBrokenByDefault(t *testing.T) {
	f, err := read(nil)
	if err != nil || f != (Faults{}) {
		t.Fatalf("got %+v, %v", f, err)
	}
}

func TestEveryFaultIsRead(t *testing.T) {
	f, err := read(map[string]string{
		"FAULT_ERROR_RATE": "0.02", "FAULT_LATENCY_MS": "1500", "FAULT_READY_AFTER_SECONDS": "2.5",
		"FAULT_ERROR_FIRST": "300", "FAULT_NEVER_READY": "true", "FAULT_CRASH_AFTER_SECONDS": "30", "FAULT_LOGIN": "empty", "FAULT_MIGRATION": "slow:4",
	})
	want := Faults{
		ErrorRate: 0.02, ErrorFirst: 300, Latency: 1500 * time.Millisecond, ReadyAfter: 2500 * time.Millisecond, NeverReady: true,
		CrashAfter: 30 * time.Second, Login: LoginEmpty, Migration: Migration{Slow: 4 * time.Second},
	}
	if err != nil || f != want {
		t.Fatalf("got %+v, %v", f, err)
	}
}

func TestBadValuesAreRefusedByName(t *testing.T) {
	for _, c := range []struct{ name, value, message string }{
		{"FAULT_ERROR_RATE", "1.01", `FAULT_ERROR_RATE is "1.01", but must be a number from 0 to 1`},
		{"FAULT_ERROR_RATE", "NaN", `FAULT_ERROR_RATE is "NaN", but must be a number from 0 to 1`},
		{"FAULT_LATENCY_MS", "-1", `FAULT_LATENCY_MS is "-1", but must be a number from 0 to 86400000`},
		{"FAULT_READY_AFTER_SECONDS", "soon", `FAULT_READY_AFTER_SECONDS is "soon", but must be a number from 0 to 86400`},
		{"FAULT_NEVER_READY", "yes", `FAULT_NEVER_READY is "yes", but must be true or false`},
		{"FAULT_CRASH_AFTER_SECONDS", "Inf", `FAULT_CRASH_AFTER_SECONDS is "Inf", but must be a number from 0 to 86400`},
		{"FAULT_LOGIN", "broken", `FAULT_LOGIN is "broken", but must be reject, error or empty`},
		{"FAULT_MIGRATION", "slow", `FAULT_MIGRATION is "slow", but must be fail, hang or slow:SECONDS`},
		{"FAULT_MIGRATION", "slow:NaN", `FAULT_MIGRATION is "slow:NaN", but must be fail, hang or slow:SECONDS`},
	} {
		_, err := read(map[string]string{c.name: c.value})
		if err == nil || err.Error() != c.message {
			t.Errorf("%s=%s: got %v", c.name, c.value, err)
		}
	}
}
