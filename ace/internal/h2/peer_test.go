package h2

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/raxx-go/raxx/raxx"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// A peer is a client that writes frames, and looks at what comes back. It drives
// the Conn that it talks to, too.
type peer struct {
	testing.TB
	conn  *Conn
	now   int64
	serve bool // each request is answered, and each body taken
	takes bool // each body is taken

	wire     bytes.Buffer // what has been written, and not been read
	written  []byte       // all that has been written
	frames   *http2.Framer
	encoder  *hpack.Encoder
	block    bytes.Buffer
	answers  bytes.Buffer // what has come back, and not been read
	replies  *http2.Framer
	decoder  *hpack.Decoder
	requests []raxx.Request
	trailers []raxx.Header
	events   []string
	err      error
	seen     map[*Stream]bool // streams that are not forgotten
	out      []byte
	sendRoom int // of the buffer for output
}

// newPeer returns a peer that has shaken hands.
func newPeer(t testing.TB, limits *Limits) *peer {
	p := rawPeer(t, limits)
	p.write([]byte(Preface))
	p.settings()
	p.reads()
	if got := p.frameList(); got[len(got)-1] != "SETTINGS ACK" {
		t.Fatalf("got frames %q", got)
	}
	return p
}

// rawPeer returns a peer that has said nothing.
func rawPeer(t testing.TB, limits *Limits) *peer {
	p := &peer{TB: t, conn: New(limits, nil), sendRoom: 1 << 20, seen: map[*Stream]bool{}}
	p.frames = http2.NewFramer(&p.wire, nil)
	p.frames.AllowIllegalWrites = true
	p.encoder = hpack.NewEncoder(&p.block)
	p.replies = http2.NewFramer(nil, &p.answers)
	p.replies.SetMaxReadFrameSize(smallestMaxFrame)
	p.decoder = hpack.NewDecoder(4096, nil)
	return p
}

// write sends octets.
func (p *peer) write(b []byte) { p.wire.Write(b) }

// raw sends a frame as it is.
func (p *peer) raw(kind uint8, flags uint8, stream uint32, payload string) {
	p.frames.WriteRawFrame(http2.FrameType(kind), http2.Flags(flags), stream, []byte(payload))
}

func (p *peer) settings(pairs ...uint32) {
	var list []http2.Setting
	for pair := range slices.Chunk(pairs, 2) {
		list = append(list, http2.Setting{ID: http2.SettingID(pair[0]), Val: pair[1]})
	}
	p.frames.WriteSettings(list...)
}

// encode encodes fields that are written as "name: value".
func (p *peer) encode(fields ...string) []byte {
	p.block.Reset()
	for _, f := range fields {
		colon := strings.Index(f[1:], ":") + 1
		name, value := f[:colon], strings.TrimPrefix(f[colon+1:], " ")
		p.encoder.WriteField(hpack.HeaderField{Name: name, Value: value})
	}
	return slices.Clone(p.block.Bytes())
}

// get sends a request without a body.
func (p *peer) get(stream uint32, fields ...string) { p.headers(stream, true, p.request(fields...)...) }

// post sends the head of a request with a body.
func (p *peer) post(stream uint32, fields ...string) {
	p.headers(stream, false, p.request(fields...)...)
}

// request returns the fields of a good request, with fields that take the place
// of those with their name, or stand behind.
func (p *peer) request(fields ...string) []string {
	all := []string{":method: GET", ":scheme: https", ":authority: example.org", ":path: /"}
	for _, f := range fields {
		name := f[:strings.Index(f[1:], ":")+2]
		if i := slices.IndexFunc(all, func(g string) bool { return strings.HasPrefix(g, name) }); i >= 0 && i < 4 {
			all[i] = f
			continue
		}
		all = append(all, f)
	}
	return all
}

// headers sends a header or a trailer in one frame.
func (p *peer) headers(stream uint32, end bool, fields ...string) {
	p.frames.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, EndStream: end, EndHeaders: true, BlockFragment: p.encode(fields...)})
}

func (p *peer) data(stream uint32, end bool, content string) {
	p.frames.WriteData(stream, end, []byte(content))
}

// reads lets the Conn read what has been written, and returns what comes back.
func (p *peer) reads() {
	in := p.wire.Bytes()
	p.written = append(p.written, in...)
	p.feed(in)
	p.wire.Reset()
}

// feed lets the Conn read octets, and collects its output.
func (p *peer) feed(in []byte) (used int) {
	var ev Event
	for p.err == nil {
		n, err := p.conn.Next(in[used:], p.now, &ev)
		used += n
		if p.err = err; err != nil {
			if diff := cmp.Diff(Event{}, ev); diff != "" {
				p.Errorf("the event beside an error (-want +got):\n%s", diff)
			}
			break
		}
		if ev.Kind == NoEvent {
			break
		}
		if ev.Kind == RequestEvent {
			p.seen[ev.Stream] = true
		}
		p.see(&ev)
	}
	p.flush()
	return used
}

// flush collects output.
func (p *peer) flush() {
	if cap(p.out) != p.sendRoom {
		p.out = make([]byte, 0, p.sendRoom)
	}
	p.answers.Write(p.conn.AppendOutput(p.out, p.now))
}

// see notes an event.
func (p *peer) see(ev *Event) {
	end := ""
	if ev.End {
		end = " end"
	}
	switch ev.Kind {
	case RequestEvent:
		p.requests = append(p.requests, ev.Request)
		status := ""
		if ev.Status != 0 {
			status = fmt.Sprint(" refuse ", ev.Status)
		}
		p.note("request %d %s %s%s%s", ev.Stream.ID(), ev.Request.Method, ev.Request.Target(), status, end)
	case DataEvent:
		p.note("data %d %d%s", ev.Stream.ID(), len(ev.Stream.Unread()), end)
	case TrailerEvent:
		p.trailers = append(p.trailers, ev.Trailer)
		p.note("trailer %d %d%s", ev.Stream.ID(), len(ev.Trailer), end)
	case ResetEvent:
		why := ""
		if ev.Err != nil {
			why = ": " + ev.Err.Reason
		}
		p.note("reset %d %v%s", ev.Stream.ID(), ev.Code, why)
	case RefusedEvent:
		if ev.Err.Section == "" || ev.Err.Reason == "" {
			p.Errorf("it is refused for no reason: %v", ev.Err)
		}
		p.note("refused %d %v", ev.Err.Stream, ev.Err.Code)
		if diff := cmp.Diff(raxx.Request{}, ev.Request); diff != "" {
			p.Errorf("what is known of a request that was refused (-want +got):\n%s", diff)
		}
	case GoAwayEvent:
		p.note("goaway %v", ev.Code)
	}
	if p.takes && ev.Kind == DataEvent {
		p.conn.Take(ev.Stream, len(ev.Stream.Unread()))
	}
	if p.serve {
		p.answer(ev)
	}
}

func (p *peer) note(format string, args ...any) {
	p.events = append(p.events, fmt.Sprintf(format, args...))
}

// answer serves a request when all of it has come.
func (p *peer) answer(ev *Event) {
	switch ev.Kind {
	case DataEvent:
		p.conn.Take(ev.Stream, len(ev.Stream.Unread()))
	case ResetEvent:
		p.forget(ev.Stream)
		return
	}
	if ev.End {
		p.reply(ev.Stream, "ok")
		p.forget(ev.Stream)
	}
}

// forget forgets a stream.
func (p *peer) forget(s *Stream) {
	delete(p.seen, s)
	p.conn.Forget(s)
}

// reply sends a whole reply.
func (p *peer) reply(s *Stream, content string) {
	out := make([]byte, 0, 64<<10)
	out = p.conn.AppendHead(out, s, &Head{Status: 200, Length: int64(len(content)), End: content == ""})
	p.answers.Write(p.conn.Send(out, s, []byte(content), true))
}

// stream returns a stream that is open.
func (p *peer) stream(id uint32) *Stream {
	p.Helper()
	s := p.conn.stream(id)
	if s == nil {
		p.Fatalf("stream %d is not open", id)
	}
	return s
}

// want lets the Conn read, and compares the frames that come back.
func (p *peer) want(frames ...string) {
	p.Helper()
	p.reads()
	if diff := cmp.Diff(frames, p.frameList()); diff != "" {
		p.Errorf("frames (-want +got):\n%s", diff)
	}
}

// wantEvents lets the Conn read, and compares the events since the last time.
func (p *peer) wantEvents(events ...string) {
	p.Helper()
	p.reads()
	if diff := cmp.Diff(events, p.events); diff != "" {
		p.Errorf("events (-want +got):\n%s", diff)
	}
	p.events = nil
}

// wantConnError lets the Conn read, and wants it to end the connection.
func (p *peer) wantConnError(code Code, section string) *ConnError {
	p.Helper()
	p.reads()
	err, ok := p.err.(*ConnError)
	if !ok || err.Code != code || err.Section != section {
		p.Errorf("got error %v, want %v by %s", p.err, code, section)
		return &ConnError{}
	}
	frames := p.frameList()
	if len(frames) == 0 || !strings.HasPrefix(frames[len(frames)-1], "GOAWAY ") || !strings.Contains(frames[len(frames)-1], code.String()) {
		p.Errorf("got frames %q, want a GOAWAY at their end", frames)
	}
	var ev Event
	if n, err := p.conn.Next([]byte("more"), p.now, &ev); n != 0 || err != p.err {
		p.Errorf("afterwards Next = %d, %v, want the same error", n, err)
	}
	return err
}

// wantStreamError lets the Conn read, and wants it to reset a stream, and to go
// on.
func (p *peer) wantStreamError(stream uint32, code Code) {
	p.Helper()
	p.reads()
	want := fmt.Sprintf("RST_STREAM %d %v", stream, code)
	if got := p.frameList(); len(got) != 1 || got[0] != want || p.err != nil {
		p.Errorf("got frames %q and error %v, want %q", got, p.err, want)
		return
	}
	p.wantAlive()
}

// wantAlive checks that the Conn still answers, and that its tables are true.
func (p *peer) wantAlive() {
	p.Helper()
	p.frames.WritePing(false, [8]byte{1})
	p.want("PING ACK 0100000000000000")
}

// wantLimit lets the Conn read, and wants it to lose its calm.
func (p *peer) wantLimit(name string) {
	p.Helper()
	p.reads()
	if err, ok := p.err.(*ConnError); !ok || err.Code != EnhanceYourCalm || err.Limit != name || err.Section != "10.5" && err.Section != "10.5.1" {
		p.Errorf("got error %v, want ENHANCE_YOUR_CALM by %s", p.err, name)
	}
}

// frameList returns the frames that have come back since the last time.
func (p *peer) frameList() (list []string) {
	for p.answers.Len() > 0 {
		f, err := p.replies.ReadFrame()
		if err != nil {
			p.Fatalf("the output is no frame: %v", err)
		}
		list = append(list, p.describe(f))
	}
	return list
}

func (p *peer) describe(f http2.Frame) string {
	h := f.Header()
	end := ""
	if h.Flags.Has(http2.FlagDataEndStream) && (h.Type == http2.FrameData || h.Type == http2.FrameHeaders) {
		end = " end"
	}
	switch f := f.(type) {
	case *http2.SettingsFrame:
		text := "SETTINGS"
		if f.IsAck() {
			return text + " ACK"
		}
		f.ForeachSetting(func(s http2.Setting) error {
			text += fmt.Sprintf(" %d=%d", s.ID, s.Val)
			return nil
		})
		return text
	case *http2.HeadersFrame:
		block := slices.Clone(f.HeaderBlockFragment())
		for ended := f.HeadersEnded(); !ended; {
			next, err := p.replies.ReadFrame()
			if err != nil {
				p.Fatalf("a block without an end: %v", err)
			}
			more := next.(*http2.ContinuationFrame)
			if other := more.Flags &^ http2.FlagContinuationEndHeaders; other != 0 {
				p.Errorf("a CONTINUATION frame with the flags %#x", other)
			}
			block, ended = append(block, more.HeaderBlockFragment()...), more.HeadersEnded()
		}
		var fields []hpack.HeaderField
		p.decoder.SetEmitFunc(func(f hpack.HeaderField) { fields = append(fields, f) })
		if err := (decoder{p.decoder}).decode(block); err != nil {
			p.Fatalf("a block that can't be decoded: %v", err)
		}
		text := fmt.Sprint("HEADERS ", h.StreamID)
		for _, f := range fields {
			text += " " + f.Name + "=" + f.Value
		}
		return text + end
	case *http2.DataFrame:
		if len(f.Data()) > 32 {
			return fmt.Sprintf("DATA %d %d%s", h.StreamID, h.Length, end)
		}
		return fmt.Sprintf("DATA %d %q%s", h.StreamID, f.Data(), end)
	case *http2.PingFrame:
		if f.IsAck() {
			return fmt.Sprintf("PING ACK %x", f.Data)
		}
		return fmt.Sprintf("PING %x", f.Data)
	case *http2.RSTStreamFrame:
		return fmt.Sprintf("RST_STREAM %d %v", h.StreamID, Code(f.ErrCode))
	case *http2.GoAwayFrame:
		return fmt.Sprintf("GOAWAY %d %v", f.LastStreamID, Code(f.ErrCode))
	case *http2.WindowUpdateFrame:
		return fmt.Sprintf("WINDOW_UPDATE %d %d", h.StreamID, f.Increment)
	}
	return h.Type.String()
}
