package ace_test

import (
	"bytes"
	"fmt"
	"strings"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/raxx-go/raxx/raxx"
)

// h2Script makes the pieces that a client of HTTP/2 sends.
type h2Script struct {
	pieces  []string
	out     bytes.Buffer
	block   bytes.Buffer
	frames  *http2.Framer
	encoder *hpack.Encoder
}

// overH2 returns what write writes, behind what every connection begins with. The
// windows are as large as can be.
func overH2(write func(s *h2Script)) []string {
	s := &h2Script{}
	s.frames, s.encoder = http2.NewFramer(&s.out, nil), hpack.NewEncoder(&s.block)
	s.out.WriteString(http2.ClientPreface)
	s.frames.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 20})
	s.frames.WriteWindowUpdate(0, 1<<20)
	s.frames.WriteSettingsAck()
	write(s)
	s.piece()
	return s.pieces
}

// piece ends what is sent at once.
func (s *h2Script) piece() {
	s.pieces = append(s.pieces, s.out.String())
	s.out.Reset()
}

// ask begins a request: a method, a path, and fields as "name: value".
func (s *h2Script) ask(stream uint32, end bool, method string, fields ...string) {
	s.block.Reset()
	for _, f := range append([]string{":method: " + method, ":scheme: http", ":authority: t.example", ":path: /"}, fields...) {
		name, value, _ := strings.Cut(f[1:], ": ")
		s.encoder.WriteField(hpack.HeaderField{Name: f[:1] + name, Value: value})
	}
	s.frames.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, EndHeaders: true, EndStream: end, BlockFragment: s.block.Bytes()})
}

// data sends content.
func (s *h2Script) data(stream uint32, end bool, content string) {
	for len(content) > 16384 {
		s.frames.WriteData(stream, false, []byte(content[:16384]))
		content = content[16384:]
	}
	s.frames.WriteData(stream, end, []byte(content))
}

// h2Replies is what a client of HTTP/2 has got on each stream.
func h2Replies(got string) map[string]string {
	replies := make(map[string]string)
	frames := http2.NewFramer(nil, strings.NewReader(got))
	decoder := hpack.NewDecoder(4096, nil)
	for {
		f, err := frames.ReadFrame()
		if err != nil {
			return replies
		}
		text, ended := "", false
		switch f := f.(type) {
		case *http2.HeadersFrame:
			list, err := decoder.DecodeFull(f.HeaderBlockFragment())
			text, ended = fmt.Sprintln(list, err), f.StreamEnded()
		case *http2.DataFrame:
			text, ended = string(f.Data()), f.StreamEnded()
		case *http2.RSTStreamFrame:
			text = fmt.Sprint("reset: ", f.ErrCode)
		}
		if ended {
			text += " end"
		}
		if id := f.Header().StreamID; text != "" {
			replies[fmt.Sprint(id)] += text
		}
	}
}

var h2Scripts = []script{
	{name: "HTTP 2, GETs", http2: true, handle: func(*witness) raxx.Handler { return hello }, send: overH2(func(s *h2Script) {
		s.ask(1, true, "GET")
		s.ask(3, true, "GET")
		s.piece()
		s.ask(5, true, "GET")
	})},
	{name: "HTTP 2, POSTs", http2: true, handle: func(*witness) raxx.Handler { return complete }, send: overH2(func(s *h2Script) {
		s.ask(1, false, "POST", "content-length: 5")
		s.data(1, true, "hello")
		s.ask(3, false, "POST", "expect: 100-continue")
		s.piece()
		s.data(3, false, long)
		s.piece()
		s.data(3, true, "")
	})},
	{name: "HTTP 2, a body that nobody reads", http2: true, handle: func(*witness) raxx.Handler { return streamOf("one", long, "two") }, send: overH2(func(s *h2Script) {
		s.ask(1, false, "POST")
		s.data(1, false, "hello")
		s.piece()
		s.data(1, true, "you")
		s.ask(3, true, "GET")
	})},
	{name: "HTTP 2, echo", http2: true, handle: func(*witness) raxx.Handler { return echo }, send: overH2(func(s *h2Script) {
		s.ask(1, false, "POST")
		s.data(1, false, "hello")
		s.piece()
		s.data(1, false, long)
		s.piece()
		s.data(1, true, "")
	})},
	{name: "HTTP 2, a machine", http2: true, handle: func(w *witness) raxx.Handler { return w.handler(raxx.Response{Status: 200}, count) }, send: overH2(func(s *h2Script) {
		s.ask(1, false, "POST")
		s.data(1, false, "hello")
		s.piece()
		s.data(1, true, "you")
	})},
	{name: "HTTP 2, a deferred head", http2: true, handle: func(w *witness) raxx.Handler {
		return w.handler(raxx.Response{}, func(event raxx.Event) []raxx.Part {
			switch event.(type) {
			case raxx.Open:
				return parts(raxx.Inform{Status: 103}, raxx.After{Delay: wait})
			case raxx.Timer:
				return parts(raxx.Text(200, long))
			}
			return nil
		})
	}, send: overH2(func(s *h2Script) {
		s.ask(1, true, "GET")
		s.piece()
		s.ask(3, true, "GET")
	})},
	{name: "HTTP 2, a tunnel", http2: true, handle: func(w *witness) raxx.Handler {
		return w.handler(raxx.Response{Status: 101, Header: raxx.Header{{Name: "upgrade", Value: "x"}}}, count)
	}, send: overH2(func(s *h2Script) {
		s.ask(1, false, "CONNECT", ":protocol: x")
		s.data(1, false, "hello")
		s.piece()
		s.data(1, true, "you")
	})},
	{name: "HTTP 2, a fault of the client", http2: true, handle: func(w *witness) raxx.Handler { return w.handler(raxx.Response{Status: 200}, count) }, send: overH2(func(s *h2Script) {
		s.ask(1, true, "GET")
		s.piece()
		s.frames.AllowIllegalWrites = true
		s.data(2, true, "on no stream")
	})},
}
