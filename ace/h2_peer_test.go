package ace_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/raxx"
)

// An h2Peer is a client of HTTP/2 that sends the frames that it is told to, and
// keeps what comes back.
type h2Peer struct {
	testing.TB
	conn    net.Conn
	in      *bufio.Reader
	frames  *http2.Framer
	encoder *hpack.Encoder
	block   bytes.Buffer
	decoder *hpack.Decoder
	patient time.Duration // how long it waits for a frame

	settings map[http2.SettingID]uint32
	window   int64 // of the connection, for what it sends
	lazy     bool  // it opens no window for what it has received
	owed     int   // what it has received, and opened no window for

	streams map[uint32]*h2Stream
	goAways []goAway
	pings   int // answers to its own
	end     error
}

// A goAway is a frame of this kind.
type goAway struct {
	LastStreamID uint32
	ErrCode      http2.ErrCode
	reason       string
}

// An h2Stream is what has come on a stream.
type h2Stream struct {
	informs []string
	status  string
	header  raxx.Header
	body    bytes.Buffer
	trailer raxx.Header
	ended   bool
	reset   http2.ErrCode // when gone
	gone    bool
	given   bool // it was given up
	window  int64
}

// done reports whether nothing more will come.
func (s *h2Stream) done() bool { return s.ended || s.gone }

// newH2Peer shakes hands on a connection. Its windows are as large as can be,
// unless settings say otherwise.
func newH2Peer(t testing.TB, conn net.Conn, settings ...http2.Setting) *h2Peer {
	t.Helper()
	p := rawH2Peer(t, conn)
	io.WriteString(conn, http2.ClientPreface)
	if settings == nil {
		settings = []http2.Setting{{ID: http2.SettingInitialWindowSize, Val: 1<<31 - 1}}
		p.frames.WriteSettings(settings...)
		p.frames.WriteWindowUpdate(0, 1<<31-1-65535)
	} else {
		p.frames.WriteSettings(settings...)
	}
	p.until("SETTINGS", func() bool { return p.settings[http2.SettingMaxConcurrentStreams] > 0 })
	return p
}

// rawH2Peer returns a peer that has said nothing.
func rawH2Peer(t testing.TB, conn net.Conn) *h2Peer {
	p := &h2Peer{
		TB: t, conn: conn, in: bufio.NewReader(conn), patient: 10 * time.Second,
		settings: map[http2.SettingID]uint32{}, streams: map[uint32]*h2Stream{}, window: 65535,
	}
	p.frames = http2.NewFramer(conn, p.in)
	p.frames.AllowIllegalWrites = true
	p.encoder = hpack.NewEncoder(&p.block)
	p.decoder = hpack.NewDecoder(4096, nil)
	return p
}

// fields encodes the header of a request for "METHOD /path", with fields that are
// written as "name: value".
func (p *h2Peer) fields(request string, fields ...string) []byte {
	method, path, _ := strings.Cut(request, " ")
	scheme := "http"
	if _, ok := p.conn.(*tls.Conn); ok {
		scheme = "https"
	}
	p.block.Reset()
	for _, f := range append([]string{":method: " + method, ":scheme: " + scheme, ":authority: t.example", ":path: " + path}, fields...) {
		name, value, _ := strings.Cut(f[1:], ": ")
		p.encoder.WriteField(hpack.HeaderField{Name: f[:1] + name, Value: value})
	}
	return slices.Clone(p.block.Bytes())
}

// ask sends the head of a request for "METHOD /path". It is whole if the method
// is GET.
func (p *h2Peer) ask(stream uint32, request string, fields ...string) {
	p.streams[stream] = &h2Stream{window: 65535}
	block := p.fields(request, fields...)
	first := block[:min(len(block), 16384)]
	block = block[len(first):]
	p.frames.WriteHeaders(http2.HeadersFrameParam{
		StreamID: stream, EndHeaders: len(block) == 0, EndStream: strings.HasPrefix(request, "GET "), BlockFragment: first,
	})
	for len(block) > 0 {
		next := block[:min(len(block), 16384)]
		block = block[len(next):]
		p.frames.WriteContinuation(stream, len(block) == 0, next)
	}
}

// data sends content, in frames, without a look at the windows.
func (p *h2Peer) data(stream uint32, end bool, content string) {
	p.window -= int64(len(content))
	p.streams[stream].window -= int64(len(content))
	for len(content) > 16384 {
		p.frames.WriteData(stream, false, []byte(content[:16384]))
		content = content[16384:]
	}
	p.frames.WriteData(stream, end, []byte(content))
}

// cancel gives a stream up. What still comes on it is passed over.
func (p *h2Peer) cancel(stream uint32) {
	p.streams[stream].given = true
	p.frames.WriteRSTStream(stream, http2.ErrCodeCancel)
}

// read takes the next frame, and reports whether there was one before the time
// was over.
func (p *h2Peer) read(patient time.Duration) bool {
	p.Helper()
	if p.end != nil {
		return false
	}
	p.conn.SetReadDeadline(time.Now().Add(patient))
	if _, err := p.in.Peek(1); errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	p.conn.SetReadDeadline(time.Now().Add(p.patient))
	f, err := p.frames.ReadFrame()
	if p.end = err; err != nil {
		return false
	}
	p.got(f)
	return true
}

// got takes note of a frame.
func (p *h2Peer) got(f http2.Frame) {
	p.Helper()
	s := p.streams[f.Header().StreamID]
	if s == nil && f.Header().StreamID != 0 {
		p.Fatalf("got %v on a stream that is not open", f.Header())
	}
	switch f := f.(type) {
	case *http2.SettingsFrame:
		if !f.IsAck() {
			f.ForeachSetting(func(s http2.Setting) error {
				p.settings[s.ID] = s.Val
				return nil
			})
			p.frames.WriteSettingsAck()
		}
	case *http2.PingFrame:
		if f.IsAck() {
			p.pings++
		} else {
			p.frames.WritePing(true, f.Data)
		}
	case *http2.GoAwayFrame:
		p.goAways = append(p.goAways, goAway{f.LastStreamID, f.ErrCode, string(f.DebugData())})
	case *http2.WindowUpdateFrame:
		if s == nil {
			p.window += int64(f.Increment)
		} else {
			s.window += int64(f.Increment)
		}
	case *http2.RSTStreamFrame:
		s.gone, s.reset = true, f.ErrCode
	case *http2.HeadersFrame:
		p.gotHeaders(s, f)
	case *http2.DataFrame:
		if (s.status == "" || s.done()) && !s.given {
			p.Errorf("got content on stream %d out of order", f.StreamID)
		}
		s.body.Write(f.Data())
		s.ended = f.StreamEnded()
		if p.owed += len(f.Data()); !p.lazy && p.owed > 1<<15 {
			p.frames.WriteWindowUpdate(0, uint32(p.owed))
			p.owed = 0
		}
	}
}

func (p *h2Peer) gotHeaders(s *h2Stream, f *http2.HeadersFrame) {
	p.Helper()
	block := slices.Clone(f.HeaderBlockFragment())
	for ended := f.HeadersEnded(); !ended; {
		more, err := p.frames.ReadFrame()
		if err != nil {
			p.Fatal(err)
		}
		c := more.(*http2.ContinuationFrame)
		block, ended = append(block, c.HeaderBlockFragment()...), c.HeadersEnded()
	}
	list, err := p.decoder.DecodeFull(block)
	if err != nil {
		p.Fatalf("a header that can't be decoded: %v", err)
	}
	if s.done() && !s.given {
		p.Errorf("got a header on stream %d behind its end", f.StreamID)
	}
	s.ended = f.StreamEnded()
	var fields raxx.Header
	for _, f := range list {
		fields = append(fields, raxx.Field{Name: f.Name, Value: f.Value})
	}
	switch {
	case s.status != "":
		s.trailer = fields
	case fields[0].Value[0] == '1':
		s.informs = append(s.informs, fields[0].Value)
	default:
		s.status, s.header = fields[0].Value, fields[1:]
	}
}

// until reads frames until the condition holds.
func (p *h2Peer) until(what string, holds func() bool) {
	p.Helper()
	for !holds() {
		if !p.read(p.patient) {
			p.Fatalf("it did not happen: %s (the connection: %v, GOAWAY: %v)", what, p.end, p.goAways)
		}
	}
}

// drain reads what there is.
func (p *h2Peer) drain(patient time.Duration) {
	for p.read(patient) {
	}
}

// want waits for a whole reply.
func (p *h2Peer) want(stream uint32, status, body string) {
	p.Helper()
	s := p.streams[stream]
	p.until("the end of the reply", s.done)
	if s.status != status || s.body.String() != body || s.gone {
		p.Errorf("stream %d: got %s %s, reset: %v (%v), want %s %s", stream, s.status, brief(s.body.String()), s.gone, s.reset, status, brief(body))
	}
}

// wantReset waits for the stream to be reset.
func (p *h2Peer) wantReset(stream uint32, code http2.ErrCode) {
	p.Helper()
	s := p.streams[stream]
	p.until("RST_STREAM", func() bool { return s.gone })
	if s.reset != code {
		p.Errorf("stream %d was reset with %v, want %v", stream, s.reset, code)
	}
}

// wantEnd waits for the end of the connection, behind a GOAWAY with the code.
func (p *h2Peer) wantEnd(code http2.ErrCode) {
	p.Helper()
	for p.read(p.patient) {
	}
	if p.end != io.EOF || len(p.goAways) == 0 || p.goAways[len(p.goAways)-1].ErrCode != code {
		p.Errorf("the connection ended with %v behind %v, want %v", p.end, p.goAways, code)
	}
}

// wantAlive checks that the connection still answers.
func (p *h2Peer) wantAlive() {
	p.Helper()
	before := p.pings
	p.frames.WritePing(false, [8]byte{1})
	p.until("an answer to PING", func() bool { return p.pings > before })
}

// h2Dial opens a connection of HTTP/2.
func (c *client) h2Dial(settings ...http2.Setting) *h2Peer {
	c.Helper()
	conn, err := c.dialTLS(c.Context(), "", "", nil)
	if err != nil {
		c.Fatal(err)
	}
	c.Cleanup(func() { conn.Close() })
	return newH2Peer(c.TB, conn, settings...)
}

// onHTTP2 runs a test on every engine of HTTP/2.
func onHTTP2(t *testing.T, test func(t *testing.T, e engine)) {
	for _, e := range engines {
		if e.http2 && e.under == "" && !e.stack {
			t.Run(e.name, func(t *testing.T) { test(t, e) })
		}
	}
}

// An unknownListener hides that its connections are in memory, so that each has a
// goroutine, as over listeners that the server does not know.
type unknownListener struct{ net.Listener }

// inFakeTime runs a test against a server of h whose connections are in memory:
// once driven by turns, once by a goroutine each.
func inFakeTime(t *testing.T, config ace.Config, h raxx.Handler, test func(t *testing.T, c *client)) {
	for name, known := range map[string]bool{"turns": true, "goroutine": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := memnet.Listen()
				c := &client{TB: t, engine: engine{http2: true, memory: true}, server: ace.New(h, config), dial: l.Dial}
				var listener net.Listener = l
				if !known {
					listener = unknownListener{l}
				}
				served := make(chan error, 1)
				go func() { served <- c.server.Serve(listener) }()
				defer func() {
					c.server.Close()
					if err := <-served; err != nil {
						t.Errorf("Serve returned %v", err)
					}
					time.Sleep(time.Second) // the server's timers stand still at their next tick
				}()
				test(t, c)
			})
		})
	}
}
