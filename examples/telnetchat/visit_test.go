package main

import (
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"
	"weak"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// A meeting is a server without a socket, to which guests come.
type meeting struct {
	t *testing.T
	*raxxtest.Server
}

func meet(t *testing.T) meeting {
	return meeting{t, raxxtest.NewServer(func(raxx.Request) raxx.Response {
		return raxx.Reply(200, "text/plain", chat(time.Minute))
	})}
}

// A guest is one connection.
type guest struct {
	t *testing.T
	*raxxtest.Exchange
	heard int // how much of the content
}

func (m meeting) comes(name string) *guest {
	m.t.Helper()
	g := &guest{m.t, m.Serve(raxx.Get("/")), 0}
	g.hears("Who are you?")
	g.says(name)
	g.hears("Welcome, " + name + ". /quit leaves.")
	return g
}

// says sends lines.
func (g *guest) says(lines ...string) {
	for _, line := range lines {
		g.Send(raxx.Data(line + "\r\n"))
	}
}

// hears wants these lines since the last call.
func (g *guest) hears(want ...string) {
	g.t.Helper()
	content := string(g.Content())
	got := strings.Split(strings.TrimSuffix(content[g.heard:], "\r\n"), "\r\n")
	if content[g.heard:] == "" {
		got = nil
	}
	g.heard = len(content)
	if diff := cmp.Diff(want, got); diff != "" {
		g.t.Errorf("heard (-want +got):\n%s", diff)
	}
}

// isGone wants the connection to have come to its end.
func (g *guest) isGone() {
	g.t.Helper()
	if !g.Ended() || g.Err() != nil {
		g.t.Errorf("ended: %t, %v", g.Ended(), g.Err())
	}
}

func TestEverybodyHearsWhatIsSaid(t *testing.T) {
	m := meet(t)
	ada := m.comes("Ada")
	bob := m.comes("Bob")
	ada.hears("* Bob has come")
	ada.says("hello", "", "  how are you? ")
	for _, g := range []*guest{ada, bob} {
		g.hears("Ada: hello", "Ada: how are you?")
	}
	bob.says("/quit")
	bob.hears("Bye.")
	bob.isGone()
	ada.hears("* Bob has left")
}

func TestLinesComeInAnyPieces(t *testing.T) {
	m := meet(t)
	ada := m.comes("Ada")
	for _, piece := range []string{"he", "llo\r", "\none\ntwo\r\nthr", "ee\n"} {
		ada.Send(raxx.Data(piece))
	}
	ada.hears("Ada: hello", "Ada: one", "Ada: two", "Ada: three")
	ada.Send(raxx.Data("four\r\n/quit\r\nfive\r\n"))
	ada.hears("Bye.") // what she said last comes to her no more
	ada.isGone()
}

func TestNames(t *testing.T) {
	m := meet(t)
	g := &guest{t, m.Serve(raxx.Get("/")), 0}
	g.hears("Who are you?")
	for _, bad := range []string{"", " ", "\x1b\a", strings.Repeat("x", 21)} {
		g.says(bad)
		g.hears("A name has 1 to 20 letters. Who are you?")
	}
	g.says(strings.Repeat("ä", 20))
	g.hears("Welcome, " + strings.Repeat("ä", 20) + ". /quit leaves.")
}

func TestWhoIsNotNamedIsNotHeardOf(t *testing.T) {
	m := meet(t)
	ada := m.comes("Ada")
	for _, event := range []raxx.Event{raxx.Data("/quit\r\n"), raxx.Tail{}, raxx.Closed{Reason: raxx.ClientGone}} {
		m.Serve(raxx.Get("/")).Send(event)
	}
	ada.says("is there anybody?")
	ada.hears("Ada: is there anybody?")
}

func TestEnds(t *testing.T) {
	for name, tt := range map[string]struct {
		do   func(m meeting, ada *guest)
		want []string
	}{
		"its end":             {func(_ meeting, ada *guest) { ada.Send(raxx.Tail{}) }, []string{"Bye."}},
		"a line without end":  {func(_ meeting, ada *guest) { ada.Send(raxx.Data(strings.Repeat("x", lineAtMost+1))) }, []string{"That line is too long."}},
		"a line that is long": {func(_ meeting, ada *guest) { ada.says(strings.Repeat("x", lineAtMost+1)) }, []string{"That line is too long."}},
		"silence":             {func(m meeting, _ *guest) { m.Advance(time.Minute) }, []string{"You have been silent for too long."}},
		"a drain":             {func(m meeting, _ *guest) { m.Drain() }, []string{"The server shuts down."}},
	} {
		t.Run(name, func(t *testing.T) {
			m := meet(t)
			ada := m.comes("Ada")
			tt.do(m, ada)
			ada.hears(tt.want...)
			ada.isGone()
		})
	}
	t.Run("a client that is lost", func(t *testing.T) {
		m := meet(t)
		ada, bob := m.comes("Ada"), m.comes("Bob")
		bob.Send(raxx.Closed{Reason: raxx.ClientGone})
		ada.hears("* Bob has come", "* Bob has left")
	})
	t.Run("who says something is not silent", func(t *testing.T) {
		m := meet(t)
		ada := m.comes("Ada")
		for range 5 {
			m.Advance(50 * time.Second)
			ada.says("still here")
			ada.hears("Ada: still here")
		}
	})
	t.Run("a long line is said", func(t *testing.T) {
		ada := meet(t).comes("Ada")
		line := strings.Repeat("x", lineAtMost)
		ada.says(line)
		ada.hears("Ada: " + line)
	})
}

func TestStepIsPure(t *testing.T) {
	raxxtest.Pure(t, raxx.Reply(200, "text/plain", chat(time.Minute)),
		raxx.Open{}, raxx.Data("Ada\r\nhel"), raxx.Data("lo\r\n"), raxx.Info{Topic: room, Message: "Ada: hello"}, raxx.Timer{})
}

// What is kept is the name and the line that has begun, and not all that came with
// them.
func TestStateKeepsNoMore(t *testing.T) {
	v, came := func() (visit, weak.Pointer[byte]) {
		data := "Ada\r\n" + strings.Repeat("\r\n", 5000) + "Hel"
		v, _ := visit{silence: time.Minute}.step(raxx.Data(data))
		if v.name != "Ada" || v.begun != "Hel" {
			t.Fatalf("the state is %+v", v)
		}
		return v, weak.Make(unsafe.StringData(data))
	}()
	runtime.GC()
	if came.Value() != nil {
		t.Error("all that came is kept")
	}
	runtime.KeepAlive(&v)
}
