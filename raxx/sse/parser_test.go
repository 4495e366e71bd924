package sse_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/sse"
)

// By the sections of the HTML standard: 9.2.5 is the grammar, 9.2.6 says how it
// is read.
var streams = []struct {
	name   string
	stream raxx.Data
	want   []sse.Event
	last   string
}{
	{"9.2.5 lines end with LF", "data: a\n\n", []sse.Event{{Data: "a"}}, ""},
	{"9.2.5 lines end with CR", "data: a\rdata: b\r\r", []sse.Event{{Data: "a\nb"}}, ""},
	{"9.2.5 lines end with CRLF", "data: a\r\ndata: b\r\n\r\n", []sse.Event{{Data: "a\nb"}}, ""},
	{"9.2.5 line ends may be mixed", "data: a\rdata: b\n\r\ndata: c\r\r\n", []sse.Event{{Data: "a\nb"}, {Data: "c"}}, ""},
	{"9.2.5 a BOM at the beginning is taken away", "\ufeffdata: a\n\n", []sse.Event{{Data: "a"}}, ""},
	{"9.2.5 only one BOM is", "\ufeff\ufeffdata: a\n\n", nil, ""},
	{"9.2.5 and only at the beginning", "\n\ufeffdata: a\n\n", nil, ""},
	{"9.2.6 what is not UTF-8 is replaced", "data: a\xffb\n\n", []sse.Event{{Data: "a\ufffdb"}}, ""},
	{"9.2.6 once for each beginning of a character", "data: \xff\xff|\xe2\x82|\xf0\x9f\x92|\xc0\xaf|\xed\xa0\x80|\xe2\x82\n\n",
		[]sse.Event{{Data: "\ufffd\ufffd|\ufffd|\ufffd|\ufffd\ufffd|\ufffd\ufffd\ufffd|\ufffd"}}, ""},
	{"9.2.6 a comment is ignored", ": hello\n:\ndata: a\n:x\n\n", []sse.Event{{Data: "a"}}, ""},
	{"9.2.6 one space is taken away", "data:a\n\ndata: a\n\ndata:  a\n\n", []sse.Event{{Data: "a"}, {Data: "a"}, {Data: " a"}}, ""},
	{"9.2.6 a line without a colon is a name", "data\n\ndata\ndata\n\n", []sse.Event{{Type: "message"}, {Data: "\n"}}, ""},
	{"9.2.6 the value begins behind the first colon", "data: a: b\n\n", []sse.Event{{Data: "a: b"}}, ""},
	{"9.2.6 names are case-sensitive", "Data: a\nDATA: b\n\n", nil, ""},
	{"9.2.6 a name with a space is another one", " data: a\ndata : b\n\n", nil, ""},
	{"9.2.6 unknown fields are ignored", "foo: 1\ndata: a\n\n", []sse.Event{{Data: "a"}}, ""},
	{"9.2.6 data is joined with LF", "data: YHOO\ndata: +2\ndata: 10\n\n", []sse.Event{{Data: "YHOO\n+2\n10"}}, ""},
	{"9.2.6 the last type counts", "event: a\nevent: b\ndata: x\n\n", []sse.Event{{Type: "b", Data: "x"}}, ""},
	{"9.2.6 the type holds for one event", "event: a\ndata: x\n\ndata: y\n\n", []sse.Event{{Type: "a", Data: "x"}, {Data: "y"}}, ""},
	{"9.2.6 without data nothing is dispatched", "event: a\n\n\n\ndata: x\n\n", []sse.Event{{Data: "x"}}, ""},
	{"9.2.6 empty data is dispatched", "event: a\ndata:\n\n", []sse.Event{{Type: "a"}}, ""},
	{"9.2.6 the id is remembered", "id: 1\ndata: a\n\ndata: b\n\n", []sse.Event{{ID: "1", Data: "a"}, {Data: "b"}}, "1"},
	{"9.2.6 an id needs no data", "id: 1\n\n", []sse.Event{{ID: "1"}}, "1"},
	{"9.2.6 an empty id forgets", "id: 1\ndata: a\n\nid\ndata: b\n\n", []sse.Event{{ID: "1", Data: "a"}, {Data: "b"}}, ""},
	{"9.2.6 an id with NUL is ignored", "id: 1\ndata: a\n\nid: 2\x00\ndata: b\n\n", []sse.Event{{ID: "1", Data: "a"}, {Data: "b"}}, "1"},
	{"9.2.6 also if it begins with it", "id: 1\ndata: a\n\nid: \x00\ndata: b\n\n", []sse.Event{{ID: "1", Data: "a"}, {Data: "b"}}, "1"},
	{"9.2.6 an id without its event does not count", "id: 1\ndata: a\n\nid: 2\n", []sse.Event{{ID: "1", Data: "a"}}, "1"},
	{"9.2.6 retry in milliseconds", "retry: 1500\n\n", []sse.Event{{Retry: 1500 * time.Millisecond}}, ""},
	{"9.2.6 retry takes digits only", "retry: 1s\nretry:\nretry: -1\nretry: +1\nretry: 1.5\nretry: ٣\n\n", nil, ""},
	{"9.2.6 a retry that is none leaves that before it", "retry: 1\nretry: x\n\n", []sse.Event{{Retry: time.Millisecond}}, ""},
	{"9.2.6 a retry that no Duration can hold", "retry: 9223372036855\n\n",
		[]sse.Event{{Retry: math.MaxInt64 / time.Millisecond * time.Millisecond}}, ""},
	{"9.2.6 a retry longer than any", "retry: 99999999999999999999\n\n",
		[]sse.Event{{Retry: math.MaxInt64 / time.Millisecond * time.Millisecond}}, ""},
	{"9.2.6 an event that has not ended is forgotten", "data: a\n\ndata: b\n", []sse.Event{{Data: "a"}}, ""},
	{"9.2.6 nothing", "", nil, ""},
}

func TestParse(t *testing.T) {
	for _, tt := range streams {
		t.Run(tt.name, func(t *testing.T) {
			got, err := sse.Parse(tt.stream)
			diff(t, tt.want, got)
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// feed parses pieces one after the other.
func feed(p *sse.Parser, pieces ...raxx.Data) (all []sse.Event, err error) {
	for _, piece := range pieces {
		events, err := p.Feed(piece)
		all = append(all, events...)
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

// Where a stream is cut does not matter.
func TestParseEverySplit(t *testing.T) {
	for _, tt := range streams {
		for i := range len(tt.stream) + 1 {
			for j := i; j <= len(tt.stream); j++ {
				var p sse.Parser
				got, err := feed(&p, tt.stream[:i], tt.stream[i:j], tt.stream[j:])
				if err != nil || p.LastEventID() != tt.last {
					t.Errorf("%s, cut at %d and %d: %v, last id %q", tt.name, i, j, err, p.LastEventID())
				}
				diff(t, tt.want, got)
			}
		}
	}
}

func TestParserLimit(t *testing.T) {
	for _, tt := range []struct {
		name   string
		stream raxx.Data
		fails  bool
	}{
		{"an event within it", "data: 345678\n\ndata: 345678\n\n", false},
		{"events that fill it", "data: 3456\n\n\ndata: 345678901\n\ndata: 345678901\n\n", false},
		{"a line that is one octet too long", "data: 345678901\ndata: 3", true},
		{"an event that is one octet too long behind another", "data: 3\n\ndata: 34567890123", true},
		{"empty comments", raxx.Data(strings.Repeat(":\n", 8) + ":"), true},
		{"a line", "data: 3456789012345", true},
		{"several lines", "data: 3\ndata: 3\ndata: 3\n", true},
		{"comments", ":345678\n:345678\n:345678\n", true},
		{"a line that ends beyond it", "data: 345678901234567\n\n", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := sse.Parser{Limit: 16}
			_, err := feed(&p, tt.stream)
			var limit *sse.LimitError
			if errors.As(err, &limit) != tt.fails {
				t.Fatalf("got %v", err)
			}
			if !tt.fails {
				return
			}
			if events, again := p.Feed("\n\ndata: x\n\n"); events != nil || again != err {
				t.Errorf("behind the error: %v, %v", events, again)
			}
		})
	}
}

func FuzzParser(f *testing.F) {
	for _, tt := range streams {
		f.Add(string(tt.stream), len(tt.stream)/2)
	}
	f.Fuzz(func(t *testing.T, stream string, cut int) {
		const limit = 64
		whole, cutUp := sse.Parser{Limit: limit}, sse.Parser{Limit: limit}
		want, wantErr := feed(&whole, raxx.Data(stream))
		cut = max(0, min(cut, len(stream)))
		got, gotErr := feed(&cutUp, raxx.Data(stream[:cut]), raxx.Data(stream[cut:]))
		diff(t, want, got)
		if (wantErr == nil) != (gotErr == nil) || whole.LastEventID() != cutUp.LastEventID() {
			t.Errorf("cut at %d: %v and %v", cut, wantErr, gotErr)
		}
		for _, event := range want {
			if raxx.CheckField("last-event-id", event.ID) != nil {
				event.ID = "1" // one that can be sent
			}
			text, err := event.Encode()
			if err != nil || len(event.Data) > 3*limit || !utf8.ValidString(event.Data) {
				t.Fatalf("%+v: %v", event, err)
			}
			again, _ := sse.Parse(text)
			diff(t, []sse.Event{event}, again)
		}
	})
}

// What can be sent is read as it was meant, whatever it holds.
func FuzzEncode(f *testing.F) {
	f.Add("1", "tick", "a\nb", int64(1000))
	f.Add("", "", "\r\n\n\r", int64(0))
	f.Add("a\nb", "", "x", int64(0))
	f.Fuzz(func(t *testing.T, id, typ, data string, ms int64) {
		event := sse.Event{ID: id, Type: typ, Data: data, Retry: time.Duration(ms%1e9) * time.Millisecond}
		text, err := event.Encode()
		if err != nil {
			if text != "" {
				t.Errorf("%v, and %q", err, text)
			}
			return
		}
		got, err := sse.Parse("data: before\n\n" + text + "data: behind\n\n")
		for i := range got {
			got[i] = asRead(got[i])
		}
		want := []sse.Event{{Data: "before"}}
		if event != (sse.Event{}) {
			want = append(want, asRead(event))
		}
		diff(t, append(want, sse.Event{Data: "behind"}), got)
		if err != nil {
			t.Error(err)
		}
	})
}

// asRead returns what a client makes of an event, with one U+FFFD where there are
// several.
func asRead(event sse.Event) sse.Event {
	valid := func(s string) string {
		return strings.ToValidUTF8(strings.ReplaceAll(s, "\ufffd", "\xff"), "\ufffd")
	}
	event.Data = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(event.Data)
	var lines []string
	for line := range strings.SplitSeq(event.Data, "\n") {
		lines = append(lines, valid(line))
	}
	event.ID, event.Type, event.Data = valid(event.ID), valid(event.Type), strings.Join(lines, "\n")
	return event
}

func BenchmarkParser(b *testing.B) {
	text, _ := sse.Event{ID: "17", Type: "tick", Data: strings.Repeat("x", 1000)}.Encode()
	var p sse.Parser
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if events, err := p.Feed(text); len(events) != 1 || err != nil {
			b.Fatal(events, err)
		}
	}
}
