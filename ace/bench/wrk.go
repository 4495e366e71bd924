package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

//go:embed load.lua
var loadScript string

// A wrk is the program that makes the load, set up.
type wrk struct {
	program     string
	script      string // path of loadScript
	connections int
	threads     int
}

// newWrk finds wrk and writes its script into dir.
func newWrk(dir string, connections, threads int) (wrk, error) {
	program, err := exec.LookPath("wrk")
	if err != nil {
		return wrk{}, errors.New("the load comes from wrk, which is not installed (Debian and Ubuntu: apt-get install wrk; elsewhere: github.com/wg/wrk)")
	}
	script := filepath.Join(dir, "load.lua")
	err = os.WriteFile(script, []byte(loadScript), 0o644)
	return wrk{program, script, connections, threads}, err
}

// A load is what a client says about one run.
type load struct {
	requests int64
	time     time.Duration
	p50      time.Duration // median of the latency; wrk does not say it
	p99      time.Duration // 99th percentile of the latency
	faults   string        // what went wrong; empty: nothing
}

// run asks for a work for some time.
func (l wrk) run(ctx context.Context, url string, w work, d time.Duration) (load, error) {
	args := []string{
		"-c", strconv.Itoa(l.connections), "-t", strconv.Itoa(l.threads), "-d", strconv.Itoa(int(d.Seconds())) + "s",
		"--timeout", "10s", "-s", l.script,
	}
	if w.closes {
		args = append(args, "-H", "Connection: close")
	}
	args = append(args, url, "--", w.method, strconv.Itoa(len(w.body)), strconv.Itoa(w.depth))
	output, err := exec.CommandContext(ctx, l.program, args...).CombinedOutput()
	if err != nil {
		return load{}, fmt.Errorf("wrk: %w\n%s", err, output)
	}
	return parseLoad(string(output))
}

// parseLoad reads the line that load.lua prints at the end.
func parseLoad(output string) (load, error) {
	for line := range strings.Lines(output) {
		fields := strings.Fields(line)
		if len(fields) < 4 || fields[0] != "bench" {
			continue
		}
		var numbers [3]int64
		for i := range numbers {
			n, err := strconv.ParseInt(fields[i+1], 10, 64)
			if err != nil {
				return load{}, fmt.Errorf("wrk: %q: %w", line, err)
			}
			numbers[i] = n
		}
		l := load{
			requests: numbers[0],
			time:     time.Duration(numbers[1]) * time.Microsecond,
			p99:      time.Duration(numbers[2]) * time.Microsecond,
			faults:   faultsIn(fields[4:]),
		}
		if l.requests == 0 || l.time == 0 {
			return load{}, fmt.Errorf("wrk: no request was answered: %q", line)
		}
		return l, nil
	}
	return load{}, fmt.Errorf("wrk: no result in its output:\n%s", output)
}

// faultsIn returns those of the counts, like "read=3", that are not zero.
func faultsIn(counts []string) string {
	var faults []string
	for _, c := range counts {
		if !strings.HasSuffix(c, "=0") {
			faults = append(faults, c)
		}
	}
	return strings.Join(faults, " ")
}
