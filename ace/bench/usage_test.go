package main

import (
	"os"
	"runtime"
	"slices"
	"testing"
	"time"
)

const onLinux = runtime.GOOS == "linux"

func TestParseStat(t *testing.T) {
	const text = "4711 (ngi) x (nx) S 4710 4711 4711 0 -1 4194560 3402 0 12 0 250 75 1 2 20 0 7 0 123456 1000 200\n"
	got, err := parseStat(text)
	if want := (stat{4710, 3250 * time.Millisecond}); err != nil || got != want {
		t.Errorf("parseStat = %+v, %v, want %+v", got, err, want)
	}
	for _, text := range []string{"", "1 (a) S 1", "1 (a) S x 1 1 1 1 1 1 1 1 1 1 1 1"} {
		if _, err := parseStat(text); err == nil {
			t.Errorf("parseStat(%q) gives no error", text)
		}
	}
}

func TestParseRollup(t *testing.T) {
	const text = "560ef980d000-7ffeba404000 ---p 00000000 00:00 0     [rollup]\nRss:                1692 kB\nPss:                 336 kB\n"
	got, err := parseRollup(text)
	if err != nil || got != 1692<<10 {
		t.Errorf("parseRollup = %d, %v, want %d", got, err, 1692<<10)
	}
	if _, err := parseRollup("Pss: 1 kB\n"); err == nil {
		t.Error("parseRollup without Rss gives no error")
	}
}

func TestUsageOfAProcessAndItsChildren(t *testing.T) {
	if !onLinux {
		t.Skip("/proc is read on Linux only")
	}
	p, err := find(peers, "net/http")
	if err != nil {
		t.Fatal(err)
	}
	s := launched(t, p, works[0])
	if u, err := s.usage(); err != nil || u.rss < 1<<20 {
		t.Errorf("usage = %+v, %v, want more than a mebibyte", u, err)
	}
	pids, err := family(os.Getpid())
	if err != nil || !slices.Contains(pids, os.Getpid()) || !slices.Contains(pids, s.cmd.Process.Pid) {
		t.Errorf("family = %v, %v, want this process and %d", pids, err, s.cmd.Process.Pid)
	}
}
