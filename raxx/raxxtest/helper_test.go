package raxxtest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
)

// diff fails the test if got is not want.
func diff(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("got differs from want (-want +got):\n%s", d)
	}
}

// wantRule fails the test unless err is a RuleError that holds part.
func wantRule(t *testing.T, err error, part string) {
	t.Helper()
	var rule *RuleError
	if !errors.As(err, &rule) || !strings.Contains(rule.Error(), part) {
		t.Errorf("got error %v, want a rule about %q", err, part)
	}
}

// saying returns a machine that answers the nth event with the nth parts.
func saying(script ...[]raxx.Part) raxx.Machine {
	return raxx.NewMachine(0, func(n int, _ raxx.Event) (int, []raxx.Part) {
		if n >= len(script) {
			return n, nil
		}
		return n + 1, script[n]
	})
}

type parts = []raxx.Part

// A recorder is a test that notes how it fails.
type recorder struct {
	testing.TB
	failures []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}
