package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const h2loadOutput = `Main benchmark duration is over for thread #0. Stopping all clients.

finished in 1.02s, 164288.00 req/s, 6.11MB/s
requests: 164288 total, 164544 started, 164288 done, 164288 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 164288 2xx, 0 3xx, 0 4xx, 0 5xx
time for request:       79us     10.92ms      1.34ms      1.21ms    88.30%
`

func TestParseH2load(t *testing.T) {
	got, err := parseH2load(h2loadOutput)
	if want := (load{requests: 164288, time: 1020 * time.Millisecond}); err != nil || got != want {
		t.Errorf("parseH2load = %+v, %v, want %+v", got, err, want)
	}
	failed := strings.Replace(h2loadOutput, "0 failed, 0 errored", "7 failed, 9 errored", 1)
	if got, err := parseH2load(failed); err != nil || got.faults != "failed=7 errored=9" {
		t.Errorf("faults = %q, %v, want those that were counted", got.faults, err)
	}
}

func TestParseH2loadRefuses(t *testing.T) {
	for name, output := range map[string]string{
		"no result":  "starting benchmark...\n",
		"no request": strings.Replace(h2loadOutput, "164288 done", "0 done", 1),
		"no time":    strings.Replace(h2loadOutput, "1.02s", "1.02x", 1),
		"no count":   strings.Replace(h2loadOutput, "164288 done", "99999999999999999999 done", 1),
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := parseH2load(output); err == nil {
				t.Errorf("parseH2load = %+v, want an error", got)
			}
		})
	}
}

func TestPlainTimesLeaveOutTheSlow(t *testing.T) {
	const log = "1795367346840407\t200\t1276\n1795367346840408\t202\t10325\n1795367346840409\t200\t79\n"
	got, err := plainTimes(strings.NewReader(log))
	want := []time.Duration{79 * time.Microsecond, 1276 * time.Microsecond}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	for _, log := range []string{"", "1\t202\t5\n", "1\t200\n", "1\t200\tx\n"} {
		if got, err := plainTimes(strings.NewReader(log)); err == nil {
			t.Errorf("plainTimes(%q) = %v, want an error", log, got)
		}
	}
}

func TestPercentile(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(i + 1)
	}
	for _, test := range []struct {
		p    float64
		of   []time.Duration
		want time.Duration
	}{
		{50, hundred, 50}, {99, hundred, 99}, {100, hundred, 100}, {0, hundred, 1},
		{50, hundred[:3], 2}, {99, hundred[:3], 3}, {99, hundred[:1], 1},
	} {
		if got := percentile(test.of, test.p); got != test.want {
			t.Errorf("percentile %v of %d = %d, want %d", test.p, len(test.of), got, test.want)
		}
	}
}

func TestWorksAreLeftOutWithoutH2load(t *testing.T) {
	t.Setenv("PATH", "")
	w, err := find(works, "h2c")
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{options: options{works: []work{w}, peers: peers, rounds: 1}}
	tab, err := b.compare(t.Context(), w)
	if err != nil || !strings.Contains(tab.markdown(), "h2load, which is not installed") {
		t.Errorf("compare = %v, %v, want a table that says why it is empty", tab, err)
	}
}
