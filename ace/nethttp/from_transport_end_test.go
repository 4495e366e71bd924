package nethttp_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/acetest"
	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// What is not read is given up with the exchange that has asked for it.
func TestAnswersThatNobodyReads(t *testing.T) {
	gone := make(chan error, 1)
	endless := func(req raxx.Request) raxx.Response {
		return raxx.Reply(200, "a/b", raxx.NewStream(-1, func(yield func([]byte, error) bool) {
			for yield([]byte("and so on"), nil) {
			}
			gone <- context.Cause(req.Context())
		}))
	}
	serviceOf(t, endless, func(t *testing.T, service raxx.Handler) {
		asks := func(req raxx.Request) raxx.Response {
			req.Authority = "service"
			return raxx.Text(service(req).Status, "that will do")
		}
		app := acetest.Serve(t, ace.New(asks, ace.Config{}))
		resp, err := app.HTTP1().Get("http://a/")
		if err != nil || resp.StatusCode != 200 {
			t.Fatal(resp, err)
		}
		resp.Body.Close()
		<-gone
	})
}

// A closing body notes that it was closed.
type closingBody struct {
	io.Reader
	closed int
}

func (b *closingBody) Close() error {
	b.closed++
	return nil
}

// What a service has said whole lets go of its connection, and has its trailer.
func TestAnswersAreLetGoOf(t *testing.T) {
	for name, row := range map[string]struct {
		method string
		status int
		length int64
		reader io.Reader
		want   raxx.Response
	}{
		"little":       {"GET", 200, 5, strings.NewReader("hello"), raxx.Response{Status: 200, Body: raxx.Data("hello"), Trailer: raxx.Header{{Name: "x-sum", Value: "1"}}}},
		"to HEAD":      {"HEAD", 200, 5, strings.NewReader(""), raxx.Response{Status: 200}.With("content-length", "5")},
		"none":         {"GET", 204, 0, strings.NewReader(""), raxx.Response{Status: 204}},
		"not modified": {"GET", 304, -1, strings.NewReader(""), raxx.Response{Status: 304}.With("content-length", "5")},
		"not whole":    {"GET", 200, 5, iotest.ErrReader(io.ErrUnexpectedEOF), raxx.Problem(502, "the service gave no answer")},
	} {
		body := &closingBody{Reader: row.reader}
		var ctx context.Context
		service := nethttp.FromTransport(roundTrip(func(r *http.Request) (*http.Response, error) {
			ctx = r.Context()
			return &http.Response{StatusCode: row.status, ContentLength: row.length, Body: body,
				Header: http.Header{"Content-Length": {"5"}}, Trailer: http.Header{"X-Sum": {"1"}}}, nil
		}))
		resp := service(raxx.New(row.method, "http://a/", nil))
		resp.Header = resp.Header.Without("trailer")
		if name == "little" || name == "none" {
			resp.Header = resp.Header.Without("content-length")
		}
		if len(resp.Header) == 0 {
			resp.Header = nil
		}
		if diff := cmp.Diff(row.want, resp.WithCause(nil)); diff != "" {
			t.Errorf("%s: unexpected response (-want +got):\n%s", name, diff)
		}
		if body.closed == 0 || ctx.Err() == nil {
			t.Errorf("%s: the body is closed %d times, the context has ended with %v", name, body.closed, ctx.Err())
		}
	}
}

// A request whose answer nobody reads is given up with the exchange that has asked, and
// one without an answer at once, whatever the context says.
func TestRequestsAreGivenUp(t *testing.T) {
	for name, row := range map[string]struct {
		err  error
		over bool // before the exchange has ended
	}{"an answer": {nil, false}, "none": {io.EOF, true}} {
		var asked context.Context
		service := nethttp.FromTransport(roundTrip(func(r *http.Request) (*http.Response, error) {
			asked = r.Context()
			if row.err != nil {
				return nil, row.err
			}
			return &http.Response{StatusCode: 200, ContentLength: -1, Body: io.NopCloser(strings.NewReader("a"))}, nil
		}))
		server := &ender{Context: t.Context()}
		req := raxx.Get("http://a/")
		req.Scope = raxx.NewScope(server, 1)
		resp := service(req)
		if over := asked.Err() != nil; over != row.over {
			t.Errorf("%s: it is given up at once: %v", name, over)
		}
		for _, f := range server.tell {
			f(raxx.Ending{Status: 304})
		}
		if asked.Err() == nil {
			t.Errorf("%s: it goes on", name)
		}
		runtime.KeepAlive(resp)
	}
}

// Where no exchange has an end, it is the garbage collector who lets go.
func TestAnswersThatNobodyKeeps(t *testing.T) {
	gone := make(chan struct{})
	app := acetest.Serve(t, ace.New(func(req raxx.Request) raxx.Response {
		return raxx.Reply(200, "a/b", raxx.NewStream(-1, func(yield func([]byte, error) bool) {
			for yield([]byte("and so on"), nil) {
			}
			close(gone)
		}))
	}, ace.Config{}))
	if resp := nethttp.FromTransport(app.HTTP1().Transport)(raxx.Get("/")); resp.Status != 200 {
		t.Fatal(resp)
	}
	for {
		select {
		case <-gone:
			return
		default:
			runtime.GC()
		}
	}
}

func TestClientThatLeavesIsGivenUpBehind(t *testing.T) {
	gone := make(chan struct{})
	waits := func(req raxx.Request) raxx.Response {
		<-req.Context().Done()
		close(gone)
		return raxx.NoContent()
	}
	synctest.Test(t, func(t *testing.T) {
		behind := acetest.Serve(t, ace.New(waits, ace.Config{}))
		proxy := acetest.Serve(t, ace.New(nethttp.FromTransport(behind.HTTP1().Transport), ace.Config{}))
		ctx, leave := context.WithCancel(t.Context())
		r, _ := http.NewRequestWithContext(ctx, "GET", "http://a/", nil)
		go func() {
			synctest.Wait()
			leave()
		}()
		if resp, err := proxy.HTTP1().Do(r); err == nil {
			t.Error(resp)
		}
		<-gone
	})
}

func TestServiceThatDoesNotAnswer(t *testing.T) {
	t.Run("gone", func(t *testing.T) {
		app := acetest.Start(ace.New(whole, ace.Config{}), ace.Endpoint{})
		app.Close()
		resp := nethttp.FromTransport(app.HTTP1().Transport)(raxx.Get("http://service/a?secret=b"))
		want := raxx.Problem(502, "the service gave no answer")
		if diff := cmp.Diff(want, resp.WithCause(nil)); diff != "" {
			t.Error(diff)
		}
		if err := resp.Cause.Err(); !errors.Is(err, net.ErrClosed) || !strings.HasPrefix(err.Error(), "nethttp: GET http://service: ") {
			t.Errorf("the cause is %v", err)
		}
	})
	t.Run("slow", func(t *testing.T) {
		serviceOf(t, func(raxx.Request) raxx.Response { time.Sleep(time.Hour); return raxx.NoContent() }, func(t *testing.T, service raxx.Handler) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			resp := service(raxx.Get("/").WithContext(ctx))
			if diff := cmp.Diff(raxx.Problem(504, "the service took too long"), resp.WithCause(nil)); diff != "" {
				t.Error(diff)
			}
			if !errors.Is(resp.Cause.Err(), context.DeadlineExceeded) {
				t.Errorf("the cause is %v", resp.Cause.Err())
			}
			time.Sleep(2 * time.Hour)
		})
	})
	t.Run("a test's own", func(t *testing.T) {
		for want, says := range map[int]*http.Response{502: nil, 200: {StatusCode: 200}} {
			service := nethttp.FromTransport(roundTrip(func(*http.Request) (*http.Response, error) { return says, nil }))
			resp := service(raxx.Get("/"))
			if data, err := raxx.ReadAll(resp.Body, 0); resp.Status != want || err != nil || want == 200 && data != "" {
				t.Errorf("for %v: %v, %v", says, resp, err)
			}
		}
	})
	broken := func(length int64) raxx.Handler {
		return func(raxx.Request) raxx.Response {
			return raxx.Reply(200, "a/b", raxx.NewStream(length, func(yield func([]byte, error) bool) {
				if yield([]byte("half"), nil) {
					yield(nil, io.ErrUnexpectedEOF)
				}
			}))
		}
	}
	t.Run("not whole", func(t *testing.T) {
		serviceOf(t, broken(8), func(t *testing.T, service raxx.Handler) {
			if resp := service(raxx.Get("/")); resp.Status != 502 || resp.Cause.Err() == nil {
				t.Error(resp)
			}
		})
		serviceOf(t, broken(-1), func(t *testing.T, service raxx.Handler) {
			resp := service(raxx.Get("/"))
			if data, err := raxx.ReadAll(resp.Body, 100); resp.Status != 200 || err == nil {
				t.Errorf("%d, %q is taken for whole", resp.Status, data)
			}
		})
	})
}

// What a service says that no server of raxx could is not an error of the handler that
// has asked it.
func TestAnswersThatCantBeSent(t *testing.T) {
	for name, row := range map[string]struct {
		says http.Response
		want int
	}{
		"a status that is none":  {http.Response{StatusCode: 999}, 502},
		"another one":            {http.Response{StatusCode: 600}, 502},
		"the last":               {http.Response{StatusCode: 599}, 599},
		"content with 205":       {http.Response{StatusCode: 205, ContentLength: 5, Header: http.Header{"Content-Length": {"5"}}, Body: io.NopCloser(strings.NewReader("hello"))}, 205},
		"a field that is none":   {http.Response{StatusCode: 200, Header: http.Header{"A b": {"1"}, "X-A": {"b\nc"}}}, 200},
		"a trailer that may not": {http.Response{StatusCode: 200, Trailer: http.Header{"Content-Length": {"1"}}}, 200},
	} {
		body := &closingBody{Reader: strings.NewReader("")}
		if row.says.Body == nil {
			row.says.Body = body
		}
		service := nethttp.FromTransport(roundTrip(func(*http.Request) (*http.Response, error) { return &row.says, nil }))
		x := raxxtest.NewServer(service).Serve(raxx.Get("http://a/"))
		resp, err := x.Response()
		if err != nil || resp.Status != row.want {
			t.Errorf("%s: got %v, %v, want %d", name, resp, err, row.want)
		}
		if row.want == 502 && (resp.Cause.Err() == nil || body.closed == 0) {
			t.Errorf("%s: the cause is %v, and the body is closed %d times", name, resp.Cause, body.closed)
		}
	}
}
