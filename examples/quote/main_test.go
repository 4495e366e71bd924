package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
)

func TestQuote(t *testing.T) {
	day := time.Date(2001, 2, 3, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		event raxx.Event
		want  []raxx.Part
	}{
		{raxx.Open{}, []raxx.Part{raxx.After{}}},
		{raxx.Data("what comes is thrown away"), nil},
		{raxx.Tail{}, nil}, // there is still a quote to send
		{raxx.Timer{At: day}, []raxx.Part{raxx.Data(ofDay(day) + "\r\n"), raxx.Tail{}}},
	} {
		if _, got := quote(struct{}{}, tt.event); cmp.Diff(tt.want, got) != "" {
			t.Errorf("%T: got %v, want %v", tt.event, got, tt.want)
		}
	}
}

func TestQuoteIsThatOfTheDay(t *testing.T) {
	first := time.Date(2001, 2, 3, 0, 0, 0, 0, time.UTC)
	seen := make(map[string]bool)
	for i := range quotes {
		day := first.AddDate(0, 0, i)
		if ofDay(day) != ofDay(day.Add(24*time.Hour-1)) {
			t.Errorf("%v begins and ends with another quote", day)
		}
		seen[ofDay(day)] = true
	}
	if len(seen) != len(quotes) {
		t.Errorf("there are %d quotes in %d days", len(seen), len(quotes))
	}
}

// RFC 865: printable ASCII, and less than 512 characters.
func TestQuotesKeepTheRule(t *testing.T) {
	for _, q := range quotes {
		for _, c := range q + "\r\n" {
			if (c < ' ' || c > '~') && c != '\r' && c != '\n' {
				t.Errorf("%q is not printable", q)
			}
		}
		if len(q) > 509 {
			t.Errorf("%q is too long", q)
		}
	}
}
