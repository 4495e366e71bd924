package nethttp_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// around makes a middleware of a function that is given the next handler.
func around(f func(http.Handler, http.ResponseWriter, *http.Request)) raxx.Middleware {
	return nethttp.FromMiddleware(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f(next, w, r) })
	})
}

var untouched = around(func(next http.Handler, w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, r) })

// What a middleware leaves alone passes as the value that it is.
func TestFromMiddlewareValuesPass(t *testing.T) {
	key := raxx.NewKey[int]("n")
	req := key.Set(raxx.Post("/a%2fb?c", "text/plain", raxx.Data("hello")).Add("x-b", "1").Add("x-a", "2").Add("x-b", "3").Add("trailer", "X-Sum"), 1)
	req.Trailer = raxx.Header{{Name: "x-sum", Value: "1"}}
	req.Params, req.Pattern = raxx.Params{{Name: "id", Value: "a/b"}}, "/:id"
	resp := raxx.Text(200, "hello").Add("x-b", "1").Add("x-a", "2").WithTrailer("x-sum", "5").WithCause(io.EOF).WithDo(raxx.Publish{Topic: "a", Message: "b"}, key.Note(5))
	cloned := around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.Clone(r.Context()))
	})
	for name, mw := range map[string]raxx.Middleware{"untouched": untouched, "cloned": cloned} {
		t.Run(name, func(t *testing.T) {
			got := mw(func(got raxx.Request) raxx.Response {
				if diff := cmp.Diff(req, got); diff != "" {
					t.Errorf("unexpected request (-want +got):\n%s", diff)
				}
				return resp
			})(req)
			if diff := cmp.Diff(resp, got); diff != "" {
				t.Errorf("unexpected response (-want +got):\n%s", diff)
			}
		})
	}
}

// What it changes is changed, and nothing else.
func TestFromMiddlewareChangesRequests(t *testing.T) {
	key := raxx.NewKey[int]("n")
	type ctxKey struct{}
	mw := around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(context.WithValue(r.Context(), ctxKey{}, "v"))
		r.Method, r.Host, r.RemoteAddr = "PUT", "Other.example", "192.0.2.9:1"
		r.URL.Path, r.URL.RawPath, r.URL.RawQuery = "/x y", "", "z"
		r.Header.Del("X-B")
		r.Header.Set("X-A", "changed")
		r.Header.Add("X-A", "more")
		r.Header.Add("X-New", "1")
		r.Pattern = "/{a}/{b:[0-9]+}/{c...}/{$}"
		r.SetPathValue("a", "1")
		r.SetPathValue("b", "2")
		r.SetPathValue("c", "3")
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader("other")), 0
		next.ServeHTTP(w, r)
	})
	req := key.Set(raxx.Post("/a", "text/plain", raxx.Data("hello")).Add("x-b", "1").Add("x-a", "2").Add("x-c", "3"), 1)
	want := raxx.New("PUT", "/x%20y?z", raxx.Data("other"))
	want.Authority, want.Peer.Address, want.Scope = "other.example", "192.0.2.9:1", req.Scope
	want.Header = raxx.Header{{Name: "content-type", Value: "text/plain"}, {Name: "x-a", Value: "changed"}, {Name: "x-c", Value: "3"}, {Name: "x-a", Value: "more"}, {Name: "x-new", Value: "1"}}
	want.Pattern = "/{a}/{b:[0-9]+}/{c...}/{$}"
	want.Params = raxx.Params{{Name: "a", Value: "1"}, {Name: "b", Value: "2"}, {Name: "c", Value: "3"}}
	mw(raxx.Complete(0)(func(got raxx.Request) raxx.Response {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("unexpected request (-want +got):\n%s", diff)
		}
		if v := got.Context().Value(ctxKey{}); v != "v" || key.Get(got) != 1 {
			t.Errorf("the context holds %v, the key %d", v, key.Get(got))
		}
		return raxx.NoContent()
	}))(req)
}

// One change of the fields is enough, whatever it is.
func TestFromMiddlewareChangesOneField(t *testing.T) {
	req := raxx.Get("/").Add("x-a", "1").Add("x-a", "2").Add("trailer", "X-Sum").Add("x-b", "3")
	for name, row := range map[string]struct {
		change func(http.Header)
		want   raxx.Header
	}{
		"a value": {func(h http.Header) { h["X-A"][1] = "changed" },
			raxx.Header{{Name: "x-a", Value: "1"}, {Name: "x-a", Value: "changed"}, {Name: "trailer", Value: "X-Sum"}, {Name: "x-b", Value: "3"}}},
		"a new field": {func(h http.Header) { h.Set("X-C", "new") }, slices.Concat(req.Header, raxx.Header{{Name: "x-c", Value: "new"}})},
		"a new value": {func(h http.Header) { h.Add("X-B", "new") }, slices.Concat(req.Header, raxx.Header{{Name: "x-b", Value: "new"}})},
		"one less":    {func(h http.Header) { h.Del("X-B") }, req.Header[:3]},
	} {
		t.Run(name, func(t *testing.T) {
			mw := around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
				row.change(r.Header)
				next.ServeHTTP(w, r)
			})
			mw(func(got raxx.Request) raxx.Response {
				if diff := cmp.Diff(row.want, got.Header); diff != "" {
					t.Errorf("unexpected fields (-want +got):\n%s", diff)
				}
				return raxx.NoContent()
			})(req)
		})
	}
}

// What a middleware has read is gone, and what it has taken away is not there.
func TestFromMiddlewareReadsTheBody(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(*http.Request)
		want   raxx.Body
	}{
		{"a part", func(r *http.Request) { io.ReadFull(r.Body, make([]byte, 2)) }, raxx.Data("llo")},
		{"all", func(r *http.Request) { io.ReadAll(r.Body) }, nil},
		{"nothing, and says there is none", func(r *http.Request) { r.Body, r.ContentLength = http.NoBody, 0 }, nil},
		{"nothing, and takes it away", func(r *http.Request) { r.Body, r.ContentLength = nil, 0 }, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			mw := around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
				row.change(r)
				next.ServeHTTP(w, r)
			})
			complete := raxx.Complete(0)(func(got raxx.Request) raxx.Response {
				if diff := cmp.Diff(row.want, got.Body); diff != "" {
					t.Errorf("unexpected body (-want +got):\n%s", diff)
				}
				return raxx.NoContent()
			})
			mw(func(req raxx.Request) raxx.Response {
				if n := raxx.Length(req.Body); req.Body != nil && n != -1 {
					t.Errorf("what is left has %d bytes, it says", n)
				}
				return complete(req)
			})(raxx.Post("/", "text/plain", raxx.Data("hello")))
		})
	}
}

// A body that there was not comes from the middleware, to a machine, too, however
// short it is.
func TestFromMiddlewareThatMakesABody(t *testing.T) {
	mw := around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader("a")), 1
		next.ServeHTTP(w, r)
	})
	for name, h := range map[string]raxx.Handler{
		"complete": raxx.Complete(0)(func(req raxx.Request) raxx.Response {
			return raxx.Response{Status: 200, Body: req.Body}
		}),
		"a machine": answers(raxx.Response{Status: 200, Body: shouting()}),
	} {
		x := raxxtest.NewServer(mw(h)).Serve(get)
		if _, err := x.Response(); err != nil || !strings.EqualFold(string(x.Content()), "a") {
			t.Errorf("%s: got %q, %v", name, x.Content(), err)
		}
	}
}

// What a middleware writes behind a reply that is no data can't be sent: the reply
// is as it was, and the middleware learns of it.
func TestFromMiddlewareWritesBehindAFile(t *testing.T) {
	var err error
	mw := around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		_, err = io.WriteString(w, "more")
	})
	file := raxx.NewFile(fstest.MapFS{"a": {Data: []byte("abc")}}, "a")
	resp := mw(answers(raxx.Response{Status: 200, Body: file}))(get)
	if content, failed := raxx.ReadAll(resp.Body, 0); content != "abc" || failed != nil || err == nil {
		t.Errorf("got %q, %v; to write behind it: %v", content, failed, err)
	}
}

// What a middleware writes behind the handler's content stands there, as it does in
// net/http, with all else that the handler has said.
func TestFromMiddlewareWritesBehind(t *testing.T) {
	said := raxx.Response{Status: 201}.With("x-a", "b").WithTrailer("x-sum", "1").WithCause(io.EOF).WithDo(raxx.Publish{Topic: "a", Message: "b"})
	big := strings.Repeat("x", 40<<10)
	for name, row := range map[string]struct {
		resp    raxx.Response
		content string // of the reply
		err     bool   // to write is one
	}{
		"data":                    {said.WithBody(raxx.Data("a")), "a-more", false},
		"data that is as long":    {said.WithBody(raxx.Data("a")).With("content-length", "1"), "a-more", false},
		"nothing":                 {said, "-more", false},
		"more than is gathered":   {said.WithBody(raxx.Data(big)), big + "-more", false},
		"where there is none":     {raxx.Response{Status: 204}, "", true},
		"a stream, which is over": {raxx.Response{Status: 200, Body: raxxtest.Chunks("a", "b")}, "ab", true},
	} {
		t.Run(name, func(t *testing.T) {
			mw := around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
				next.ServeHTTP(w, r)
				if n, err := io.WriteString(w, "-more"); (err != nil) != row.err || (n == 0) != row.err {
					t.Errorf("to write behind it: %d, %v", n, err)
				}
			})
			resp := mw(answers(row.resp))(get)
			if content, err := raxx.ReadAll(resp.Body, 0); string(content) != row.content || err != nil {
				t.Errorf("got %d octets, %v", len(content), err)
			}
			if s, ok := resp.Body.(raxx.Stream); ok {
				resp.Trailer = s.Trailer()
			}
			want := row.resp.Without("content-length")
			want.Body, resp.Body = nil, nil
			if diff := cmp.Diff(want, resp); diff != "" {
				t.Errorf("unexpected response (-want +got):\n%s", diff)
			}
		})
	}
}

// Fields that a middleware sets for the end of the reply are there, whatever the
// content is, and whichever writer it hands on.
func TestFromMiddlewareTrailers(t *testing.T) {
	for name, wrap := range map[string]func(http.ResponseWriter) http.ResponseWriter{
		"the writer that it was given": func(w http.ResponseWriter) http.ResponseWriter { return w },
		"one of its own":               func(w http.ResponseWriter) http.ResponseWriter { return &recording{ResponseWriter: w} },
	} {
		mw := around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Trailer", "X-Sum")
			next.ServeHTTP(wrap(w), r)
			w.Header().Set("X-Sum", "1")
			w.Header().Set(http.TrailerPrefix+"X-More", "2")
		})
		own := raxx.Header{{Name: "x-own", Value: "0"}}
		ends := func(parts ...raxx.Part) raxx.Body {
			return reacts(func(event raxx.Event) []raxx.Part {
				if _, ok := event.(raxx.Open); ok {
					return parts
				}
				return nil
			})
		}
		for kind, row := range map[string]struct {
			resp raxx.Response
			own  bool
		}{
			"nothing":               {raxx.Response{Status: 200}, false},
			"data":                  {raxx.Response{Status: 200, Body: raxx.Data("a")}, false},
			"data and a trailer":    {raxx.Response{Status: 200, Body: raxx.Data("a"), Trailer: own}, true},
			"a file":                {raxx.Response{Status: 200, Body: raxx.NewFile(fstest.MapFS{"a": {Data: []byte("a")}}, "a")}, false},
			"a stream":              {raxx.Response{Status: 200, Body: raxxtest.Chunks("a", "b")}, false},
			"a stream and trailer":  {raxx.Response{Status: 200, Body: raxxtest.Chunks("a").WithTrailer(func() raxx.Header { return own })}, true},
			"a stream of a length":  {raxx.Response{Status: 200, Body: raxx.NewStream(1, raxx.Chunks(raxx.Data("a")))}, false},
			"a machine":             {raxx.Response{Status: 200, Body: ends(raxx.Data("a"), raxx.Tail{Trailer: own})}, true},
			"a machine's response":  {raxx.Defer(ends(raxx.Response{Status: 200, Body: raxx.Data("a"), Trailer: own}).(raxx.Machine)), true},
			"a machine's empty one": {raxx.Defer(ends(raxx.Response{Status: 200}, raxx.Tail{}).(raxx.Machine)), false},
		} {
			resp, err := raxxtest.Start(mw(answers(row.resp))(get)).Response()
			var want raxx.Header
			if row.own {
				want = own
			}
			want = append(slices.Clip(want), raxx.Field{Name: "x-more", Value: "2"}, raxx.Field{Name: "x-sum", Value: "1"})
			got := slices.Clone(resp.Trailer)
			slices.SortStableFunc(got, func(a, b raxx.Field) int { return strings.Compare(a.Value, b.Value) })
			slices.SortStableFunc(want, func(a, b raxx.Field) int { return strings.Compare(a.Value, b.Value) })
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%s, %s: error %v, trailer (-want +got):\n%s", name, kind, err, diff)
			}
		}
	}
}

// A middleware answers by itself, before and behind the handler.
func TestFromMiddlewareAnswers(t *testing.T) {
	refuses := around(func(_ http.Handler, w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "no", http.StatusForbidden)
	})
	if resp := refuses(answers(raxx.NoContent()))(get); resp.Status != 403 || resp.Body != raxx.Body(raxx.Data("no\n")) {
		t.Errorf("got %v", resp)
	}
	adds := around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		w.WriteHeader(500)
		io.WriteString(w, ", bye")
	})
	want := raxx.Text(200, "hello, bye").WithTrailer("x-sum", "1").WithDo(raxx.Publish{Topic: "a", Message: "b"})
	if diff := cmp.Diff(want, adds(answers(raxx.Text(200, "hello").WithTrailer("x-sum", "1").WithDo(raxx.Publish{Topic: "a", Message: "b"})))(get)); diff != "" {
		t.Errorf("unexpected response (-want +got):\n%s", diff)
	}
}

// As in net/http, a middleware is left when the reply has come to its end; the
// context that it has made lives as long, and it can add a trailer then.
func TestFromMiddlewareIsLeftAtTheEnd(t *testing.T) {
	var log []string
	mw := around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
		log = append(log, "left")
		w.Header().Set(http.TrailerPrefix+"X-Time", "1")
	})
	trailer := raxx.Header{{Name: "x-sum", Value: "1"}, {Name: "x-time", Value: "1"}}
	t.Run("of a stream", func(t *testing.T) {
		log = nil
		resp := mw(func(req raxx.Request) raxx.Response {
			return raxx.Response{Status: 200, Body: raxx.NewStream(-1, func(yield func([]byte, error) bool) {
				log = append(log, "pulled")
				yield([]byte("a"), req.Context().Err())
			}).WithTrailer(func() raxx.Header { return trailer[:1] })}
		})(get)
		stream := resp.Body.(raxx.Stream)
		if all, err := raxx.ReadAll(stream, 0); all != "a" || err != nil {
			t.Errorf("got %q, %v", all, err)
		}
		if diff := cmp.Diff([]string{"pulled", "left"}, log); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(trailer, stream.Trailer()); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("of a machine", func(t *testing.T) {
		log = nil
		x := raxxtest.Start(mw(func(req raxx.Request) raxx.Response {
			return raxx.Response{Status: 200, Body: reacts(func(event raxx.Event) []raxx.Part {
				log = append(log, "stepped")
				if _, info := event.(raxx.Info); info {
					return []raxx.Part{raxx.Tail{Trailer: trailer[:1]}}
				}
				return []raxx.Part{raxx.Data("a")}
			})}
		})(get))
		x.Send(raxx.Info{Topic: "a"})
		if diff := cmp.Diff([]string{"stepped", "stepped", "left"}, log); diff != "" {
			t.Error(diff)
		}
		resp, err := x.Response()
		if diff := cmp.Diff(trailer, resp.Trailer); diff != "" || err != nil {
			t.Error(diff, err)
		}
	})
	t.Run("of a client that goes", func(t *testing.T) {
		log = nil
		x := raxxtest.Start(mw(answers(raxx.Response{Status: 200, Body: reacts(func(raxx.Event) []raxx.Part { return nil })}))(get))
		x.Send(raxx.Closed{Reason: raxx.ClientGone})
		if diff := cmp.Diff([]string{"left"}, log); diff != "" {
			t.Error(diff)
		}
	})
}

// What a middleware does behind a stream or a machine that is wrong breaks it off.
func TestFromMiddlewareThatPanicsLate(t *testing.T) {
	mw := around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		panic(http.ErrAbortHandler)
	})
	if resp := mw(answers(raxx.Text(200, "a")))(get); resp.Status == 200 {
		t.Errorf("got %v", resp)
	}
	resp := mw(answers(raxx.Response{Status: 200, Body: raxxtest.Chunks("a")}))(get)
	if _, err := raxx.ReadAll(resp.Body, 0); !errors.Is(err, http.ErrAbortHandler) {
		t.Errorf("the stream ended with %v", err)
	}
	x := raxxtest.Start(mw(answers(raxx.Response{Status: 200, Body: raxx.Machine{}}))(get))
	if err := x.Err(); !errors.Is(err, http.ErrAbortHandler) {
		t.Errorf("the machine ended with %v", err)
	}
}

// A machine behind a middleware that has changed the body is told of what it has
// made of it, and not of what the client has sent.
func TestFromMiddlewareThatChangesTheBodyOfAMachine(t *testing.T) {
	limited := func(n int64) raxx.Middleware {
		return around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, struct {
				io.Reader
				io.Closer
			}{io.MultiReader(strings.NewReader("> "), r.Body), r.Body}, n)
			next.ServeHTTP(w, r)
		})
	}
	echo := func(raxx.Request) raxx.Response {
		return raxx.Response{Status: 200, Body: reacts(func(event raxx.Event) []raxx.Part {
			switch event := event.(type) {
			case raxx.Data:
				return []raxx.Part{event}
			case raxx.Tail:
				return []raxx.Part{event}
			}
			return nil
		})}
	}
	body := func() raxx.Body {
		return raxxtest.Chunks("hel", "lo").WithTrailer(func() raxx.Header { return raxx.Header{{Name: "x-sum", Value: "5"}} })
	}
	x := raxxtest.NewServer(limited(100)(echo)).Serve(raxx.Post("/", "text/plain", body()))
	if resp, err := x.Response(); x.Content() != "> hello" || resp.Trailer.Get("x-sum") != "5" || err != nil {
		t.Errorf("got %q, %v, %v", x.Content(), resp.Trailer, err)
	}
	x = raxxtest.NewServer(limited(3)(echo)).Serve(raxx.Post("/", "text/plain", body()))
	if resp, err := x.Response(); resp.Status != 413 || err != nil {
		t.Errorf("got %v, %v", resp, err)
	}
}

// Behind a middleware that gathers all of a reply a stream is whole, and a machine
// is refused.
func TestFromMiddlewareThatGathers(t *testing.T) {
	mw := nethttp.FromMiddleware(func(next http.Handler) http.Handler { return http.TimeoutHandler(next, time.Minute, "late") })
	want := raxx.Response{Status: 200, Header: raxx.Header{{Name: "x-a", Value: "b"}}, Body: raxx.Data("ab")}
	if diff := cmp.Diff(want, mw(answers(raxx.Response{Status: 200, Body: raxxtest.Chunks("a", "b")}.With("x-a", "b")))(get)); diff != "" {
		t.Errorf("unexpected response (-want +got):\n%s", diff)
	}
	x := raxxtest.Start(mw(answers(raxx.Response{Status: 200, Body: reacts(func(raxx.Event) []raxx.Part { return nil })}))(get))
	if err := x.Err(); !errors.Is(err, nethttp.ErrNoFlush) {
		t.Errorf("got %v, %v", x.Parts(), err)
	}
}

// What a middleware has set before stays, where the handler has not said otherwise,
// whichever writer it hands on.
func TestFromMiddlewareFieldsOfOtherLayers(t *testing.T) {
	for name, wrap := range map[string]func(http.ResponseWriter) http.ResponseWriter{
		"the writer that it was given": func(w http.ResponseWriter) http.ResponseWriter { return w },
		"one of its own":               func(w http.ResponseWriter) http.ResponseWriter { return &recording{ResponseWriter: w} },
	} {
		mw := around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
			for _, key := range []string{"Content-Type", "X-A", "X-B", "Vary", "Set-Cookie"} {
				w.Header().Set(key, "below")
			}
			w.Header().Set("Content-Length", "9")
			next.ServeHTTP(wrap(w), r)
		})
		for kind, body := range map[string]raxx.Body{
			"data": raxx.Data("a"), "a stream": raxxtest.Chunks("a"), "a file": raxx.NewFile(fstest.MapFS{"a": {Data: []byte("a")}}, "a"),
			"a machine": reacts(func(raxx.Event) []raxx.Part { return []raxx.Part{raxx.Data("a"), raxx.Tail{}} }),
		} {
			resp, err := raxxtest.Start(mw(answers(raxx.Response{Status: 200, Body: body}.Add("x-a", "own").Add("vary", "own")))(get)).Response()
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range resp.Without("content-length").Header {
				got = append(got, f.Name+"="+f.Value)
			}
			slices.Sort(got)
			want := []string{"content-type=below", "set-cookie=below", "vary=below", "vary=own", "x-a=own", "x-b=below"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %s: unexpected fields (-want +got):\n%s", name, kind, diff)
			}
		}
	}
}

// A file that can't be read to its end breaks the reply off, also where the
// middleware does not tell its length.
func TestFromMiddlewareFileThatFails(t *testing.T) {
	mw := around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&lengthless{ResponseWriter: w}, r)
	})
	broken := errors.New("broken")
	for _, err := range []error{broken, io.EOF, io.ErrUnexpectedEOF} {
		resp := mw(answers(raxx.Response{Status: 200, Body: raxx.NewFile(failingFS{fstest.MapFS{"a": {Data: []byte("hello")}}, err}, "a")}))(get)
		if resp.Status == 200 {
			if all, err := raxx.ReadAll(resp.Body, 0); err == nil {
				t.Errorf("got %q, and no error", all)
			}
		}
	}
}

// A lengthless writer is that of a middleware that compresses.
type lengthless struct{ http.ResponseWriter }

func (l *lengthless) WriteHeader(status int) {
	l.Header().Del("Content-Length")
	l.ResponseWriter.WriteHeader(status)
}

// A failingFS has files that fail behind their second byte.
type failingFS struct {
	fs.FS
	err error
}

func (f failingFS) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	return &failingFile{File: file, err: f.err}, err
}

type failingFile struct {
	fs.File
	err error
	n   int
}

func (f *failingFile) Read(p []byte) (int, error) {
	if f.n >= 2 {
		return 0, f.err
	}
	n, err := f.File.Read(p[:min(1, len(p))])
	f.n += n
	return n, err
}

// A machine behind another writer whose response nobody takes does not wait for
// ever: TestMain looks for its goroutine.
func TestFromMiddlewareMachineThatNobodyTakes(t *testing.T) {
	for _, mw := range []raxx.Middleware{untouched, around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&recording{ResponseWriter: w}, r)
	})} {
		mw(answers(raxx.Response{Status: 200, Body: raxx.Machine{}}))(get)
		mw(answers(raxx.Response{Status: 200, Body: raxxtest.Chunks("a")}))(get)
		mw(answers(raxx.Defer(raxx.Machine{})))(get)
	}
}

// A middleware may send interim responses before the handler answers, however that
// does it.
func TestFromMiddlewareInforms(t *testing.T) {
	hint := raxx.Inform{Status: 103, Header: raxx.Header{{Name: "link", Value: "</a>"}}}
	for name, wrap := range map[string]func(http.ResponseWriter) http.ResponseWriter{
		"the writer that it was given": func(w http.ResponseWriter) http.ResponseWriter { return w },
		"one of its own":               func(w http.ResponseWriter) http.ResponseWriter { return &recording{ResponseWriter: w} },
	} {
		mw := around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Link", "</a>")
			w.WriteHeader(103)
			w.Header().Del("Link")
			next.ServeHTTP(wrap(w), r)
		})
		machine := reacts(func(event raxx.Event) []raxx.Part {
			if _, info := event.(raxx.Info); info {
				return []raxx.Part{raxx.Tail{}}
			}
			return []raxx.Part{raxx.Data("ab")}
		})
		for kind, resp := range map[string]raxx.Response{
			"data":      {Status: 200, Body: raxx.Data("ab")},
			"nothing":   {Status: 200},
			"a stream":  {Status: 200, Body: raxxtest.Chunks("a", "b")},
			"a machine": {Status: 200, Body: machine, Do: []raxx.Effect{raxx.Subscribe{Topic: "t"}}},
			"a deferred head": raxx.Defer(reacts(func(event raxx.Event) []raxx.Part {
				return []raxx.Part{raxx.Response{Status: 200}, raxx.Data("ab"), raxx.Tail{}}
			})),
		} {
			t.Run(name+", "+kind, func(t *testing.T) {
				s := raxxtest.NewServer(mw(answers(resp)))
				x := s.Serve(get)
				for range 3 {
					s.Advance(time.Second)
				}
				if kind == "a machine" {
					s.Publish("t", "m")
				}
				want := "ab"
				if kind == "nothing" {
					want = ""
				}
				if got, err := x.Response(); got.Status != 200 || string(x.Content()) != want || err != nil {
					t.Errorf("got %v, %q, %v", got, x.Content(), err)
				}
				if diff := cmp.Diff(raxx.Part(hint), x.Parts()[0]); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

// What stays of the context of a handler that has returned, in the work that it has left
// behind, does not make a reply to another request a part of its own.
func TestContextOfAHandlerThatHasReturned(t *testing.T) {
	var kept context.Context
	from(func(_ http.ResponseWriter, r *http.Request) { kept = context.WithoutCancel(r.Context()) })(get)
	for name, body := range map[string]raxx.Body{
		"data": raxx.Data("ab"), "a stream": raxxtest.Chunks("a", "b"),
		"a machine": reacts(func(raxx.Event) []raxx.Part { return []raxx.Part{raxx.Data("ab"), raxx.Tail{}} }),
	} {
		r, err := http.NewRequestWithContext(kept, "GET", "/other", nil)
		if err != nil {
			t.Fatal(err)
		}
		if w := ask(to(answers(raxx.Response{Status: 201, Body: body})), r); w.Code != 201 || w.Body.String() != "ab" {
			t.Errorf("%s: got %d %q", name, w.Code, w.Body)
		}
	}
}
