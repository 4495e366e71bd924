package h2

import (
	"bytes"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/raxx"
	"golang.org/x/net/http2"
)

// conversation returns a connection that is at work, and the octets of n GETs as
// h2load sends them once its fields are in the table. Streams count on from 1 in
// every round, so the Conn is made to forget that it has seen them.
func conversation(b *testing.B, n int) (*Conn, []byte) {
	p := newPeer(b, nil)
	p.serve = true
	get := func(stream uint32) {
		p.get(stream, "user-agent: h2load nghttp2/1.52.0", "accept: */*", "accept-encoding: gzip")
	}
	get(1)
	p.reads()
	p.wire.Reset()
	for i := range n {
		get(uint32(2*i + 1))
	}
	return p.conn, p.wire.Bytes()
}

func BenchmarkGet32(b *testing.B) {
	const n = 32
	c, in := conversation(b, n)
	head := Head{Status: 200, Length: 13, Date: "Tue, 03 Nov 2026 10:00:00 GMT", Header: raxx.Header{
		{Name: "content-type", Value: "text/plain; charset=utf-8"}, {Name: "server", Value: "ace"}}}
	content := []byte("Hello, World!")
	out := make([]byte, 0, 64<<10)
	var ev Event
	b.ReportAllocs()
	for b.Loop() {
		c.lastID, c.send = 0, 1<<20
		out = out[:0]
		for used := 0; ; {
			k, err := c.Next(in[used:], 0, &ev)
			if err != nil {
				b.Fatal(err)
			}
			if used += k; ev.Kind == NoEvent {
				break
			}
			if ev.Kind != RequestEvent {
				b.Fatal(ev.Kind, ev.Err)
			}
			out = c.AppendHead(out, ev.Stream, &head)
			out = c.Send(out, ev.Stream, content, true)
			c.Forget(ev.Stream)
		}
		out = c.AppendOutput(out, 0)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/request")
}

func BenchmarkDownload(b *testing.B) {
	p := newPeer(b, nil)
	p.settings(4, 1<<30)
	p.get(1)
	p.reads()
	c, s := p.conn, p.stream(1)
	content := []byte(strings.Repeat("x", 1<<20))
	out := make([]byte, 0, 64<<10)
	out = c.AppendHead(out, s, &Head{Status: 200, Length: -1})
	b.SetBytes(1 << 20)
	b.ReportAllocs()
	for b.Loop() {
		s.credit, c.send = 0, 1<<30
		out = c.Send(out[:0], s, content, false)
		for s.Pending() > 0 {
			out = c.AppendOutput(out[:0], 0)
		}
		c.Drained()
	}
}

func BenchmarkUpload(b *testing.B) {
	p := newPeer(b, nil)
	p.post(1)
	p.reads()
	c, s := p.conn, p.stream(1)
	var wire bytes.Buffer
	frames := http2.NewFramer(&wire, nil)
	for range 4 {
		frames.WriteData(1, false, make([]byte, 16<<10))
	}
	out := make([]byte, 0, 64<<10)
	var ev Event
	b.SetBytes(64 << 10)
	b.ReportAllocs()
	for b.Loop() {
		for in := wire.Bytes(); ; {
			n, err := c.Next(in, 0, &ev)
			if err != nil {
				b.Fatal(err)
			}
			if in = in[n:]; ev.Kind == NoEvent {
				break
			}
			c.Take(s, len(s.Unread()))
		}
		out = c.AppendOutput(out[:0], 0)
	}
}
