package main

import (
	"strings"
	"testing"
	"time"
)

func TestParseOptions(t *testing.T) {
	o, err := parseOptions(strings.Fields("-works echo,hello -peers nginx,ace -rounds 2 -time 4s -warmup 0 -idle 0 -procs 1"))
	if err != nil {
		t.Fatal(err)
	}
	if got := names(o.works) + " " + names(o.peers); got != "hello,echo ace,nginx" {
		t.Errorf("chose %q, want the works and peers in their own order", got)
	}
	if o.rounds != 2 || o.window != 4*time.Second || o.warmup != 0 || o.idle != 0 || o.procs != 1 {
		t.Errorf("options = %+v", o)
	}
}

func TestParseOptionsDefaults(t *testing.T) {
	o, err := parseOptions(nil)
	if err != nil || len(o.works) != len(works) || len(o.peers) != len(peers) || o.rounds != 3 || o.idle != 15000 ||
		names(o.safety) != "isolation,attacks" || len(o.harms) != len(allHarms()) {
		t.Errorf("options = %+v, %v", o, err)
	}
}

func TestParseOptionsRefuses(t *testing.T) {
	for _, args := range []string{
		"-works goodbye", "-peers apache", "-time 1500ms", "-time 0", "-rounds 0", "-procs 0",
		"-connections 1 -threads 2", "-safety none,attacks", "-harms kindness", "-harm-time 1ms", "-idle -1", "-idle 19000", "stray",
	} {
		if _, err := parseOptions(strings.Fields(args)); err == nil {
			t.Errorf("%q is accepted", args)
		}
	}
}
