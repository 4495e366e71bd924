package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A usage is what a process has taken from the machine.
type usage struct {
	cpu time.Duration // user and system, since it was started
	rss int64         // bytes
}

// usageOf reads the usage of one process.
func usageOf(pid int) (usage, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return usage{}, err
	}
	s, err := parseStat(string(stat))
	if err != nil {
		return usage{}, err
	}
	// smaps_rollup counts pages; the figures of stat and statm may lag behind.
	rollup, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return usage{}, err
	}
	rss, err := parseRollup(string(rollup))
	return usage{s.cpu, rss}, err
}

// A stat is what this program reads from /proc/PID/stat.
type stat struct {
	parent int
	cpu    time.Duration
}

// tick is the unit of times in /proc: USER_HZ is 100 on every Linux that Go runs
// on.
const tick = 10 * time.Millisecond

// parseStat reads the text of /proc/PID/stat (proc_pid_stat(5)). The second
// field is a name in parentheses, which may hold anything.
func parseStat(text string) (stat, error) {
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	const state = 3 // the number of the first field behind the name
	var numbers [3]int64
	for i, field := range []int{4, 14, 15} { // ppid, utime, stime
		if field-state >= len(fields) {
			return stat{}, fmt.Errorf("stat has no field %d: %q", field, text)
		}
		n, err := strconv.ParseInt(fields[field-state], 10, 64)
		if err != nil {
			return stat{}, err
		}
		numbers[i] = n
	}
	return stat{int(numbers[0]), time.Duration(numbers[1]+numbers[2]) * tick}, nil
}

// parseRollup returns the resident bytes in the text of /proc/PID/smaps_rollup.
func parseRollup(text string) (int64, error) {
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(line, "Rss:")
		if !ok {
			continue
		}
		kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
		return kib << 10, err
	}
	return 0, fmt.Errorf("smaps_rollup has no line Rss: %q", text)
}

// family returns a process and its children.
func family(pid int) ([]int, error) {
	pids := []int{pid}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended since
		}
		s, err := parseStat(string(text))
		if err != nil {
			return nil, err
		}
		if s.parent != pid {
			continue
		}
		child, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil {
			return nil, err
		}
		pids = append(pids, child)
	}
	return pids, nil
}
