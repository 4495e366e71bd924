package ace_test

import (
	"io"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// What is taken on one stream keeps no other alive whose own window is closed.
func TestH2StalledStreamBesideOneThatGoesOn(t *testing.T) {
	inFakeTime(t, ace.Config{}, body(raxx.Data(text(large))), func(t *testing.T, c *client) {
		p := c.h2Dial(narrow(1000))
		p.ask(1, "GET /")
		p.ask(3, "GET /")
		p.until("the first octets", func() bool { return p.streams[1].body.Len() == 1000 })
		begun := time.Now()
		for !p.streams[1].gone && time.Since(begun) < time.Minute {
			p.frames.WriteWindowUpdate(3, 2*16<<10)
			p.drain(5 * time.Second)
		}
		p.wantReset(1, http2.ErrCodeCancel)
		if took := time.Since(begun); took < 30*time.Second || took > 40*time.Second {
			t.Errorf("it took %v", took)
		}
		if s := p.streams[3]; s.gone || s.body.Len() < 6*2*16<<10 {
			t.Errorf("%d octets have come on the other, reset: %v", s.body.Len(), s.gone)
		}
	})
}

// The answer to a request that has reached nobody is not kept for ever, either.
func TestH2RefusalThatNobodyTakes(t *testing.T) {
	inFakeTime(t, ace.Config{}, hello, func(t *testing.T, c *client) {
		p := c.h2Dial(narrow(10))
		p.streams[1] = &h2Stream{window: 65535}
		p.encoder.WriteField(hpack.HeaderField{Name: ":method", Value: "CONNECT"})
		p.encoder.WriteField(hpack.HeaderField{Name: ":authority", Value: "t.example:443"})
		p.frames.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, EndHeaders: true, EndStream: true, BlockFragment: p.block.Bytes()})
		p.until("the first octets", func() bool { return p.streams[1].body.Len() == 10 })
		p.wantAfter(30*time.Second, "the stream is cut", func() bool { return p.streams[1].gone })
		p.wantReset(1, http2.ErrCodeCancel)
		p.wantAlive()
	})
}

// A frame that comes in two pieces is forgotten when it is whole.
func TestH2FrameInTwoPieces(t *testing.T) {
	inFakeTime(t, ace.Config{}, hello, func(t *testing.T, c *client) {
		p := c.h2Dial()
		const ping = "\x00\x00\x08\x06\x00\x00\x00\x00\x00pingping"
		io.WriteString(p.conn, ping[:10])
		synctest.Wait()
		time.Sleep(time.Second)
		io.WriteString(p.conn, ping[10:])
		p.drain(40 * time.Second)
		if len(p.goAways) > 0 || p.end != nil || p.pings != 1 {
			t.Errorf("got %v, %v and %d answers", p.goAways, p.end, p.pings)
		}
		p.ask(1, "GET /")
		p.want(1, "200", "hello")
	})
}
