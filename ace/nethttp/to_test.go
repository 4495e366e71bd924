package nethttp_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"
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
