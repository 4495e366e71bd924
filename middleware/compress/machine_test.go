package compress

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/raxx-go/raxx/raxx"
)

// ticks sends an event for each Info, and ends at a Drain.
func ticks(n int, event raxx.Event) (int, []raxx.Part) {
	switch event.(type) {
	case raxx.Open:
		return n, []raxx.Part{raxx.Subscribe{Topic: "t"}, raxx.Data(""), raxx.After{Delay: time.Second}}
	case raxx.Info:
		return n + 1, []raxx.Part{raxx.Data(tick(n))}
	case raxx.Drain:
		return n, []raxx.Part{raxx.Data("bye"), raxx.Tail{Trailer: raxx.Header{{Name: "n", Value: "1"}}}}
	}
	return n, nil
}

func tick(n int) string {
	return fmt.Sprintf("event: price\ndata: {\"symbol\": \"RAXX\", \"exchange\": \"Tokyo\", \"price\": %d.50, \"volume\": %d}\n\n", n, n*n)
}

// content returns the data among parts, and the other ones.
func content(parts []raxx.Part) (sent []byte, rest []raxx.Part) {
	for _, p := range parts {
		if d, ok := p.(raxx.Data); ok {
			sent = append(sent, d...)
		} else {
			rest = append(rest, p)
		}
	}
	return sent, rest
}

func TestMachine(t *testing.T) {
	resp := get("gzip, br, zstd", raxx.Reply(200, "text/event-stream", raxx.NewMachine(0, ticks)).WithDo(raxx.Publish{Topic: "a"}))
	diff(t, "gzip", resp.Header.Get("content-encoding"))
	diff(t, []raxx.Effect{raxx.Publish{Topic: "a"}}, resp.Do)
	m, parts := resp.Body.(raxx.Machine).Step(raxx.Open{})
	diff(t, []raxx.Part{raxx.Subscribe{Topic: "t"}, raxx.After{Delay: time.Second}}, parts)
	var sent []byte
	want := ""
	for i := range 50 {
		before := m
		m, parts = m.Step(raxx.Info{})
		piece, rest := content(parts)
		diff(t, 0, len(rest))
		sent = append(sent, piece...)
		want += tick(i)
		diff(t, want, decoded(t, "gzip", sent))

		// A step leaves the machine that it was called on as it was.
		again, sameParts := before.Step(raxx.Info{})
		diff(t, parts, sameParts)
		diff(t, true, again.Equal(m))
		diff(t, false, before.Equal(m))
	}
	if len(sent) > len(want)/2 {
		t.Errorf("%d bytes became %d", len(want), len(sent))
	}
	_, parts = m.Step(raxx.Drain{})
	piece, rest := content(parts)
	diff(t, []raxx.Part{raxx.Tail{Trailer: raxx.Header{{Name: "n", Value: "1"}}}}, rest)
	diff(t, want+"bye", whole(t, append(sent, piece...)))
	if _, last := parts[len(parts)-1].(raxx.Tail); !last {
		t.Errorf("the last part is %v", parts[len(parts)-1])
	}
}

// whole is decoded for content that has to be complete.
func whole(t *testing.T, sent []byte) string {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

func TestMachineLeftAlone(t *testing.T) {
	sse := raxx.Reply(200, "text/event-stream", raxx.NewMachine(0, ticks))
	for name, resp := range map[string]raxx.Response{
		"small by its own word":      sse.With("content-length", "10"),
		"marked":                     sse.With("cache-control", "no-transform"),
		"of a type that does gain":   raxx.Reply(200, "video/mp4", raxx.NewMachine(0, ticks)),
		"a protocol that took over ": {Status: 101, Body: raxx.NewMachine(0, ticks)},
	} {
		t.Run(name, func(t *testing.T) { diff(t, resp, get("gzip", resp)) })
	}
	// Only gzip can be made without an encoder.
	got := get("br, zstd", sse)
	diff(t, sse.With("vary", "accept-encoding"), got)
}

// said is a machine that says these parts when it is opened, and dies of Info.
func said(parts ...raxx.Part) raxx.Machine {
	return raxx.NewMachine(0, func(n int, event raxx.Event) (int, []raxx.Part) {
		if _, ok := event.(raxx.Open); ok {
			return n, parts
		}
		return n, nil
	})
}

func TestDeferredHead(t *testing.T) {
	head := raxx.Reply(200, "text/plain", nil)
	coded := head.With("vary", "accept-encoding").With("content-encoding", "gzip")
	tests := []struct {
		name   string
		accept string
		parts  []raxx.Part
		want   []raxx.Part // but for data
		text   string
	}{
		{"data behind the head", "gzip", []raxx.Part{raxx.Inform{Status: 103}, head, raxx.Data("abc"), raxx.Data("def"), raxx.Tail{}},
			[]raxx.Part{raxx.Inform{Status: 103}, coded, raxx.Tail{}}, "abcdef"},
		{"none", "gzip", []raxx.Part{head, raxx.Tail{}}, []raxx.Part{coded, raxx.Tail{}}, ""},
		{"a client that takes none", "identity", []raxx.Part{head, raxx.Data("abc"), raxx.Tail{}},
			[]raxx.Part{head.With("vary", "accept-encoding"), raxx.Tail{}}, "abc"},
		{"another type", "gzip", []raxx.Part{head.With("content-type", "image/png"), raxx.Data("abc"), raxx.Tail{}},
			[]raxx.Part{head.With("content-type", "image/png"), raxx.Tail{}}, "abc"},
		{"marked", "gzip", []raxx.Part{head.With("content-encoding", "identity"), raxx.Data("abc"), raxx.Tail{}},
			[]raxx.Part{head, raxx.Tail{}}, "abc"},
		{"a whole reply that is small", "gzip", []raxx.Part{raxx.Text(500, "oh")}, []raxx.Part{raxx.Text(500, "oh")}, ""},
		{"a switch of protocols", "gzip", []raxx.Part{raxx.Response{Status: 101}, raxx.Data("abc")},
			[]raxx.Part{raxx.Response{Status: 101}}, "abc"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resp := get(tt.accept, raxx.Defer(said(tt.parts...)))
			diff(t, 0, resp.Status)
			_, parts := resp.Body.(raxx.Machine).Step(raxx.Open{})
			sent, rest := content(parts)
			diff(t, tt.want, rest)
			coding := ""
			for _, p := range rest {
				if head, ok := p.(raxx.Response); ok {
					coding = head.Header.Get("content-encoding")
				}
			}
			diff(t, tt.text, decoded(t, coding, sent))
		})
	}
}

func TestDeferredWholeReply(t *testing.T) {
	resp := get("br", raxx.Defer(said(raxx.HTML(404, page))))
	_, parts := resp.Body.(raxx.Machine).Step(raxx.Open{})
	got := parts[0].(raxx.Response)
	diff(t, "br", got.Header.Get("content-encoding"))
	diff(t, page, complete(t, got))
}

func TestAbort(t *testing.T) {
	abort := raxx.Abort{Cause: raxx.NewCause(errors.New("oh"))}
	resp := get("gzip", raxx.Reply(200, "text/plain", said(raxx.Data("abc"), abort)))
	_, parts := resp.Body.(raxx.Machine).Step(raxx.Open{})
	sent, rest := content(parts)
	diff(t, []raxx.Part{abort}, rest)
	diff(t, "abc", decoded(t, "gzip", sent))
}

// Any content in any pieces is what a client makes of it.
func FuzzMachine(f *testing.F) {
	f.Add([]byte("data: a\n\ndata: b\n\n"), uint16(3))
	f.Add([]byte(page), uint16(1000))
	f.Add([]byte(strings.Repeat("\x00\xff", 20_000)), uint16(65535))
	f.Fuzz(func(t *testing.T, all []byte, size uint16) {
		var d deflated
		var sent []byte
		for rest := all; len(rest) > 0; {
			n := min(len(rest), int(size)+1+len(all)/32)
			var part raxx.Part
			d, part = d.data(raxx.Data(rest[:n]))
			sent, rest = append(sent, part.(raxx.Data)...), rest[n:]
			if len(d.last) > dictionarySize {
				t.Fatalf("%d bytes are kept", len(d.last))
			}
		}
		sent = append(sent, d.end().(raxx.Data)...)
		if got := whole(t, sent); got != string(all) {
			t.Fatalf("got %q, want %q", got, all)
		}
	})
}

// Content may be a small piece of something large, which is not to be kept.
func TestDictionaryIsACopy(t *testing.T) {
	large := strings.Repeat("x", 1<<20)
	for _, kept := range []string{"", "a"} {
		last := lastOf(kept, large[100:200])
		diff(t, kept+large[100:200], last)
		if unsafe.StringData(last) == unsafe.StringData(large[100:]) {
			t.Error("the dictionary keeps the memory of the content")
		}
	}
}

// A machine that promised a length and sends another one breaks its reply off.
func TestPromiseOfAMachine(t *testing.T) {
	for want, promised := range map[string]string{
		"": "10000", "compress: the content ended 1 bytes before the length that it promised": "10001",
		"compress: the content is longer than it promised": "9999",
	} {
		head := raxx.Reply(200, "text/plain", nil).With("content-length", promised)
		step := func(n int, _ raxx.Event) (int, []raxx.Part) {
			parts := []raxx.Part{raxx.Data(strings.Repeat("a", 5000))}
			if n == 1 {
				parts = append(parts, raxx.Tail{})
			}
			return n + 1, parts
		}
		deferred := func(n int, event raxx.Event) (int, []raxx.Part) {
			n, parts := step(n, event)
			if n == 1 {
				parts = append([]raxx.Part{head}, parts...)
			}
			return n, parts
		}
		for _, resp := range []raxx.Response{head.WithBody(raxx.NewMachine(0, step)), raxx.Defer(raxx.NewMachine(0, deferred))} {
			resp.Header = head.Header
			if resp.Status == 0 {
				resp.Header = nil
			}
			m, _ := get("gzip", resp).Body.(raxx.Machine).Step(raxx.Open{})
			_, parts := m.Step(raxx.Info{})
			message := ""
			switch end := parts[len(parts)-1].(type) {
			case raxx.Abort:
				message = end.Cause.String()
			case raxx.Tail:
			default:
				t.Errorf("it ends with a %T", end)
			}
			diff(t, want, message)
		}
		// In reply to HEAD nobody is promised anything.
		resp := Config{}.Middleware()(answer(raxx.Defer(raxx.NewMachine(0, deferred))))(raxx.Head("/").With("accept-encoding", "gzip"))
		m, _ := resp.Body.(raxx.Machine).Step(raxx.Open{})
		_, parts := m.Step(raxx.Info{})
		if _, whole := parts[len(parts)-1].(raxx.Tail); !whole {
			t.Errorf("in reply to HEAD it sends %v", parts)
		}
	}
}

// A wordy says one piece, and breaks off by the next event, with last words.
type wordy struct{}

func (w wordy) step(event raxx.Event) (wordy, []raxx.Part) {
	if _, ok := event.(raxx.Open); ok {
		return w, []raxx.Part{raxx.Data("one ")}
	}
	return w, []raxx.Part{raxx.Abort{}}
}

func (wordy) LastWords() raxx.Data { return "two" }

// What a machine says last is coded like the rest, and ends it; not where a length was
// promised, with which the reply can't be whole.
func TestLastWords(t *testing.T) {
	resp := raxx.Reply(200, "text/event-stream", raxx.NewMachine(wordy{}, wordy.step))
	for _, test := range []struct {
		name string
		resp raxx.Response
		want string // decoded
	}{
		{"coded", resp, "one two"},
		{"of a length that was promised", resp.With("content-length", "10000"), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			m, parts := get("gzip", test.resp).Body.(raxx.Machine).Step(raxx.Open{})
			sent, _ := content(parts)
			m, _ = m.Step(raxx.Info{})
			words := m.LastWords()
			if test.want == "" {
				diff(t, raxx.Data(""), words)
				return
			}
			diff(t, test.want, whole(t, append(sent, words...)))
		})
	}
	m, _ := get("br", resp).Body.(raxx.Machine).Step(raxx.Open{})
	diff(t, raxx.Data("two"), m.LastWords())
}
