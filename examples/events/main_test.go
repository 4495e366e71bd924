package main

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
	"github.com/raxx-go/raxx/raxx/sse"
)

func diff(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("got differs from want (-want +got):\n%s", d)
	}
}

// at returns the time of a tick, of which there is one a second.
func at(n int64) time.Time { return time.Unix(n, 0) }

func tick(n int64) raxx.Part {
	return sse.Event{ID: strconv.FormatInt(n, 10), Type: "tick", Data: at(n).UTC().Format("2006-01-02T15:04:05.000Z")}
}

var again = raxx.After{Delay: time.Second}

// A machine is a function: an event goes in, and a list comes out.
func TestStep(t *testing.T) {
	for _, tt := range []struct {
		name  string
		last  int64
		event raxx.Event
		want  []raxx.Part
		seen  int64
	}{
		{"the first event brings no time", 0, raxx.Open{}, []raxx.Part{raxx.After{}}, 0},
		{"a new client gets the tick that was last", 0, raxx.Timer{At: at(1000)}, []raxx.Part{tick(1000), again}, 1000},
		{"between two ticks", 0, raxx.Timer{At: at(1000).Add(300 * time.Millisecond)}, []raxx.Part{tick(1000), raxx.After{Delay: 700 * time.Millisecond}}, 1000},
		{"the next tick", 1000, raxx.Timer{At: at(1001)}, []raxx.Part{tick(1001), again}, 1001},
		{"too early by a little", 1000, raxx.Timer{At: at(1001).Add(-1)}, []raxx.Part{raxx.After{Delay: 1}}, 1000},
		{"a client that comes back", 997, raxx.Timer{At: at(1000)}, []raxx.Part{tick(998), tick(999), tick(1000), again}, 1000},
		{"one that has missed nothing", 1000, raxx.Timer{At: at(1000)}, []raxx.Part{again}, 1000},
		{"one that comes from the future", 2000, raxx.Timer{At: at(1000)}, []raxx.Part{tick(1000), again}, 1000},
		{"a server that shuts down", 1000, raxx.Drain{}, []raxx.Part{sse.Event{Type: "goodbye", Data: "The server shuts down."}}, 1000},
		{"a client that has gone", 1000, raxx.Closed{Reason: raxx.ClientGone}, nil, 1000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, parts := ticker{time.Second, tt.last}.step(tt.event)
			diff(t, tt.want, parts)
			if got.last != tt.seen {
				t.Errorf("has seen %d, want %d", got.last, tt.seen)
			}
		})
	}
}

// Whoever was away for too long is told how much is missing.
func TestMuchIsMissed(t *testing.T) {
	for _, tt := range []struct{ missed, want, lost int64 }{{50, 50, 0}, {51, 50, 1}, {1_000_000, 50, 999_950}} {
		_, parts := ticker{time.Second, 5000}.step(raxx.Timer{At: at(5000 + tt.missed)})
		if tt.lost > 0 {
			diff(t, raxx.Part(sse.Event{Type: "lost", Data: strconv.FormatInt(tt.lost, 10)}), parts[0])
			parts = parts[1:]
		}
		diff(t, tick(5000+tt.missed-49), parts[0])
		if len(parts) != int(tt.want)+1 {
			t.Errorf("%d ticks, want %d", len(parts)-1, tt.want)
		}
	}
}

// The whole application, with a clock that stands still until it is told to go on.
func TestEvents(t *testing.T) {
	server := raxxtest.NewServer(app(500 * time.Millisecond))
	page, err := server.EventSource(raxx.Get("/ticks"))
	if err != nil {
		t.Fatal(err)
	}
	server.Advance(2 * time.Second)
	diff(t, 5, len(page.Events()))

	page.Close()
	server.Advance(3 * time.Second)
	if err := page.Reconnect(); err != nil {
		t.Fatal(err)
	}
	server.Advance(0)
	missed := page.Events()
	diff(t, 6, len(missed))
	diff(t, "2000-01-01T00:00:02.500Z", missed[0].Data)

	server.Drain()
	diff(t, []sse.Event{{Type: "goodbye", Data: "The server shuts down."}}, page.Events())
	if !page.Ended() || page.Retry() == 0 {
		t.Errorf("ended %v, retry %v", page.Ended(), page.Retry())
	}
}

func TestWhatWasSeenLast(t *testing.T) {
	for _, tt := range []struct {
		name string
		req  raxx.Request
		want int64
	}{
		{"nothing", raxx.Get("/ticks"), 0},
		{"by the browser", raxx.Get("/ticks").With("last-event-id", "7"), 7},
		{"by the page", raxx.Get("/ticks?after=7"), 7},
		{"the browser knows better", raxx.Get("/ticks?after=7").With("last-event-id", "9"), 9},
		{"no number", raxx.Get("/ticks?after=x"), 0},
		{"less than any", raxx.Get("/ticks?after=-7"), 0},
		{"more than any", raxx.Get("/ticks?after=99999999999999999999"), 1<<63 - 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := sse.Stream(tt.req, sse.Config{}, raxx.NewMachine(ticker{time.Second, tt.want}, ticker.step))
			diff(t, want, app(time.Second)(tt.req))
		})
	}
	diff(t, 400, app(time.Second)(raxx.Get("/ticks?after=%")).Status)
	diff(t, 200, app(time.Second)(raxx.Get("/")).Status)
}
