package ace_test

import (
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// A contractReply is a handler, and what every client sees of its reply.
type contractReply struct {
	name    string
	method  string // GET by default
	handler raxx.Handler
	want    answer // with the type of the content, and without its length
	length  int64  // what the header says of it; -1: nothing
	http2   string // and over HTTP/2, where there can be a length and a trailer
	served  bool   // there is no such reply without a server
}

// typed is the header of most replies.
var typed = raxx.Header{{Name: "content-type", Value: "text/plain"}}

// plain is a reply that comes whole.
func plain(body string) answer { return answer{status: 200, header: typed, body: body} }

// cut is a reply that breaks off.
func cut(body string) answer { return answer{status: 200, header: typed, body: body, broken: true} }

// faultPage is the reply for a handler that has a fault.
var faultPage = answer{status: 500, header: raxx.Header{{Name: "content-type", Value: "application/problem+json"}},
	body: `{"title":"Internal Server Error","status":500}`}

// does returns a handler that answers with a machine.
func does(do func(raxx.Event) []raxx.Part) raxx.Handler {
	return func(raxx.Request) raxx.Response { return raxx.Reply(200, "text/plain", reacts(do)) }
}

// defers returns a handler whose machine sends the head.
func defers(do func(raxx.Event) []raxx.Part) raxx.Handler {
	return func(raxx.Request) raxx.Response { return raxx.Defer(reacts(do)) }
}

// opening returns what a machine does that sends all at once.
func opening(parts ...raxx.Part) func(raxx.Event) []raxx.Part {
	return func(event raxx.Event) []raxx.Part {
		if _, ok := event.(raxx.Open); ok {
			return parts
		}
		return nil
	}
}

// body returns a handler that answers with this body.
func body(b raxx.Body) raxx.Handler {
	return func(raxx.Request) raxx.Response { return raxx.Reply(200, "text/plain", b) }
}

// promise returns a stream that promises n bytes.
func promise(n int64, s raxx.Stream) raxx.Stream { return raxx.NewStream(n, s.Chunks()) }

const large = 1 << 20

func contractReplies() []contractReply {
	trailer := raxx.Header{{Name: "x-checksum", Value: "42"}}
	files := fstest.MapFS{"a": {Data: []byte(text(large))}, "empty": {}}
	file := raxx.NewFile(files, "a")
	head := func(resp raxx.Response) raxx.Handler { return func(raxx.Request) raxx.Response { return resp } }
	return []contractReply{
		{name: "nothing", handler: body(nil), want: plain("")},
		{name: "empty data", handler: body(raxx.Data("")), want: plain("")},
		{name: "data", handler: body(raxx.Data("hello")), want: plain("hello"), length: 5},
		{name: "64 KiB of data", handler: body(raxx.Data(text(64 << 10))), want: plain(text(64 << 10)), length: 64 << 10},
		{name: "1 MiB of data", handler: body(raxx.Data(text(large))), want: plain(text(large)), length: large},
		{name: "a file", handler: body(file), want: plain(text(large)), length: large},
		{name: "an empty file", handler: body(raxx.NewFile(files, "empty")), want: plain("")},
		{name: "a range of a file", handler: body(file.Range(100, 70000)), want: plain(text(large)[100:70100]), length: 70000},
		{name: "the end of a file", handler: body(file.Range(large-3, -1)), want: plain(text(large)[large-3:]), length: 3},
		{name: "a file that is not there", handler: body(raxx.NewFile(files, "b")), want: faultPage, length: 46, served: true},
		{name: "a file that ends early", handler: body(raxx.NewFile(torn{files, io.EOF}, "a")), want: cut(text(tornAt)), length: large, served: true},
		{name: "a file that can't be read to its end", handler: body(raxx.NewFile(torn{files, errBroken}, "a")), want: cut(text(tornAt)), length: large, served: true},
		{name: "a stream", handler: body(raxxtest.Chunks("a", "", "b")), want: plain("ab"), length: -1},
		{name: "a stream of nothing", handler: body(raxxtest.Chunks()), want: plain(""), length: -1},
		{name: "a stream of large chunks", handler: body(raxxtest.Chunks(text(300000), text(large))), want: plain(text(300000) + text(large)), length: -1},
		{name: "a stream of a known length", handler: body(promise(4, raxxtest.Chunks("ab", "cd"))), want: plain("abcd"), length: 4},
		{name: "a large stream of a known length", handler: body(promise(large, raxxtest.Chunks(text(large)))), want: plain(text(large)), length: large},
		{name: "a stream that fails", handler: body(raxxtest.Broken(errBroken, "ab")), want: cut("ab"), length: -1},
		{name: "a stream of a known length that fails", handler: body(promise(4, raxxtest.Broken(errBroken, "ab"))), want: cut("ab"), length: 4},
		{name: "a stream that is shorter than it promised", handler: body(promise(5, raxxtest.Chunks("ab"))), want: cut("ab"), length: 5},
		{name: "a stream that panics", handler: body(raxx.NewStream(-1, func(yield func([]byte, error) bool) {
			yield([]byte("ab"), nil)
			panic("on purpose")
		})), want: cut("ab"), length: -1, served: true},
		{name: "a trailer behind data", handler: head(raxx.Response{Status: 200, Header: typed, Body: raxx.Data("ab"), Trailer: trailer}),
			want: answer{status: 200, header: typed, body: "ab", trailer: trailer}, length: -1, http2: "2"},
		{name: "a trailer behind 1 MiB of data", handler: head(raxx.Response{Status: 200, Header: typed, Body: raxx.Data(text(large)), Trailer: trailer}),
			want: answer{status: 200, header: typed, body: text(large), trailer: trailer}, length: -1, http2: "1048576"},
		{name: "a trailer behind nothing", handler: head(raxx.Response{Status: 200, Header: typed, Trailer: trailer}),
			want: answer{status: 200, header: typed, trailer: trailer}, length: -1, http2: "0"},
		{name: "a trailer behind a stream", handler: body(raxxtest.Chunks("ab").WithTrailer(func() raxx.Header { return trailer })),
			want: answer{status: 200, header: typed, body: "ab", trailer: trailer}, length: -1},
		{name: "many fields", handler: head(manyFields()), want: answer{status: 200, header: sorted(slices.Clone(manyFields().Header))}},
		{name: "204", handler: head(raxx.NoContent()), want: answer{status: 204}, length: -1},
		{name: "304 of data", handler: head(raxx.Response{Status: 304, Header: typed}), want: answer{status: 304, header: typed}, length: -1},
		{name: "404", handler: head(raxx.Text(404, "no")), want: answer{status: 404, header: raxx.Text(404, "no").Header, body: "no"}, length: 2},
		{name: "HEAD of data", method: "HEAD", handler: body(raxx.Data("hello")), want: plain(""), length: 5},
		{name: "HEAD of a file", method: "HEAD", handler: body(file), want: plain(""), length: large},
		{name: "HEAD of a stream", method: "HEAD", handler: body(raxxtest.Broken(errBroken, "ab")), want: plain(""), length: -1},
		{name: "HEAD of a machine", method: "HEAD", handler: does(opening(raxx.Data("ab"))), want: plain(""), length: -1},
		{name: "a panic", handler: func(raxx.Request) raxx.Response { panic("on purpose") }, want: faultPage, length: 46, served: true},
		{name: "a field that can't be sent", handler: head(raxx.Response{Status: 200, Header: raxx.Header{{Name: "a", Value: "b\r\nc"}}}), want: faultPage, length: 46, served: true},
		{name: "status 101 that nobody asked for", handler: head(raxx.Response{Status: 101, Body: reacts(opening())}), want: faultPage, length: 46, served: true},

		{name: "a machine", handler: does(opening(raxx.Data("a"), raxx.Data("b"), raxx.Tail{})), want: plain("ab"), length: -1},
		{name: "a machine of large parts", handler: does(opening(raxx.Data(text(large)), raxx.Data("b"), raxx.Data(text(large)), raxx.Tail{Trailer: trailer})),
			want: answer{status: 200, header: typed, body: text(large) + "b" + text(large), trailer: trailer}, length: -1},
		{name: "a machine of a known length", handler: func(raxx.Request) raxx.Response {
			return raxx.Reply(200, "text/plain", reacts(opening(raxx.Data("a"), raxx.Data("b"), raxx.Tail{}))).With("content-length", "2")
		}, want: plain("ab"), length: 2},
		{name: "a machine that sends less than it promised", handler: func(raxx.Request) raxx.Response {
			return raxx.Reply(200, "text/plain", reacts(opening(raxx.Data("a"), raxx.Tail{}))).With("content-length", "2")
		}, want: cut("a"), length: 2, served: true},
		{name: "a machine that waits for timers", handler: does(counts(3)), want: plain("123"), length: -1, served: true},
		{name: "a machine that sends 100 pieces, each when it may", handler: does(pieces(100)), want: plain(strings.Repeat(text(20000), 100)), length: -1, served: true},
		{name: "a machine that breaks off", handler: does(opening(raxx.Data("ab"), raxx.Abort{Cause: raxx.NewCause(errBroken)})), want: cut("ab"), length: -1},
		{name: "a machine that panics", handler: does(func(event raxx.Event) []raxx.Part { panic("on purpose") }), want: cut(""), length: -1, served: true},
		{name: "a deferred head", handler: defers(opening(raxx.Reply(200, "text/plain", nil), raxx.Data("ab"), raxx.Tail{})), want: plain("ab"), length: -1},
		{name: "a deferred response of data", handler: defers(opening(raxx.Reply(200, "text/plain", raxx.Data("ab")))), want: plain("ab"), length: 2},
		{name: "a deferred response of a file", handler: defers(opening(raxx.Reply(200, "text/plain", file))), want: plain(text(large)), length: large},
		{name: "a deferred response of a stream", handler: defers(opening(raxx.Reply(200, "text/plain", raxxtest.Chunks("a", "b")))), want: plain("ab"), length: -1},
		{name: "a deferred 204", handler: defers(opening(raxx.NoContent(), raxx.Tail{})), want: answer{status: 204}, length: -1},
		{name: "a machine that breaks off before its head", handler: defers(opening(raxx.Abort{})), want: faultPage, length: 46, served: true},
		{name: "a machine that panics before its head", handler: defers(func(event raxx.Event) []raxx.Part { panic("on purpose") }), want: faultPage, length: 46, served: true},
		{name: "content before the head", handler: defers(opening(raxx.Data("ab"))), want: faultPage, length: 46, served: true},
		{name: "interim responses", handler: defers(opening(
			raxx.Inform{Status: 103, Header: raxx.Header{{Name: "link", Value: "</a>"}}}, raxx.Inform{Status: 102}, raxx.Reply(200, "text/plain", raxx.Data("ab")))),
			want: answer{informs: []string{"103 [{link </a>}]", "102 []"}, status: 200, header: typed, body: "ab"}, length: 2},
		{name: "an interim response that speaks of the connection", handler: defers(opening(raxx.Inform{Status: 103, Header: raxx.Header{
			{Name: "content-length", Value: "5"}, {Name: "transfer-encoding", Value: "chunked"}, {Name: "connection", Value: "close"},
			{Name: "keep-alive", Value: "timeout=5"}, {Name: "proxy-connection", Value: "close"}, {Name: "upgrade", Value: "a"}, {Name: "link", Value: "</a>"},
		}}, raxx.Reply(200, "text/plain", raxx.Data("ab")))), want: answer{informs: []string{"103 [{link </a>}]"}, status: 200, header: typed, body: "ab"}, length: 2, served: true},
		{name: "effects", handler: func(req raxx.Request) raxx.Response {
			m := reacts(func(event raxx.Event) []raxx.Part {
				switch event := event.(type) {
				case raxx.Open:
					return []raxx.Part{raxx.Publish{Topic: "a", Message: "lost"}, raxx.Subscribe{Topic: "a"}, raxx.Publish{Topic: "a", Message: "found"}}
				case raxx.Info:
					return []raxx.Part{raxx.Data(event.Topic + event.Message), raxx.Tail{}}
				}
				return nil
			})
			return raxx.Reply(200, "text/plain", m)
		}, want: plain("afound"), length: -1, served: true},
	}
}

// manyFields is a response whose header takes more than one frame.
func manyFields() raxx.Response {
	resp := raxx.Response{Status: 200}
	for i := range 100 {
		resp.Header = append(resp.Header, raxx.Field{Name: fmt.Sprintf("x-%03d", i), Value: strings.Repeat("x", 300)})
	}
	return resp
}

// counts sends a digit at each of n timers.
func counts(n int) func(raxx.Event) []raxx.Part {
	i := 0
	return func(event raxx.Event) []raxx.Part {
		switch event.(type) {
		case raxx.Open:
			return []raxx.Part{raxx.After{Delay: 1}}
		case raxx.Timer:
			i++
			parts := []raxx.Part{raxx.Data(fmt.Sprint(i)), raxx.After{Delay: 1}}
			if i == n {
				i = 0
				parts[1] = raxx.Tail{}
			}
			return parts
		}
		return nil
	}
}

// pieces sends n pieces, one behind the other as the client takes them.
func pieces(n int) func(raxx.Event) []raxx.Part {
	i := 0
	return func(event raxx.Event) []raxx.Part {
		switch event.(type) {
		case raxx.Open, raxx.Timer:
			if i++; i > n {
				i = 0
				return []raxx.Part{raxx.Tail{}}
			}
			return []raxx.Part{raxx.Data(text(20000)), raxx.After{}}
		}
		return nil
	}
}

func TestContractReplies(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		all := contractReplies()
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			var i int
			fmt.Sscanf(req.Path, "/%d", &i)
			return all[i].handler(req)
		}, ace.Config{})
		for i, row := range all {
			t.Run(row.name, func(t *testing.T) {
				c := *c
				c.TB = t
				got := c.ask(ask{method: row.methodOrGet(), target: fmt.Sprintf("/%d", i)})
				want := row.want
				if n, err := strconv.ParseInt(row.http2, 10, 64); err == nil && e.http2 {
					row.length = n
				}
				want.header = withLength(want.header, row.length)
				if want.status == 304 && e.under == serverOfNetHTTP && !e.http2 {
					want.header = nil // it takes the type out
				}
				wantAnswer(t, want, got)
			})
		}
	})
	for _, e := range direct {
		t.Run(e.name, func(t *testing.T) {
			for _, row := range contractReplies() {
				if row.served {
					continue
				}
				t.Run(row.name, func(t *testing.T) {
					got := e.askDirectly(t, row.handler, ask{method: row.methodOrGet(), target: "/"})
					got.header = got.header.Without("content-length")
					wantAnswer(t, row.want, got)
				})
			}
		})
	}
}

// torn are files of which no more than the beginning can be read.
type torn struct {
	fs.FS
	err error
}

const tornAt = 3 << 16

func (f torn) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	return &tornFile{file, f.err, tornAt}, err
}

type tornFile struct {
	fs.File
	err  error
	left int
}

func (f *tornFile) Read(p []byte) (int, error) {
	if f.left == 0 {
		return 0, f.err
	}
	n, err := f.File.Read(p[:min(len(p), f.left)])
	f.left -= n
	return n, err
}

func (row *contractReply) methodOrGet() string {
	if row.method == "" {
		return "GET"
	}
	return row.method
}

// withLength returns the header that a client sees, if the server says how long
// the content is.
func withLength(header raxx.Header, n int64) raxx.Header {
	if n < 0 {
		return header
	}
	return sorted(append(slices.Clone(header), raxx.Field{Name: "content-length", Value: fmt.Sprint(n)}))
}
