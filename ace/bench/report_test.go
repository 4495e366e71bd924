package main

import (
	"strings"
	"testing"
	"time"
)

func TestReport(t *testing.T) {
	o, err := parseOptions([]string{"-peers", "ace,fasthttp", "-o", "x.md"})
	if err != nil {
		t.Fatal(err)
	}
	r := newReport(o)
	r.began = time.Date(2026, 11, 22, 13, 5, 0, 0, time.UTC)
	r.sections = []string{"### first\n", "### second\n"}
	text := r.markdown()
	for _, want := range []string{
		"| command | `go run ./ace/bench -peers ace,fasthttp -o x.md` |",
		"| date | 2026-11-22 13:05 UTC |",
		"| fasthttp | v1.69.0, router v1.5.4 |",
		"## How it is measured\n",
		"## Results\n\n### first\n\n### second\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the report does not hold %q:\n%s", want, text)
		}
	}
}
