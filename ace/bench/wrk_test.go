package main

import (
	"testing"
	"time"
)

const wrkOutput = `Running 1s test @ http://127.0.0.1:1234/hello
  2 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.20ms    2.15ms  30.92ms   90.10%
    Req/Sec    41.83k     2.94k   48.12k    71.43%
  87403 requests in 1.05s, 11.00MB read
Requests/sec:  83241.90
Transfer/sec:     10.48MB
`

func TestParseLoad(t *testing.T) {
	for _, test := range []struct {
		name, line string
		want       load
	}{
		{
			"all went well", "bench 87403 1050000 10250 connect=0 read=0 write=0 status=0 timeout=0\n",
			load{requests: 87403, time: 1050 * time.Millisecond, p99: 10250 * time.Microsecond},
		},
		{
			"some failed", "bench 5 1000000 7 connect=0 read=2 write=0 status=10 timeout=0\n",
			load{requests: 5, time: time.Second, p99: 7 * time.Microsecond, faults: "read=2 status=10"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := parseLoad(wrkOutput + test.line)
			if err != nil || got != test.want {
				t.Errorf("parseLoad = %+v, %v, want %+v", got, err, test.want)
			}
		})
	}
}

func TestParseLoadRefuses(t *testing.T) {
	for name, line := range map[string]string{
		"no result":       "",
		"a short result":  "bench 5\n",
		"no number":       "bench 5 x 7\n",
		"no request":      "bench 0 1000000 0 connect=64\n",
		"a broken script": "load.lua: unexpected symbol near 'x'\n",
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := parseLoad(wrkOutput + line); err == nil {
				t.Errorf("parseLoad = %+v, want an error", got)
			}
		})
	}
}
