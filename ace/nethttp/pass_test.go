package nethttp_test

import (
	"io"
	"net/http"
	"runtime"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// sends returns a machine that sends these at its beginning.
func sends(parts ...raxx.Part) raxx.Machine {
	return reacts(func(event raxx.Event) []raxx.Part {
		if _, begins := event.(raxx.Open); begins {
			return parts
		}
		return nil
	})
}

// A middleware is left before whoever takes the reply goes on, however that ends.
func TestMiddlewareIsLeftHoweverTheReplyEnds(t *testing.T) {
	stream := raxx.NewStream(-1, func(yield func([]byte, error) bool) {
		for yield([]byte("a"), nil) {
		}
	})
	head, broken := raxx.Response{Status: 200}, raxxtest.Broken(io.EOF, "a")
	for name, row := range map[string]struct {
		method string
		resp   raxx.Response
		whole  bool
	}{
		"a machine that breaks off":      {"GET", head.WithBody(sends(head, raxx.Abort{})), false},
		"a deferred one that breaks off": {"GET", raxx.Defer(sends(raxx.Abort{})), false},
		"a deferred head to HEAD":        {"HEAD", raxx.Defer(sends(head)), true},
		"a deferred head of 204":         {"GET", raxx.Defer(sends(raxx.Response{Status: 204})), true},
		"a deferred whole":               {"GET", raxx.Defer(sends(raxx.Text(200, "a"))), true},
		"a deferred stream":              {"GET", raxx.Defer(sends(head.WithBody(raxxtest.Chunks("a")))), true},
		"a stream that breaks off":       {"GET", head.WithBody(broken), false},
		"a deferred stream that does":    {"GET", raxx.Defer(sends(head.WithBody(broken))), false},
	} {
		for kind, aborts := range map[string]bool{"": false, ", of one that aborts": true} {
			left := false
			mw := around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
				next.ServeHTTP(w, r)
				left = true
				if aborts {
					panic(http.ErrAbortHandler)
				}
			})
			req := get
			req.Method = row.method
			x := raxxtest.NewServer(mw(answers(row.resp))).Serve(req)
			if err := x.Err(); !left || (err == nil) != (row.whole && !aborts) {
				t.Errorf("%s%s: left %v, %v", name, kind, left, err)
			}
		}
	}
	t.Run("a stream that nobody reads on", func(t *testing.T) {
		left := false
		mw := around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			left = true
		})
		for range raxx.Chunks(mw(answers(head.WithBody(stream)))(get).Body) {
			break
		}
		if !left {
			t.Error("it goes on")
		}
	})
}

// A trailer that a middleware sets, or the handler, is there without having been told of.
func TestTrailersThatNobodyTellsOf(t *testing.T) {
	own := func() raxx.Header { return raxx.Header{{Name: "x-own", Value: "1"}} }
	length := raxx.NewStream(1, raxx.Chunks(raxx.Data("a")))
	for name, row := range map[string]struct {
		body raxx.Body
		set  bool // by the middleware
		want raxx.Header
	}{
		"a middleware's":               {raxxtest.Chunks("a"), true, raxx.Header{{Name: "x-more", Value: "2"}}},
		"a handler's, with a length":   {length.WithTrailer(own), false, own()},
		"both":                         {length.WithTrailer(own), true, raxx.Header{{Name: "x-own", Value: "1"}, {Name: "x-more", Value: "2"}}},
		"none, with a length":          {length, false, nil},
		"a machine's":                  {sends(raxx.Data("a"), raxx.Tail{Trailer: own()}), false, own()},
		"a machine's and middleware's": {sends(raxx.Data("a"), raxx.Tail{Trailer: own()}), true, raxx.Header{{Name: "x-own", Value: "1"}, {Name: "x-more", Value: "2"}}},
	} {
		mw := around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			if row.set {
				w.Header().Set(http.TrailerPrefix+"X-More", "2")
			}
		})
		resp := mw(answers(raxx.Response{Status: 200, Body: row.body}))(get)
		if s, ok := resp.Body.(raxx.Stream); ok && s.HasTrailer() != (row.want != nil) {
			t.Errorf("%s: it may trail: %v", name, s.HasTrailer())
		}
		got, err := raxxtest.Start(resp).Response()
		if diff := cmp.Diff(row.want, got.Trailer); diff != "" || err != nil {
			t.Errorf("%s: error %v, trailer (-want +got):\n%s", name, err, diff)
		}
	}
}

// The parts of a step are the machine's, who may send them again.
func TestPartsOfAMachineAreNotChanged(t *testing.T) {
	parts := []raxx.Part{raxx.Data("a"), raxx.Tail{}}
	mw := around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		w.Header().Set(http.TrailerPrefix+"X-More", "2")
	})
	raxxtest.Start(mw(answers(raxx.Response{Status: 200, Body: sends(parts...)}))(get))
	if diff := cmp.Diff([]raxx.Part{raxx.Data("a"), raxx.Tail{}}, parts); diff != "" {
		t.Error(diff)
	}
}

// A flush behind the handler changes nothing about its reply.
func TestMiddlewareThatFlushesBehind(t *testing.T) {
	mw := around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Errorf("Flush returned %v", err)
		}
	})
	want := raxx.Text(404, "no").With("x-a", "b")
	if diff := cmp.Diff(want, mw(answers(want))(get)); diff != "" {
		t.Errorf("unexpected response (-want +got):\n%s", diff)
	}
}

// A handler that takes long behind an interim response is waited for, and what it
// answers with then is as it says.
func TestInterimResponsesOfASlowHandler(t *testing.T) {
	want := raxx.Response{Status: 201}.With("x-a", "b").WithTrailer("x-sum", "1")
	publish := raxx.Publish{Topic: "a", Message: "b"}
	for name, body := range map[string]raxx.Body{"nothing": nil, "data": raxx.Data("ab"), "a stream": raxxtest.Chunks("a", "b")} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				mw := around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
					w.WriteHeader(103)
					time.Sleep(time.Minute)
					next.ServeHTTP(w, r)
				})
				s := raxxtest.NewServer(mw(answers(want.WithBody(body).WithDo(publish))))
				x := s.Serve(get)
				for range 1000 {
					s.Advance(time.Millisecond)
				}
				got, err := x.Response()
				got.Body, got.Do = nil, nil
				if diff := cmp.Diff(want, got); diff != "" || err != nil || len(s.Published()) != 1 {
					t.Errorf("error %v, published %v, response (-want +got):\n%s", err, s.Published(), diff)
				}
			})
		})
	}
}

// Whoever leaves at the last piece is not told that the reply breaks off behind it.
func TestFromHTTPLeftAtTheLastPiece(t *testing.T) {
	resp := from(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "a")
		w.(http.Flusher).Flush()
		io.WriteString(w, "b")
		panic(http.ErrAbortHandler)
	})(get)
	for chunk := range raxx.Chunks(resp.Body) {
		if string(chunk) == "b" {
			break
		}
	}
	runtime.KeepAlive(resp)
}

// What is written behind data to HEAD counts as much as that.
func TestLengthToHEADOfWhatIsWrittenBehind(t *testing.T) {
	req := get
	req.Method = "HEAD"
	mw := around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		io.WriteString(w, "-more")
	})
	if got := mw(answers(raxx.Text(200, "a")))(req); got.Header.Get("content-length") != "6" || got.Body != nil {
		t.Errorf("got %v", got)
	}
}

// A machine behind an interim response keeps its state from step to step, whichever
// writer the middleware hands on.
func TestStateOfAMachineBehindAnInterimResponse(t *testing.T) {
	for name, wrap := range map[string]func(http.ResponseWriter) http.ResponseWriter{
		"the writer that it was given": func(w http.ResponseWriter) http.ResponseWriter { return w },
		"one of its own":               func(w http.ResponseWriter) http.ResponseWriter { return &recording{ResponseWriter: w} },
	} {
		mw := around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(103)
			next.ServeHTTP(wrap(w), r)
		})
		counts := raxx.NewMachine(0, func(n int, _ raxx.Event) (int, []raxx.Part) {
			return n + 1, []raxx.Part{raxx.Data(strconv.Itoa(n))}
		})
		s := raxxtest.NewServer(mw(answers(raxx.Response{Status: 200, Body: counts})))
		x := s.Serve(get)
		for range 3 {
			s.Advance(time.Second)
		}
		x.Send(raxx.Info{Topic: "t"}, raxx.Info{Topic: "t"})
		if got := x.Content(); got != "012" {
			t.Errorf("%s: got %q", name, got)
		}
		x.Send(raxx.Closed{Reason: raxx.ClientGone})
	}
}

// Of a handler that has promised more than it has written, what it has written is sent
// before the reply breaks off.
func TestFromHTTPWritesLessThanItPromised(t *testing.T) {
	resp := from(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "5")
		io.WriteString(w, "ab")
	})(get)
	got := ""
	for chunk := range raxx.Chunks(resp.Body) {
		got += string(chunk)
	}
	if got != "ab" || raxx.Length(resp.Body) != 5 {
		t.Errorf("got %q of %d octets", got, raxx.Length(resp.Body))
	}
}
