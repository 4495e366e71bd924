package nethttp_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// ask hands a request to an http.Handler and returns what it has written.
func ask(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func to(h raxx.Handler) *nethttp.Handler { return nethttp.ToHTTP(h, nethttp.Config{}) }

// answers is a handler that answers with this.
func answers(resp raxx.Response) raxx.Handler {
	return func(raxx.Request) raxx.Response { return resp }
}

// reacts returns a machine without a state.
func reacts(do func(raxx.Event) []raxx.Part) raxx.Machine {
	return raxx.NewMachine(struct{}{}, func(s struct{}, event raxx.Event) (struct{}, []raxx.Part) { return s, do(event) })
}

func TestToHTTPRequest(t *testing.T) {
	r := httptest.NewRequest("POST", "https://Example.org/a%2Fb/c?d=%20", strings.NewReader("hello"))
	for _, f := range []string{"X-B", "X-A", "X-B", "Upgrade", "Keep-Alive", "Transfer-Encoding"} {
		r.Header.Add(f, strings.ToLower(f))
	}
	r.Header["Connection"] = []string{"keep-alive, close", "X-B"}
	r.Trailer = http.Header{"X-Sum": nil}
	r.Pattern = "/{name}/{rest...}"
	r.SetPathValue("name", "a/b")
	r.SetPathValue("rest", "c")
	var got raxx.Request
	ask(to(raxx.Complete(0)(func(req raxx.Request) raxx.Response {
		got = req
		return raxx.NoContent()
	})), r)
	want := raxx.Request{
		Method: "POST", Scheme: "https", Authority: "example.org", Path: "/a%2Fb/c", Query: "d=%20", Body: raxx.Data("hello"),
		Header:  raxx.Header{{Name: "connection", Value: "X-B"}, {Name: "trailer", Value: "X-Sum"}, {Name: "x-a", Value: "x-a"}, {Name: "x-b", Value: "x-b"}, {Name: "x-b", Value: "x-b"}},
		Pattern: "/{name}/{rest...}", Params: raxx.Params{{Name: "name", Value: "a/b"}, {Name: "rest", Value: "c"}},
		Peer: raxx.Peer{Address: "192.0.2.1:1234", Protocol: "HTTP/1.1", TLS: &raxx.TLS{Version: "TLS 1.2", ServerName: "Example.org", CipherSuite: "0x0000"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("unexpected request (-want +got):\n%s", diff)
	}
}

// The names of a trailer that is to come are sorted, like all else that net/http has
// no order of.
func TestToHTTPNamesOfTheTrailer(t *testing.T) {
	for range 20 {
		r := httptest.NewRequest("POST", "/", strings.NewReader("a"))
		r.ContentLength, r.Trailer = -1, http.Header{"X-B": nil, "X-A": nil, "X-C": nil}
		ask(to(func(req raxx.Request) raxx.Response {
			if got := req.Header.Get("trailer"); got != "X-A, X-B, X-C" {
				t.Errorf("got %q", got)
			}
			return raxx.NoContent()
		}), r)
	}
}

// net/http takes any octets for a host over HTTP/2. Those whose lower case is the host
// of somebody else do not become that.
func TestHostThatIsNotASCII(t *testing.T) {
	for host, want := range map[string]string{"Kube.Example.org": "kube.example.org", "\u212aube.Example.org": "\u212aube.Example.org"} {
		for name, h := range map[string]func(raxx.Handler) http.Handler{
			"from a server": func(h raxx.Handler) http.Handler { return to(h) },
			"from a middleware": func(h raxx.Handler) http.Handler {
				return to(nethttp.FromMiddleware(func(next http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						r.Host = host
						next.ServeHTTP(w, r)
					})
				})(h))
			},
		} {
			r := httptest.NewRequest("GET", "/", nil)
			if name == "from a server" {
				r.Host = host
			}
			got := ask(h(func(req raxx.Request) raxx.Response { return raxx.Text(200, req.Authority) }), r)
			if got.Body.String() != want {
				t.Errorf("%s: %s is told as %s", name, host, got.Body)
			}
		}
	}
}

// RFC 9112, Section 3.2.1: an empty path is that of the root.
func TestEmptyPath(t *testing.T) {
	var got raxx.Request
	note := func(req raxx.Request) raxx.Response {
		got = req
		return raxx.NoContent()
	}
	strip := func(next http.Handler) http.Handler { return http.StripPrefix("/app", next) }
	for _, row := range []struct {
		method, target, path string
		handle               func(method, target string)
	}{
		{"GET", "http://example.org", "/", func(method, target string) { ask(to(note), httptest.NewRequest(method, target, nil)) }},
		{"GET", "http://example.org?a", "/", func(method, target string) { ask(to(note), httptest.NewRequest(method, target, nil)) }},
		{"OPTIONS", "*", "*", func(method, target string) { ask(to(note), httptest.NewRequest(method, target, nil)) }},
		{"GET", "/app", "/", func(method, target string) { ask(strip(to(note)), httptest.NewRequest(method, target, nil)) }},
		{"GET", "/app", "/", func(method, target string) { nethttp.FromMiddleware(strip)(note)(raxx.New(method, target, nil)) }},
		{"GET", "/app/%2Fx", "/%2Fx", func(method, target string) { nethttp.FromMiddleware(strip)(note)(raxx.New(method, target, nil)) }},
	} {
		row.handle(row.method, row.target)
		if got.Path != row.path {
			t.Errorf("%s %s: the path is %q, want %q", row.method, row.target, got.Path, row.path)
		}
	}
}

// A machine whose pieces would not reach the client is refused, as behind
// FromMiddleware; one that answers with all of a reply is not.
func TestToHTTPNoFlush(t *testing.T) {
	says := func(parts ...raxx.Part) raxx.Machine { return reacts(func(raxx.Event) []raxx.Part { return parts }) }
	for _, row := range []struct {
		name   string
		resp   raxx.Response
		status int
	}{
		{"a machine", raxx.Response{Status: 200, Body: says(raxx.Data("a"), raxx.Tail{})}, 500},
		{"a deferred head", raxx.Defer(says(raxx.Response{Status: 200}, raxx.Data("a"), raxx.Tail{})), 500},
		{"a deferred reply", raxx.Defer(says(raxx.Text(200, "a"))), 200},
		{"a deferred stream", raxx.Defer(says(raxx.Response{Status: 200, Body: raxxtest.Chunks("a", "b")})), 200},
		{"a deferred reply without content", raxx.Defer(says(raxx.NoContent(), raxx.Tail{})), 204},
		{"a stream", raxx.Response{Status: 200, Body: raxxtest.Chunks("a", "b")}, 200},
	} {
		t.Run(row.name, func(t *testing.T) {
			var reported error
			h := nethttp.ToHTTP(answers(row.resp), nethttp.Config{Report: func(_ raxx.Request, err error) { reported = err }})
			w := httptest.NewRecorder()
			h.ServeHTTP(struct{ http.ResponseWriter }{w}, httptest.NewRequest("GET", "/", nil))
			if w.Code != row.status || errors.Is(reported, nethttp.ErrNoFlush) != (row.status == 500) {
				t.Errorf("got %d, reported %v", w.Code, reported)
			}
		})
	}
}

// A body can be read once, and only until the reply is over.
func TestToHTTPBodyIsReadOnce(t *testing.T) {
	var kept raxx.Body
	w := ask(to(func(req raxx.Request) raxx.Response {
		kept = req.Body
		first, err := raxx.ReadAll(req.Body, 0)
		_, again := raxx.ReadAll(req.Body, 0)
		return raxx.Text(200, fmt.Sprint(first, err, errors.Is(again, nethttp.ErrBodyRead)))
	}), httptest.NewRequest("POST", "/", strings.NewReader("hello")))
	if got := w.Body.String(); got != "hello<nil> true" {
		t.Errorf("got %q", got)
	}
	if _, err := raxx.ReadAll(kept, 0); err == nil {
		t.Error("the body can be read when the reply is over")
	}
}

// What a middleware of net/http refuses about a body has its own status.
func TestToHTTPBodyThatFails(t *testing.T) {
	h := http.MaxBytesHandler(to(raxx.Complete(0)(answers(raxx.NoContent()))), 3)
	if w := ask(h, httptest.NewRequest("POST", "/", strings.NewReader("hello"))); w.Code != 413 {
		t.Errorf("got %d for a body that is too large", w.Code)
	}
	broken := io.MultiReader(strings.NewReader("a"), errReader{})
	if w := ask(to(raxx.Complete(0)(answers(raxx.NoContent()))), httptest.NewRequest("POST", "/", broken)); w.Code != 400 {
		t.Errorf("got %d for a body that breaks off", w.Code)
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// The fields of a response take the place of those that middleware has set, but
// for those that every layer adds to.
func TestToHTTPFieldsOfOtherLayers(t *testing.T) {
	h := to(answers(raxx.Text(200, "x").Add("x-a", "1").Add("x-a", "2").Add("vary", "accept").Add("set-cookie", "a=b").Add("link", "</a>")))
	w := httptest.NewRecorder()
	w.Header()["X-A"] = []string{"0"}
	w.Header()["X-B"] = []string{"0"}
	w.Header()["Vary"] = []string{"Origin"}
	w.Header()["Set-Cookie"] = []string{"c=d"}
	w.Header()["Link"] = []string{"</b>"}
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	want := http.Header{"X-A": {"1", "2"}, "X-B": {"0"}, "Vary": {"Origin", "accept"}, "Set-Cookie": {"c=d", "a=b"}, "Link": {"</b>", "</a>"},
		"Content-Type": {"text/plain; charset=utf-8"}, "Content-Length": {"1"}}
	if diff := cmp.Diff(want, w.Header()); diff != "" {
		t.Errorf("unexpected header (-want +got):\n%s", diff)
	}
}

// What the handler says of the connection is the server's affair.
func TestToHTTPFieldsOfTheConnection(t *testing.T) {
	resp := raxx.Response{Status: 426, Body: raxx.Data("x")}
	for _, name := range []string{"keep-alive", "proxy-connection", "transfer-encoding", "upgrade"} {
		resp = resp.Add(name, "x")
	}
	w := ask(to(answers(resp)), httptest.NewRequest("GET", "/", nil))
	if diff := cmp.Diff(http.Header{"Upgrade": {"x"}, "Connection": {"Upgrade"}, "Content-Length": {"1"}, "Content-Type": nil}, w.Header()); diff != "" {
		t.Errorf("unexpected header (-want +got):\n%s", diff)
	}
	w = ask(to(answers(resp.Without("upgrade"))), httptest.NewRequest("GET", "/", nil))
	if diff := cmp.Diff(http.Header{"Content-Length": {"1"}, "Content-Type": nil}, w.Header()); diff != "" {
		t.Errorf("unexpected header (-want +got):\n%s", diff)
	}
	w = ask(to(answers(resp.WithStatus(200).With("connection", "close"))), httptest.NewRequest("GET", "/", nil))
	if diff := cmp.Diff(http.Header{"Connection": {"close"}, "Content-Length": {"1"}, "Content-Type": nil}, w.Header()); diff != "" {
		t.Errorf("unexpected header (-want +got):\n%s", diff)
	}
}

func TestToHTTPFaultsAreReported(t *testing.T) {
	var reports []string
	hello, dir := fstest.MapFS{"a": {Data: []byte("hello")}}, t.TempDir()
	h := func(resp raxx.Response, e func(raxx.Request, error) raxx.Response) http.Handler {
		return nethttp.ToHTTP(answers(resp), nethttp.Config{ErrorResponse: e, Report: func(req raxx.Request, err error) {
			reports = append(reports, fmt.Sprintf("%s %T %v", req.Path, err, err))
		}})
	}
	own := func(_ raxx.Request, err error) raxx.Response { return raxx.Text(503, err.Error()) }
	for _, row := range []struct {
		name    string
		handler http.Handler
		status  int // 0: the reply is cut
		report  string
	}{
		{"nothing is wrong", h(raxx.NoContent(), nil), 204, ""},
		{"a cause", h(raxx.Text(404, "no").WithCause(io.EOF), nil), 404, "/a *errors.errorString EOF"},
		{"a status that is none", h(raxx.Response{Status: 42}, nil), 500, "/a *exchange.ResponseError ace: status 42 of a response, which has to be from 200 to 599"},
		{"the same with a reply of its own", h(raxx.Response{Status: 42}, own), 503, "/a *exchange.ResponseError ace: status 42 of a response, which has to be from 200 to 599"},
		{"a stream that fails", h(raxx.Response{Status: 200, Body: raxxtest.Broken(io.EOF, "a")}, nil), 0, "/a *exchange.ResponseError ace: the body of the response ended early: EOF"},
		{"a machine that breaks off", h(raxx.Response{Status: 200, Body: reacts(func(raxx.Event) []raxx.Part { return []raxx.Part{raxx.Abort{Cause: raxx.NewCause(io.EOF)}} })}, nil), 0,
			"/a *exchange.AbortError ace: the machine broke the reply off: EOF"},
		{"a machine that panics", h(raxx.Response{Status: 200, Body: reacts(func(raxx.Event) []raxx.Part { panic("oh") })}, nil), 0, "/a *exchange.PanicError ace: the handler panicked: oh"},
		{"101 that nobody asked for", h(raxx.Response{Status: 101, Body: raxx.Machine{}}.With("upgrade", "chat"), nil), 500,
			"/a *exchange.ResponseError ace: status 101 in reply to a request that asks for no other protocol, or has a body"},
		{"a file that is not there", h(raxx.Response{Status: 200, Body: raxx.NewFile(fstest.MapFS{}, "a")}, nil), 500,
			"/a *exchange.ResponseError ace: the file of the response can't be sent: open a: file does not exist"},
		{"a file that can't be read to its end", h(raxx.Response{Status: 200, Body: raxx.NewFile(failingFS{hello, fs.ErrInvalid}, "a")}, nil), 0,
			"/a *exchange.ResponseError ace: the file of the response can't be read: invalid argument"},
		{"a file that has become shorter", h(raxx.Response{Status: 200, Body: raxx.NewFile(failingFS{hello, io.EOF}, "a")}, nil), 0,
			"/a *exchange.ResponseError ace: the file of the response has become shorter"},
		{"a file on a disk that can't be read", h(raxx.Response{Status: 200, Body: raxx.NewFile(unreadable{dir}, "a")}, nil), 0,
			"/a *exchange.ResponseError ace: the file of the response can't be read: read dir/a: bad file descriptor"},
	} {
		t.Run(row.name, func(t *testing.T) {
			reports = nil
			w := httptest.NewRecorder()
			func() {
				defer func() {
					if v := recover(); v != nil && (v != http.ErrAbortHandler || row.status != 0) {
						t.Errorf("it panics with %v", v)
					} else if v == nil && row.status == 0 {
						t.Error("the reply is not cut")
					}
				}()
				row.handler.ServeHTTP(w, httptest.NewRequest("GET", "/a", nil))
			}()
			if row.status != 0 && w.Code != row.status {
				t.Errorf("got %d, want %d", w.Code, row.status)
			}
			if got := strings.ReplaceAll(strings.Join(reports, "\n"), dir, "dir"); got != row.report {
				t.Errorf("the report is\n\t%s\nwant\n\t%s", got, row.report)
			}
		})
	}
}

// An unreadable file system has files that can only be written.
type unreadable struct{ dir string }

func (u unreadable) Open(name string) (fs.File, error) {
	if err := os.WriteFile(u.dir+"/"+name, []byte("hello"), 0o600); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(u.dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.OpenFile(name, os.O_WRONLY, 0)
}

// A copyingWriter takes content by io.ReaderFrom, as that of net/http does, which has
// the kernel copy it if it is of a file of the operating system.
type copyingWriter struct {
	*httptest.ResponseRecorder
	file bool
}

func (w *copyingWriter) ReadFrom(r io.Reader) (int64, error) {
	if limited, ok := r.(*io.LimitedReader); ok {
		_, w.file = limited.R.(*os.File)
	}
	return io.Copy(w.ResponseRecorder, r)
}

func TestToHTTPFileIsTheKernelsToCopy(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/a", []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := &copyingWriter{ResponseRecorder: httptest.NewRecorder()}
	to(answers(raxx.Response{Status: 200, Body: raxx.NewFile(os.DirFS(dir), "a").Range(1, 3)})).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if got := w.Body.String(); got != "ell" || !w.file {
		t.Errorf("got %q, from a file: %v", got, w.file)
	}
}

// The length of a reply is its own, whatever a layer around has set before; behind
// content of a known length there is a trailer over HTTP/2 only.
func TestToHTTPLengths(t *testing.T) {
	own := raxx.Header{{Name: "x-own", Value: "1"}}
	for name, row := range map[string]struct {
		method string
		resp   raxx.Response
		want   [3]string // over HTTP/1.0, HTTP/1.1 and HTTP/2
	}{
		"data":                     {"GET", raxx.Text(200, "a"), [3]string{"1", "1", "1"}},
		"nothing":                  {"GET", raxx.Response{Status: 200}, [3]string{"0", "0", "0"}},
		"none":                     {"GET", raxx.Response{Status: 204}, [3]string{"", "", ""}},
		"of what GET has":          {"HEAD", raxx.Text(200, "a"), [3]string{"1", "1", "1"}},
		"a stream":                 {"GET", raxx.Response{Status: 200, Body: raxxtest.Chunks("a", "b")}, [3]string{"", "", ""}},
		"a stream of a length":     {"GET", raxx.Response{Status: 200, Body: raxx.NewStream(1, raxx.Chunks(raxx.Data("a")))}, [3]string{"1", "1", "1"}},
		"a trailer":                {"GET", raxx.Response{Status: 200, Body: raxx.Data("a"), Trailer: own}, [3]string{"", "", "1"}},
		"a trailer that a GET has": {"HEAD", raxx.Response{Status: 200, Body: raxx.Data("a"), Trailer: own}, [3]string{"1", "1", "1"}},
		"a machine":                {"GET", raxx.Response{Status: 200, Body: reacts(func(raxx.Event) []raxx.Part { return []raxx.Part{raxx.Tail{}} })}, [3]string{"", "", ""}},
	} {
		for i, version := range [][2]int{{1, 0}, {1, 1}, {2, 0}} {
			r := httptest.NewRequest(row.method, "/", nil)
			r.ProtoMajor, r.ProtoMinor = version[0], version[1]
			w := httptest.NewRecorder()
			w.Header().Set("Content-Length", "9")
			to(answers(row.resp)).ServeHTTP(w, r)
			if got := w.Result().Header.Get("Content-Length"); got != row.want[i] {
				t.Errorf("%s over HTTP/%d.%d: the length is %q, want %q", name, version[0], version[1], got, row.want[i])
			}
		}
	}
}

// A headsWriter notes the heads that are sent.
type headsWriter struct {
	header http.Header
	heads  []string
	first  http.Header // the fields of the first of them
}

func (w *headsWriter) Header() http.Header         { return w.header }
func (w *headsWriter) Write(p []byte) (int, error) { return len(p), nil }
func (w *headsWriter) FlushError() error           { return nil }

func (w *headsWriter) WriteHeader(status int) {
	if w.first == nil {
		w.first = w.header.Clone()
	}
	w.heads = append(w.heads, fmt.Sprint(status, " ", w.header["Link"], w.header["Vary"]))
}

// RFC 9110, Section 15.2: no interim response to a client of HTTP/1.0. The fields of
// one are its own, and those that middleware has set are for the head that follows.
func TestToHTTPInforms(t *testing.T) {
	link := raxx.Header{{Name: "link", Value: "</a.css>; rel=preload"}}
	m := reacts(func(event raxx.Event) []raxx.Part {
		if _, ok := event.(raxx.Open); !ok {
			return nil
		}
		return []raxx.Part{raxx.Inform{Status: 103, Header: link}, raxx.Response{Status: 200}, raxx.Tail{}}
	})
	for minor, want := range [][]string{{"200 [][origin]"}, {"103 [</a.css>; rel=preload][origin]", "200 [][origin]"}} {
		w := &headsWriter{header: http.Header{"Vary": {"origin"}}}
		r := httptest.NewRequest("GET", "/", nil)
		r.Proto, r.ProtoMinor = fmt.Sprint("HTTP/1.", minor), minor
		to(answers(raxx.Defer(m))).ServeHTTP(w, r)
		for i, head := range w.heads {
			w.heads[i] = strings.ReplaceAll(head, "] [", "][")
		}
		if diff := cmp.Diff(want, w.heads); diff != "" {
			t.Errorf("unexpected heads over HTTP/1.%d (-want +got):\n%s", minor, diff)
		}
	}
}

// A cookieWriter sets a cookie before the first head, as middleware for sessions does.
type cookieWriter struct {
	http.ResponseWriter
	set bool
}

func (w *cookieWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *cookieWriter) WriteHeader(status int) {
	if !w.set {
		w.set = true
		w.Header().Add("Set-Cookie", "a=1")
	}
	w.ResponseWriter.WriteHeader(status)
}

// What a middleware adds with an interim response is for the head behind it, too.
func TestToHTTPInformsThroughAMiddleware(t *testing.T) {
	m := reacts(func(event raxx.Event) []raxx.Part {
		if _, ok := event.(raxx.Open); !ok {
			return nil
		}
		return []raxx.Part{raxx.Inform{Status: 103, Header: raxx.Header{{Name: "x-a", Value: "1"}}}, raxx.Text(200, "x")}
	})
	w := &headsWriter{header: http.Header{}}
	to(answers(raxx.Defer(m))).ServeHTTP(&cookieWriter{ResponseWriter: w}, httptest.NewRequest("GET", "/", nil))
	if len(w.heads) != 2 || w.header.Get("Set-Cookie") != "a=1" || w.header.Get("X-A") != "" {
		t.Errorf("got %q, at last with %v", w.heads, w.header)
	}
}

// What concerns the connection and the framing is not for an interim response.
func TestToHTTPInformsOfNoConnection(t *testing.T) {
	inform := raxx.Inform{Status: 103}
	for _, name := range []string{"x-a", "connection", "keep-alive", "proxy-connection", "transfer-encoding", "content-length", "upgrade"} {
		inform.Header = inform.Header.Add(name, "5")
	}
	m := reacts(func(event raxx.Event) []raxx.Part {
		if _, ok := event.(raxx.Open); !ok {
			return nil
		}
		return []raxx.Part{inform, raxx.Response{Status: 200}, raxx.Tail{}}
	})
	w := &headsWriter{header: http.Header{}}
	to(answers(raxx.Defer(m))).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if diff := cmp.Diff(http.Header{"X-A": {"5"}}, w.first); diff != "" {
		t.Errorf("unexpected interim response (-want +got):\n%s", diff)
	}
}

func TestToHTTPConnect(t *testing.T) {
	r := httptest.NewRequest("CONNECT", "example.org:443", nil)
	if w := ask(to(func(raxx.Request) raxx.Response { t.Error("the handler was called"); return raxx.NoContent() }), r); w.Code != 501 {
		t.Errorf("got %d", w.Code)
	}
}

// An upgrade that no connection can be had for is 501, and says why.
func TestToHTTPNoUpgrade(t *testing.T) {
	var reported error
	h := nethttp.ToHTTP(answers(raxx.Response{Status: 101, Header: raxx.Header{{Name: "upgrade", Value: "chat"}}, Body: raxx.Machine{}}),
		nethttp.Config{Report: func(_ raxx.Request, err error) { reported = err }})
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["Connection"], r.Header["Upgrade"] = []string{"keep-alive, Upgrade"}, []string{"chat"}
		r.Proto = protocol
		r.ProtoMajor, r.ProtoMinor, _ = http.ParseHTTPVersion(protocol)
		if w := ask(h, r); w.Code != 501 || !errors.Is(reported, nethttp.ErrNoUpgrade) {
			t.Errorf("%s: got %d, reported %v", protocol, w.Code, reported)
		}
	}
}

// A fakeBroker takes messages and hands them to whoever subscribes.
type fakeBroker struct {
	mu   sync.Mutex
	subs map[string][]func(string)
	sent []string
}

func (b *fakeBroker) Publish(topic, message string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent = append(b.sent, topic+": "+message)
	for _, deliver := range b.subs[topic] {
		deliver(message)
	}
	switch message {
	case "lost":
		return io.ErrClosedPipe
	case "panic":
		panic("out of tea")
	}
	return nil
}

func (b *fakeBroker) Subscribe(topic string, deliver func(string)) (func(), error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.subs[topic] = append(b.subs[topic], deliver)
	return func() {}, nil
}

// listening answers with a machine that says what is published, and tells of each
// event but the last.
func listening(told chan<- bool) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		if req.Method == "POST" {
			return raxx.NoContent().WithDo(raxx.Publish{Topic: "news", Message: req.Query})
		}
		return raxx.Reply(200, "text/plain", reacts(func(event raxx.Event) []raxx.Part {
			switch event := event.(type) {
			case raxx.Open:
				told <- true
			case raxx.Info:
				told <- true
				return []raxx.Part{raxx.Data(event.Message + "\n")}
			case raxx.Drain:
				return []raxx.Part{raxx.Data("bye\n"), raxx.Tail{}}
			}
			return nil
		})).WithDo(raxx.Subscribe{Topic: "news"})
	}
}

// Handlers of two servers that share a broker share their topics.
func TestToHTTPBroker(t *testing.T) {
	broker := &fakeBroker{subs: map[string][]func(string){}}
	var failed []string
	config := nethttp.Config{Broker: broker, BrokerFailed: func(topic string, err error) { failed = append(failed, fmt.Sprint(topic, err)) }}
	told := make(chan bool)
	one, two := nethttp.ToHTTP(listening(told), config), nethttp.ToHTTP(listening(told), config)
	got := make(chan string, 1)
	go func() { got <- ask(one, httptest.NewRequest("GET", "/", nil)).Body.String() }()
	<-told
	ask(two, httptest.NewRequest("POST", "/?1", nil))
	ask(two, httptest.NewRequest("POST", "/?lost", nil))
	two.Publish("news", "2")
	two.Publish("news", "panic")
	for range 4 {
		<-told
	}
	one.Drain()
	if got := <-got; got != "1\nlost\n2\npanic\nbye\n" {
		t.Errorf("the machine was told %q", got)
	}
	if diff := cmp.Diff([]string{"news: 1", "news: lost", "news: 2", "news: panic"}, broker.sent); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"newsio: read/write on closed pipe", "newsace: the handler panicked: out of tea"}, failed); diff != "" {
		t.Error(diff)
	}
}

// A handler that is shut down ends its machines, those that come later, too, and
// cuts them when its time is over.
func TestToHTTPShutdown(t *testing.T) {
	told := make(chan bool, 3)
	h := to(listening(told))
	got := make(chan string, 1)
	go func() { got <- ask(h, httptest.NewRequest("GET", "/", nil)).Body.String() }()
	<-told
	if err := h.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown returned %v", err)
	}
	if got := <-got; got != "bye\n" {
		t.Errorf("got %q", got)
	}
	if got := ask(h, httptest.NewRequest("GET", "/", nil)).Body.String(); got != "bye\n" {
		t.Errorf("a machine that came later said %q", got)
	}

	reasons := make(chan raxx.Event, 5)
	deaf := to(answers(raxx.Response{Status: 200, Body: reacts(func(event raxx.Event) []raxx.Part { reasons <- event; return nil })}))
	cut := make(chan any, 1)
	go func() {
		defer func() { cut <- recover() }()
		ask(deaf, httptest.NewRequest("GET", "/", nil))
	}()
	<-reasons
	ctx, cancel := context.WithCancelCause(t.Context())
	late := errors.New("late")
	cancel(late)
	if err := deaf.Shutdown(ctx); err != late {
		t.Errorf("Shutdown returned %v", err)
	}
	if v := <-cut; v != http.ErrAbortHandler {
		t.Errorf("the reply ended with %v", v)
	}
	event := <-reasons
	if _, drains := event.(raxx.Drain); drains { // it may be in time
		event = <-reasons
	}
	if event != raxx.Event(raxx.Closed{Reason: raxx.ServerClosed}) {
		t.Errorf("the machine was told %#v", event)
	}
}

// Shutdown waits for what has come since it was called before.
// Where nothing goes on, nothing is cut, also if http.Server.Shutdown has used up the
// time.
func TestToHTTPShutdownOfWhatIsIdle(t *testing.T) {
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 { // either could be seen first
		h := nethttp.ToHTTP(func(raxx.Request) raxx.Response { return raxx.NoContent() }, nethttp.Config{})
		if err := h.Shutdown(over); err != nil {
			t.Fatal(err)
		}
	}
}

func TestToHTTPShutdownTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := to(answers(raxx.Response{Status: 200, Body: reacts(func(raxx.Event) []raxx.Part { return nil })}))
		if err := h.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, leave := context.WithCancel(t.Context())
		go func() {
			defer func() { recover() }()
			ask(h, httptest.NewRequest("GET", "/", nil).WithContext(ctx))
		}()
		synctest.Wait()
		over := make(chan error, 2)
		for range 2 {
			go func() { over <- h.Shutdown(t.Context()) }()
		}
		synctest.Wait()
		if len(over) > 0 {
			t.Error("Shutdown returned while a machine answers")
		}
		leave()
		synctest.Wait()
		if len(over) != 2 {
			t.Error("Shutdown did not return")
		}
	})
}

// Shutdown waits also for who is told of the end of an exchange: net/http does not
// wait for handlers whose stream the client has reset.
func TestToHTTPShutdownWaitsForEndings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan bool)
		h := to(func(req raxx.Request) raxx.Response {
			req.Scope.OnEnd(func(raxx.Ending) { <-release })
			return raxx.Text(200, "hello")
		})
		go ask(h, httptest.NewRequest("GET", "/", nil))
		synctest.Wait()
		over := make(chan error, 1)
		go func() { over <- h.Shutdown(t.Context()) }()
		synctest.Wait()
		if len(over) > 0 {
			t.Error("Shutdown returned while the end is told")
		}
		close(release)
		synctest.Wait()
		if len(over) != 1 {
			t.Error("Shutdown did not return")
		}
	})
}

// A machine whose client does not read is told so when its time is over.
func TestToHTTPProgressTimeout(t *testing.T) {
	events := make(chan raxx.Event, 100)
	h := nethttp.ToHTTP(answers(raxx.Response{Status: 200, Body: reacts(func(event raxx.Event) []raxx.Part {
		events <- event
		return []raxx.Part{raxx.Data(make([]byte, 1<<20)), raxx.After{}}
	})}), nethttp.Config{ProgressTimeout: 50 * time.Millisecond})
	s := httptest.NewUnstartedServer(h)
	s.Config.WriteTimeout = time.Nanosecond // which is for replies that are whole
	s.Start()
	defer s.Close()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	if line, err := bufio.NewReader(conn).ReadString('\n'); line != "HTTP/1.1 200 OK\r\n" {
		t.Fatalf("got %q, %v", line, err)
	}
	for event := range events {
		if closed, ok := event.(raxx.Closed); ok {
			if closed.Reason != raxx.TimedOut {
				t.Errorf("the reason is %v", closed.Reason)
			}
			return
		}
	}
}

// A lostWriter is that of a client that has gone.
type lostWriter struct{ *httptest.ResponseRecorder }

func (lostWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
func (lostWriter) FlushError() error         { return io.ErrClosedPipe }

// A machine that has ended its reply is not told that nobody could take it.
func TestToHTTPMachineThatHasEnded(t *testing.T) {
	for name, parts := range map[string][]raxx.Part{
		"a tail":   {raxx.Text(200, ""), raxx.Data("a"), raxx.Tail{}},
		"a whole":  {raxx.Text(200, "a")},
		"behind a": {raxx.Text(200, "a"), raxx.Data("more")},
	} {
		t.Run(name, func(t *testing.T) {
			var events []raxx.Event
			h := to(answers(raxx.Defer(reacts(func(event raxx.Event) []raxx.Part {
				events = append(events, event)
				return parts
			}))))
			func() {
				defer func() { recover() }()
				h.ServeHTTP(lostWriter{httptest.NewRecorder()}, httptest.NewRequest("GET", "/", nil))
			}()
			if len(events) != 1 {
				t.Errorf("the machine was told %#v", events)
			}
		})
	}
}
