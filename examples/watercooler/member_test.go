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
	"github.com/raxx-go/raxx/raxx/sse"
	"github.com/raxx-go/raxx/raxx/websocket"
)

func diff(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("got differs from want (-want +got):\n%s", d)
	}
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// emptyRoom is a room in which nothing has happened.
func emptyRoom(string) view { return new(room).view() }

func ada() member { return member{person: person{"1", "Ada"}, room: "tea"} }

// drive hands a member the events and returns the parts of the last one.
func drive(m member, events ...raxx.Event) (_ member, parts []raxx.Part) {
	for _, event := range events {
		m, parts = step(emptyRoom)(m, event)
	}
	return m, parts
}

func TestComingIn(t *testing.T) {
	hello := raxx.Publish{Topic: "room/tea", Message: `{"kind":"join","id":"1-join","from":"1","name":"Ada"}`}
	m, parts := drive(ada(), raxx.Open{})
	diff(t, []raxx.Part{raxx.Subscribe{Topic: "room/tea"}, hello, raxx.After{Name: "look"}}, parts)

	// What is heard before the member looks around is seen then.
	m, parts = drive(m, raxx.Info{Topic: "room/tea", Message: `{"kind":"say"}`})
	diff(t, []raxx.Part(nil), parts)
	m, parts = drive(m, raxx.Timer{Name: "look", At: noon})
	diff(t, []raxx.Part{websocket.Text(`{"kind":"room","you":"1","count":0,"people":[],"messages":[]}`)}, parts)
	_, parts = drive(m, raxx.Info{Topic: "room/tea", Message: `{"kind":"say"}`})
	diff(t, []raxx.Part{websocket.Text(`{"kind":"say"}`)}, parts)
}

// Over an event stream a member has a key, and hears what is posted with it.
func TestComingInByEventStream(t *testing.T) {
	m := ada()
	m.key = "secret"
	m, parts := drive(m, raxx.Open{})
	diff(t, raxx.Part(raxx.Subscribe{Topic: "key/secret", Full: raxx.DropNewest}), parts[1])
	m, parts = drive(m, raxx.Timer{Name: "look"})
	diff(t, []raxx.Part{sse.Event{Data: `{"kind":"room","you":"1","key":"secret","count":0,"people":[],"messages":[]}`}}, parts)
	_, parts = drive(m, raxx.Info{Topic: "key/secret", Message: "hot"}, raxx.Timer{Name: "say", At: noon})
	diff(t, []raxx.Part{said("1-00000001", "hot", noon)}, parts)
}

func said(id, text string, at time.Time) raxx.Part {
	return raxx.Publish{Topic: "room/tea", Message: encode(message{Kind: "say", ID: id, From: "1", Name: "Ada", Text: text, At: at.UnixMilli()})}
}

func TestSpeaking(t *testing.T) {
	m, parts := drive(ada(), websocket.Text("  one\r\n"))
	diff(t, []raxx.Part{raxx.After{Name: "say"}}, parts)
	_, parts = drive(m, websocket.Text("<b>two</b>\x07"), raxx.Timer{Name: "say", At: noon})
	diff(t, []raxx.Part{said("1-00000001", "one", noon), said("1-00000002", "<b>two</b>", noon)}, parts)
}

// The message is data in a page, and in between it is data in JSON.
func TestMarkupIsEscaped(t *testing.T) {
	_, parts := drive(ada(), websocket.Text("</script>\n\u2028\""), raxx.Timer{Name: "say", At: noon})
	want := `{"kind":"say","id":"1-00000001","from":"1","name":"Ada","text":"\u003c/script\u003e\n\u2028\"","at":1795348800000}`
	diff(t, []raxx.Part{raxx.Publish{Topic: "room/tea", Message: want}}, parts)
}

func TestRefusedMessages(t *testing.T) {
	tooLong := []raxx.Part{websocket.Text(`{"kind":"notice","text":"A message has 1 to 1,000 characters."}`)}
	for name, text := range map[string]string{"nothing": "", "space": " \n\t", "too long": strings.Repeat("é", 1001)} {
		t.Run(name, func(t *testing.T) {
			m, parts := drive(ada(), websocket.Text(text))
			diff(t, tooLong, parts)
			_, parts = drive(m, raxx.Timer{Name: "say"})
			diff(t, []raxx.Part(nil), parts)
		})
	}
	_, parts := drive(ada(), websocket.Text(strings.Repeat("é", 1000)))
	diff(t, []raxx.Part{raxx.After{Name: "say"}}, parts)
	_, parts = drive(ada(), websocket.Binary("x"))
	diff(t, []raxx.Part{websocket.Close{Code: websocket.UnsupportedData, Reason: "say it in text"}}, parts)
}

// Five messages at once, then one a second.
func TestPace(t *testing.T) {
	speak := func(m member, at time.Time) (member, bool) {
		m, parts := drive(m, websocket.Text("x"), raxx.Timer{Name: "say", At: at})
		_, published := parts[0].(raxx.Publish)
		return m, published
	}
	m, ok := ada(), false
	for i, tt := range []struct {
		after time.Duration
		want  bool
	}{
		{0, true}, {0, true}, {0, true}, {0, true}, {0, true}, {0, false},
		{999 * time.Millisecond, false}, {time.Second, true}, {time.Second, false},
		{2 * time.Second, true}, {2 * time.Second, false},
		{time.Hour, true}, {time.Hour, true}, {time.Hour, true}, {time.Hour, true}, {time.Hour, true}, {time.Hour, false},
	} {
		if m, ok = speak(m, noon.Add(tt.after)); ok != tt.want {
			t.Errorf("message %d after %v: %v, want %v", i, tt.after, ok, tt.want)
		}
	}
}

// However much comes at once, little of it waits.
func TestFlood(t *testing.T) {
	m := ada()
	for range 1000 {
		m, _ = drive(m, websocket.Text("x"))
	}
	if len(m.waiting) != atOnce {
		t.Errorf("%d wait, want %d", len(m.waiting), atOnce)
	}
	m, parts := drive(m, raxx.Timer{Name: "say", At: noon})
	if len(m.waiting) > 0 || len(parts) != burst+1 {
		t.Errorf("%d wait, %d parts", len(m.waiting), len(parts))
	}
	diff(t, raxx.Part(websocket.Text(`{"kind":"notice","text":"Not so fast. Wait a moment before you go on."}`)), parts[burst])
}

func TestLeaving(t *testing.T) {
	bye := []raxx.Part{raxx.Publish{Topic: "room/tea", Message: `{"kind":"leave","id":"1-leave","from":"1","name":"Ada"}`}}
	for _, end := range []raxx.Event{raxx.Closed{Reason: raxx.ClientGone}, raxx.Drain{}, websocket.Closed{Code: websocket.GoingAway}} {
		m, parts := drive(ada(), end)
		diff(t, bye, parts)
		_, parts = drive(m, raxx.Closed{})
		diff(t, []raxx.Part(nil), parts) // once
	}
}

// A state is a value: what happens to one copy does not happen to another.
func TestMembersAreValues(t *testing.T) {
	m, _ := drive(ada(), websocket.Text("one"))
	a, _ := drive(m, websocket.Text("two"))
	drive(m, websocket.Text("three"))
	diff(t, []string{"one", "two"}, a.waiting)
}

func TestNames(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		ok         bool
	}{
		{"Ada", "Ada", true},
		{"  Grace \t\n Hopper ", "Grace Hopper", true},
		{"日本 太郎", "日本 太郎", true},
		{"<b>", "<b>", true},
		{"A\u202eda\u200b\x00\xff", "Ada", true},
		{"", "", false},
		{" \u200b ", "", false},
		{strings.Repeat("é", 24), strings.Repeat("é", 24), true},
		{strings.Repeat("é", 25), strings.Repeat("é", 25), false},
	} {
		if got, ok := cleanName(tt.name); got != tt.want || ok != tt.ok {
			t.Errorf("%q: got %q, %v, want %q, %v", tt.name, got, ok, tt.want, tt.ok)
		}
	}
}

// Whatever is sent as text, what becomes of it is short, is UTF-8, and holds no
// control characters.
func FuzzText(f *testing.F) {
	for _, text := range []string{"", "a", " \x00 ", "\xff\xfe", "a\nb\tc\r\n", strings.Repeat("é", 1001)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := cleanText(text)
		again, _ := cleanText(got)
		if again != got {
			t.Errorf("%q becomes %q, and that %q", text, got, again)
		}
		if ok && (got == "" || len(got) > 4*longestText || strings.ContainsAny(got, "\x00\r\x1b\x7f")) {
			t.Errorf("%q becomes %q", text, got)
		}
	})
}

// Whoever is in a room for hours keeps nothing else of what the request has said.
func TestMemberKeepsNoHead(t *testing.T) {
	a := app{secret: func() string { return "0123456789 is secret" }}
	m, head := func() (member, weak.Pointer[byte]) {
		head := strings.Join([]string{"/rooms/tea/events", "name=Ada", "cookie:"}, " ")
		req := raxx.Request{Path: head[:17], Query: head[18:26]}.WithParams(raxx.Param{Name: "room", Value: head[7:10]})
		m, err := a.member(req)
		if err != nil || m.room != "tea" || m.Name != "Ada" {
			t.Fatal(m, err)
		}
		return m, weak.Make(unsafe.StringData(head))
	}()
	runtime.GC()
	if head.Value() != nil {
		t.Error("the head of the request is kept")
	}
	runtime.KeepAlive(&m)
}
