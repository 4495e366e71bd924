package sse_test

import (
	"strconv"
	"testing"

	"github.com/raxx-go/raxx/raxx/sse"
)

func numbered(from, to int) (events []sse.Event) {
	for i := from; i <= to; i++ {
		events = append(events, sse.Event{ID: strconv.Itoa(i), Data: "n" + strconv.Itoa(i)})
	}
	return events
}

func TestHistory(t *testing.T) {
	for _, tt := range []struct {
		name  string
		added int
		since string
		want  []sse.Event
		known bool
	}{
		{"empty", 0, "1", nil, false},
		{"some", 3, "1", numbered(2, 3), true},
		{"nothing is missed", 3, "3", nil, true},
		{"full", 4, "1", numbered(2, 4), true},
		{"the oldest is gone", 6, "3", numbered(4, 6), true},
		{"too long ago", 9, "5", numbered(6, 9), false},
		{"never was", 9, "x", numbered(6, 9), false},
		{"many times full", 99, "96", numbered(97, 99), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := sse.NewHistory(4)
			for _, event := range numbered(1, tt.added) {
				if err := h.Add(event); err != nil {
					t.Fatal(err)
				}
			}
			got, known := h.Since(tt.since)
			if len(got) == 0 {
				got = nil
			}
			diff(t, tt.want, got)
			diff(t, tt.known, known)
		})
	}
}

func TestHistoriesAreComparedByTheirEvents(t *testing.T) {
	one, two, other := sse.NewHistory(2), sse.NewHistory(2), sse.NewHistory(2)
	for _, event := range numbered(1, 3) {
		one.Add(event)
	}
	for _, event := range numbered(2, 3) {
		two.Add(event)
	}
	diff(t, sse.Config{History: one}, sse.Config{History: two})
	var none *sse.History
	if one.Equal(other) || one.Equal(nil) || none.Equal(one) || other.Equal(sse.NewHistory(3)) {
		t.Error("histories of other events are equal")
	}
	if !none.Equal(nil) {
		t.Error("no history is not equal to no history")
	}
}

func TestHistoryRefuses(t *testing.T) {
	h := sse.NewHistory(2)
	if h.Add(sse.Event{ID: "1\n"}) == nil || h.Add(sse.Event{Data: "no id"}) != nil {
		t.Error("Add takes what can't be sent, or refuses what nobody asks for")
	}
	if all, _ := h.Since("unknown"); len(all) != 0 {
		t.Errorf("it kept %v", all)
	}
	defer func() {
		if recover() == nil {
			t.Error("NewHistory(0) made a history")
		}
	}()
	sse.NewHistory(0)
}
