package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// h2loadProgram is the name of the program that makes the load of HTTP/2, and
// of works whose replies are told apart.
const h2loadProgram = "h2load"

// An h2load is that program, set up.
type h2load struct {
	log         string // path of the file that it writes a line to for each reply
	connections int
	threads     int
}

// run asks for a work for some time.
func (l h2load) run(ctx context.Context, url string, w work, d time.Duration) (load, error) {
	os.Remove(l.log) // h2load would append to it
	args := []string{
		"-c", strconv.Itoa(l.connections), "-t", strconv.Itoa(min(l.threads, l.connections)),
		"-m", strconv.Itoa(max(w.streams, 1)), "-D", strconv.Itoa(int(d.Seconds())), "--log-file", l.log,
	}
	if !w.protocol.multiplexes() {
		args = append(args, "--h1")
	}
	output, err := exec.CommandContext(ctx, h2loadProgram, append(args, url)...).CombinedOutput()
	if err != nil {
		return load{}, fmt.Errorf("h2load: %w\n%s", err, output)
	}
	r, err := parseH2load(string(output))
	if err != nil {
		return load{}, err
	}
	log, err := os.Open(l.log)
	if err != nil {
		return load{}, err
	}
	defer log.Close()
	times, err := plainTimes(log)
	if err != nil {
		return load{}, err
	}
	r.p50, r.p99 = percentile(times, 50), percentile(times, 99)
	return r, nil
}

// newH2load sets h2load up for a work.
func (b *bench) newH2load(w work) h2load {
	connections := w.connections
	if connections == 0 {
		connections = b.connections
	}
	return h2load{filepath.Join(b.dir, "h2load.log"), connections, b.threads}
}

var (
	h2loadTime     = regexp.MustCompile(`(?m)^finished in ([0-9.a-z]+),`)
	h2loadRequests = regexp.MustCompile(
		`(?m)^requests: .* (\d+) done, \d+ succeeded, (\d+) failed, (\d+) errored, (\d+) timeout$`)
)

// parseH2load reads what h2load prints at the end, which has no percentiles.
func parseH2load(output string) (load, error) {
	took := h2loadTime.FindStringSubmatch(output)
	counts := h2loadRequests.FindStringSubmatch(output)
	if took == nil || counts == nil {
		return load{}, fmt.Errorf("h2load: no result in its output:\n%s", output)
	}
	t, err := time.ParseDuration(took[1])
	if err != nil {
		return load{}, fmt.Errorf("h2load: %w", err)
	}
	done, err := strconv.ParseInt(counts[1], 10, 64)
	if err != nil {
		return load{}, fmt.Errorf("h2load: %w", err)
	}
	if done == 0 || t == 0 {
		return load{}, fmt.Errorf("h2load: no request was answered:\n%s", output)
	}
	faults := faultsIn([]string{"failed=" + counts[2], "errored=" + counts[3], "timeout=" + counts[4]})
	return load{requests: done, time: t, faults: faults}, nil
}

// plainTimes reads the log of h2load, a line for each reply: when it was asked
// for, its status, and the microseconds that it took. It returns those of the
// replies that were not made slow on purpose, which say so by their status, the
// shortest first.
func plainTimes(log io.Reader) ([]time.Duration, error) {
	var times []time.Duration
	slow := strconv.Itoa(slowStatus)
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		if len(fields) != 3 {
			return nil, fmt.Errorf("h2load: a line of its log is %q", lines.Text())
		}
		if fields[1] == slow {
			continue
		}
		us, err := strconv.ParseInt(fields[2], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("h2load: a line of its log is %q: %w", lines.Text(), err)
		}
		times = append(times, time.Duration(us)*time.Microsecond)
	}
	if len(times) == 0 {
		return nil, errors.Join(errors.New("h2load: its log has no reply"), lines.Err())
	}
	slices.Sort(times)
	return times, lines.Err()
}

// percentile returns the least of the sorted times that p hundredths of them do
// not exceed.
func percentile(sorted []time.Duration, p float64) time.Duration {
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[max(rank, 1)-1]
}
