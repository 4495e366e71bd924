package h1

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace/internal/exchange"
	"github.com/raxx-go/raxx/ace/internal/octets"
	"github.com/raxx-go/raxx/raxx"
)

// FuzzReply checks that whatever a handler returns, net/http reads one reply
// from what is sent: the handler's own if the exchange lets it through, else the
// one that takes its place; and that one which breaks off does not look whole.
func FuzzReply(f *testing.F) {
	f.Add(0, 200, "content-type: text/plain\nx: \x80 ,\"", "hello", "", 1)
	f.Add(1, 204, "allow: GET", "", "", 0)
	f.Add(2, 200, "content-length: 5", "hello", "x-sum: 9", 2)
	f.Add(3, 304, "etag: \"a\"\nconnection: close", "", "", 1)
	f.Add(4, 404, "transfer-encoding: chunked\nx: a\rb", "hello", "x: y\nhost: z", 4)
	f.Add(5, 200, "x:  y", "hello", "x: y", 3)
	f.Add(6, 205, "X: y", "", "", 5)
	f.Add(7, 599, "content-length: 7\nkeep-alive: 1", "hello", "", 6)
	f.Add(0, 200, "", strings.Repeat("x", 5000), "", 7)
	f.Fuzz(func(t *testing.T, request, status int, header, content, trailer string, kind int) {
		resp := raxx.Response{Status: status, Header: headerOf(header), Trailer: headerOf(trailer)}
		resp.Body = bodyOf(kind, content)
		req, c := requestFor(t, request)
		s := &wire{conn: c}
		var x exchange.Exchange
		x.Serve(func(raxx.Request) raxx.Response { return resp }, &req, s, plain500)

		want := resp
		if x.Fault != nil && x.Err == nil {
			want = plain500(req, x.Fault)
		}
		if len(want.Header) > 0 && want.Header.Has("trailer") {
			t.Skip("net/http judges and removes the Trailer field")
		}
		checkWire(t, req, want, x.Outcome, s)
	})
}

// requestFor returns one of the requests that make a difference to a reply, and
// the connection that has read it.
func requestFor(t *testing.T, i int) (raxx.Request, *Conn) {
	t.Helper()
	heads := []string{
		get + crlf, "HEAD / HTTP/1.1\r\n" + host + crlf, get + "Connection: close\r\n\r\n",
		"GET / HTTP/1.0\r\n\r\n", "HEAD / HTTP/1.0\r\n\r\n", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
	}
	c := New(testLimits)
	h := feedHeadTo(t, &c, heads[int(uint(i)%uint(len(heads)))])
	return h.Request, &c
}

// headerOf makes a header of lines that need not be sound.
func headerOf(lines string) (h raxx.Header) {
	for line := range strings.SplitSeq(lines, "\n") {
		if name, value, ok := strings.Cut(line, ": "); ok {
			h = append(h, raxx.Field{Name: name, Value: value})
		}
	}
	return h
}

// bodyOf makes a body of one kind or another, which need not keep its promise.
func bodyOf(kind int, content string) raxx.Body {
	half := len(content) / 2
	chunks := func(err error) func(yield func([]byte, error) bool) {
		return func(yield func([]byte, error) bool) {
			if yield([]byte(content[:half]), nil) && yield([]byte(content[half:]), nil) && err != nil {
				yield(nil, err)
			}
		}
	}
	switch n := int64(len(content)); uint(kind) % 8 {
	case 0:
		return nil
	case 1:
		return raxx.Data(content)
	case 2:
		return raxx.NewStream(-1, chunks(nil))
	case 3:
		return raxx.NewStream(n, chunks(nil))
	case 4:
		return raxx.NewStream(n+1, chunks(nil))
	case 5:
		return raxx.NewStream(n-1, chunks(nil))
	case 6:
		return raxx.NewStream(-1, chunks(errors.New("broken")))
	}
	return raxx.NewStream(-1, chunks(nil)).WithTrailer(func() raxx.Header { return raxx.Header{{Name: "x-late", Value: content}} })
}

func plain500(raxx.Request, error) raxx.Response { return raxx.Text(500, "sorry") }

// A wire is a Sender that keeps what it is to send.
type wire struct {
	conn *Conn
	out  []byte
}

func (w *wire) Publish(raxx.Publish)   {}
func (w *wire) Patience(raxx.Patience) {}

func (w *wire) SendInform(status int, header raxx.Header) error {
	w.out = w.conn.AppendInform(w.out, status, header)
	return nil
}

func (w *wire) SendHead(r *exchange.Reply) error {
	if r.Close {
		w.conn.Close()
	}
	w.out = w.conn.AppendHead(w.out, &Head{
		Status: r.Status, Header: r.Header, Length: r.Length, NoContent: r.NoContent, Trailer: r.Trailer,
		Date: "Thu, 01 Jan 1970 00:00:00 GMT",
	})
	return nil
}

func (w *wire) SendData(p []byte) error {
	w.out = append(w.conn.AppendDataHead(w.out, len(p)), p...)
	w.out = w.conn.AppendDataEnd(w.out)
	return nil
}

func (w *wire) SendChunk(p []byte) error { return w.SendData(p) }

func (w *wire) SendFile(fs.File, int64) error { return errors.ErrUnsupported }

func (w *wire) SendTail(trailer raxx.Header) error {
	w.out = w.conn.AppendTail(w.out, trailer)
	return nil
}

// checkWire reads what was sent and compares it with the response.
func checkWire(t *testing.T, req raxx.Request, want raxx.Response, out exchange.Outcome, s *wire) {
	t.Helper()
	// net/http takes no trailer that its buffer does not hold.
	r := bufio.NewReaderSize(strings.NewReader(string(s.out)), len(s.out)+16)
	got, err := http.ReadResponse(r, &http.Request{Method: req.Method})
	if err != nil {
		t.Fatalf("%.500q is no reply: %v", s.out, err)
	}
	content, err := io.ReadAll(got.Body)
	if out.Err != nil {
		// A body of known length that fails behind its last octet is whole.
		if err == nil && s.conn.framing == chunks {
			t.Errorf("%.500q breaks off (%v) and looks whole", s.out, out.Err)
		}
		return
	}
	if rest, _ := io.ReadAll(r); err != nil || len(rest) > 0 {
		t.Fatalf("%.500q: %v, and %.500q behind the reply", s.out, err, rest)
	}
	diff(t, want.Status, got.StatusCode)
	checkFields(t, want.Header, got.Header)
	if got.Close == s.conn.KeepAlive() {
		t.Errorf("%.500q: close is %v, and the connection is to go on: %v", s.out, got.Close, s.conn.KeepAlive())
	}
	if req.Method == "HEAD" || want.Status == 204 || want.Status == 304 {
		diff(t, "", string(content))
		return
	}
	diff(t, allOf(want.Body), string(content))
	if s.conn.framing == chunks {
		checkFields(t, trailerOf(want), got.Trailer)
	}
}

// checkFields compares the fields that are the handler's, name by name.
func checkFields(t *testing.T, want raxx.Header, got http.Header) {
	t.Helper()
	list := map[string][]string{}
	for _, f := range want {
		if !octets.OfConnection(f.Name) {
			list[f.Name] = append(list[f.Name], f.Value)
		}
	}
	for name, values := range got {
		name = strings.ToLower(name)
		if octets.OfConnection(name) || name == "date" && !want.Has("date") && len(values) == 1 {
			continue
		}
		if d := cmp.Diff(list[name], values); d != "" {
			t.Errorf("field %q (-want +got):\n%s", name, d)
		}
		delete(list, name)
	}
	if len(list) > 0 {
		t.Errorf("missing fields: %q", list)
	}
}

func allOf(b raxx.Body) string {
	var all strings.Builder
	for chunk := range raxx.Chunks(b) {
		all.Write(chunk)
	}
	return all.String()
}

func trailerOf(r raxx.Response) raxx.Header {
	trailer := r.Trailer
	if s, ok := r.Body.(raxx.Stream); ok {
		trailer = append(trailer[:len(trailer):len(trailer)], s.Trailer()...)
	}
	return trailer
}
