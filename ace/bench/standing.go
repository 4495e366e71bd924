package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A standing is what a server holds when nobody but visitors is there.
type standing struct {
	goroutines, descriptors int
	rss                     int64    // behind a collection of garbage
	told                    outcomes // by its trace, since it was started
}

// recovery is how long a server has until it holds no more than before.
const recovery = 3 * time.Second

// stand reads what a server holds, when it holds no more than before, or the
// time to recover is over; its memory only if that is wanted.
func (s *process) stand(ctx context.Context, before standing, memory bool) (now standing, err error) {
	for end := time.Now().Add(recovery); ; {
		if now, err = s.standNow(); err != nil {
			return now, err
		}
		over := now.goroutines <= before.goroutines && now.descriptors <= before.descriptors
		if over || before.goroutines == 0 || time.Now().After(end) {
			break
		}
		select {
		case <-ctx.Done():
			return now, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	if memory {
		if now.rss, err = s.settledMemory(ctx); err != nil {
			return now, err
		}
	}
	own, err := stateOf(s.addr) // by now its trace has told of all
	now.told = own.Told
	return now, err
}

// standNow reads what a server holds, but for its memory.
func (s *process) standNow() (now standing, err error) {
	own, err := stateOf(s.addr)
	if err != nil {
		return now, err
	}
	now.goroutines = own.Goroutines
	for try := range 3 { // the connection that has asked may be open a moment longer
		time.Sleep(5 * time.Millisecond)
		files, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", s.cmd.Process.Pid))
		if err != nil {
			return now, err
		}
		if try == 0 || len(files) < now.descriptors {
			now.descriptors = len(files)
		}
	}
	return now, nil
}

// costOf returns the CPU time that the process takes while do runs.
func (s *process) costOf(do func() error) (time.Duration, error) {
	before, err := s.preciseCPU()
	if err != nil {
		return 0, err
	}
	if err := do(); err != nil {
		return 0, err
	}
	after, err := s.preciseCPU()
	return after - before, err
}

// preciseCPU returns the CPU time of the process since it was started, to the
// nanosecond: that of its threads, of which in Go hardly any ever ends.
func (s *process) preciseCPU() (sum time.Duration, err error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for _, path := range threads {
		text, err := os.ReadFile(path)
		if err != nil {
			return 0, err
		}
		first, _, _ := strings.Cut(string(text), " ")
		n, err := strconv.ParseInt(first, 10, 64)
		if err != nil {
			return 0, err
		}
		sum += time.Duration(n)
	}
	return sum, nil
}

// resetPeak has peak begin anew, and returns the memory of the process now.
func (s *process) resetPeak() (int64, error) {
	const forgetPeak = "5" // proc_pid_clear_refs(5)
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", s.cmd.Process.Pid), []byte(forgetPeak), 0); err != nil {
		return 0, err
	}
	return s.peak()
}

var peakLine = regexp.MustCompile(`(?m)^VmHWM:\s*(\d+) kB$`)

// peak returns the most resident memory of the process since resetPeak.
func (s *process) peak() (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	found := peakLine.FindSubmatch(text)
	if found == nil {
		return 0, fmt.Errorf("status has no line VmHWM: %q", text)
	}
	kib, err := strconv.ParseInt(string(found[1]), 10, 64)
	return kib << 10, err
}
