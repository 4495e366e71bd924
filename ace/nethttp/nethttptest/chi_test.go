package nethttptest

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// chiApp is an application with the middleware that most have.
func chiApp() http.Handler {
	r := chi.NewRouter()
	r.Use(middleware.RequestID, middleware.CleanPath, middleware.StripSlashes, middleware.Recoverer,
		middleware.RequestLogger(&middleware.DefaultLogFormatter{Logger: quiet{}}),
		middleware.Compress(5), middleware.Timeout(10*time.Second), middleware.Throttle(100), middleware.GetHead, middleware.Heartbeat("/ping"),
		middleware.SetHeader("X-Frame-Options", "DENY"))
	r.Get("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "hello ", middleware.GetReqID(r.Context()) != "")
	})
	r.Route("/users/{id:[0-9]+}", func(r chi.Router) {
		r.Get("/", func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, chi.URLParam(r, "id"), chi.RouteContext(r.Context()).RoutePattern())
		})
		r.Post("/files/*", func(w http.ResponseWriter, r *http.Request) {
			n, err := io.Copy(io.Discard, r.Body)
			fmt.Fprint(w, chi.URLParam(r, "*"), n, err)
		})
	})
	r.Get("/large", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		for range 1000 {
			io.WriteString(w, strings.Repeat("all work and no play\n", 10))
		}
	})
	r.Get("/panic", func(http.ResponseWriter, *http.Request) { panic("on purpose") })
	r.Get("/slow", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), time.Millisecond)
		defer cancel()
		<-ctx.Done()
		w.WriteHeader(http.StatusGatewayTimeout)
	})
	r.Mount("/files", http.StripPrefix("/files", http.FileServerFS(public)))
	r.Handle("/raxx/{name}", nethttp.ToHTTP(func(req raxx.Request) raxx.Response {
		return raxx.Text(200, req.Params.Get("name")+" by "+req.Pattern)
	}, nethttp.Config{}))
	return r
}

type quiet struct{}

func (quiet) Print(...any) {}

func TestChi(t *testing.T) {
	alike(t, chiApp(), nil, ask{target: "/"}, ask{method: "HEAD", target: "/"}, ask{target: "/ping"}, ask{target: "/users/42"}, ask{target: "/users/42/"},
		ask{target: "/users/x"}, ask{target: "//users//42"}, ask{method: "POST", target: "/users/1/files/a/b", body: strings.Repeat("x", 100_000), unknown: true},
		ask{method: "DELETE", target: "/users/42"}, ask{target: "/large"}, ask{target: "/large", header: http.Header{"Accept-Encoding": {"gzip"}}},
		ask{target: "/panic"}, ask{target: "/slow"}, ask{target: "/files/a.txt"}, ask{target: "/files/large.bin", header: http.Header{"Range": {"bytes=5-70000"}}},
		ask{target: "/raxx/a%2Fb"}, ask{target: "/raxx/ada"})
}

// A handler of raxx behind a router of chi is driven by ace, with all that it can
// do.
func TestMachinesBehindChi(t *testing.T) {
	r := chi.NewRouter()
	r.Use(middleware.RequestID, middleware.Recoverer, middleware.Compress(5, "text/event-stream"))
	stream := func(req raxx.Request) raxx.Response {
		if req.Method == "POST" {
			return raxx.NoContent().WithDo(raxx.Publish{Topic: req.Params.Get("room"), Message: req.Query})
		}
		m := raxx.NewMachine(0, func(n int, event raxx.Event) (int, []raxx.Part) {
			switch event := event.(type) {
			case raxx.Open:
				return n, []raxx.Part{raxx.Subscribe{Topic: req.Params.Get("room")}, raxx.Data("data: open\n\n")}
			case raxx.Info:
				return n, []raxx.Part{raxx.Data("data: " + event.Message + "\n\n")}
			case raxx.Drain:
				return n, []raxx.Part{raxx.Data("data: bye\n\n"), raxx.Tail{}}
			}
			return n, nil
		})
		return raxx.Reply(200, "text/event-stream", m)
	}
	r.Handle("/rooms/{room}", nethttp.ToHTTP(stream, nethttp.Config{}))
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			s := ace.New(nethttp.FromHTTP(r), ace.Config{TLS: e.config(t)})
			c := e.client(t, s)
			for _, coding := range []string{"identity", "gzip"} {
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				resp, err := c.RoundTrip(c.request(ctx, ask{target: "/rooms/a", header: http.Header{"Accept-Encoding": {coding}}}))
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				body := io.Reader(resp.Body)
				if coding == "gzip" {
					if body, err = gzip.NewReader(body); err != nil {
						t.Fatal(err)
					}
				}
				wantNext(t, body, "data: open\n\n")
				for _, message := range []string{"1", "2"} {
					if got := c.ask(ask{method: "POST", target: "/rooms/a?" + message}); got.status != 204 {
						t.Fatalf("got %+v", got)
					}
					wantNext(t, body, "data: "+message+"\n\n")
				}
				if coding != "gzip" {
					continue // the connection of the other one is still open
				}
				go s.Shutdown(t.Context())
				if rest, err := io.ReadAll(body); string(rest) != "data: bye\n\n" || err != nil {
					t.Errorf("it ended with %q, %v", rest, err)
				}
			}
		})
	}
}

func wantNext(t *testing.T, r io.Reader, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(r, got); string(got) != want || err != nil {
		t.Fatalf("got %q, %v; want %q", got[:n], err, want)
	}
}

// unzip returns what a client can read so far of content that is compressed, if
// it is.
func unzip(head raxx.Response, content raxx.Data) (raxx.Data, error) {
	if head.Header.Get("content-encoding") != "gzip" {
		return content, nil
	}
	r, err := gzip.NewReader(strings.NewReader(string(content)))
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var all bytes.Buffer
	if _, err := io.Copy(&all, r); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	return raxx.Data(all.String()), nil
}

// A handler that promises a length is held to it behind a middleware that takes the
// length away.
func TestPromiseOfALengthBehindChi(t *testing.T) {
	text := raxx.Data(strings.Repeat("a", 5000))
	machine := func(parts ...raxx.Part) raxx.Machine {
		return raxx.NewMachine(0, func(n int, _ raxx.Event) (int, []raxx.Part) { return n + 1, parts })
	}
	promise := func(n string, body raxx.Body) raxx.Response {
		return raxx.Reply(200, "text/plain", body).With("content-length", n)
	}
	for name, test := range map[string]struct {
		resp  raxx.Response
		whole bool
	}{
		"a stream":                          {raxx.Reply(200, "text/plain", raxx.NewStream(5000, raxx.Chunks(text))), true},
		"a stream that is too short":        {raxx.Reply(200, "text/plain", raxx.NewStream(5001, raxx.Chunks(text))), false},
		"a stream that is too long":         {raxx.Reply(200, "text/plain", raxx.NewStream(4999, raxx.Chunks(text))), false},
		"a machine":                         {promise("5000", machine(text, raxx.Tail{})), true},
		"a machine that sends too little":   {promise("5001", machine(text, raxx.Tail{})), false},
		"a machine that sends too much":     {promise("4999", machine(text, raxx.Tail{})), false},
		"a deferred head":                   {raxx.Defer(machine(promise("5000", nil), text, raxx.Tail{})), true},
		"a deferred head, and too little":   {raxx.Defer(machine(promise("5001", nil), text, raxx.Tail{})), false},
		"a deferred head of a short stream": {raxx.Defer(machine(raxx.Reply(200, "text/plain", raxx.NewStream(5001, raxx.Chunks(text))))), false},
	} {
		t.Run(name, func(t *testing.T) {
			h := nethttp.FromMiddleware(middleware.Compress(5))(func(raxx.Request) raxx.Response { return test.resp })
			x := raxxtest.NewServer(h).Serve(raxx.Get("/").With("accept-encoding", "gzip"))
			head, _ := x.Head()
			if head.Header.Get("content-encoding") != "gzip" {
				t.Errorf("it is not compressed: %v", head)
			}
			if (x.Err() == nil) != test.whole {
				t.Errorf("the reply ended with %v", x.Err())
			}
		})
	}
}

func TestChiMiddlewareKeepsTheLaws(t *testing.T) {
	accepting := raxxtest.Prepare(func(req raxx.Request) raxx.Request { return req.With("accept-encoding", "gzip") })
	for name, mw := range map[string]func(http.Handler) http.Handler{
		"RequestID":     middleware.RequestID,
		"ClientIP":      middleware.ClientIPFromHeader("X-Real-IP"),
		"RequestLogger": middleware.RequestLogger(&middleware.DefaultLogFormatter{Logger: quiet{}}),
		"StripSlashes":  middleware.StripSlashes,
		"Timeout":       middleware.Timeout(time.Minute),
		"Throttle":      middleware.Throttle(100),
		"NoCache":       middleware.NoCache,
		"SetHeader":     middleware.SetHeader("X-Frame-Options", "DENY"),
		"RequestSize":   middleware.RequestSize(1 << 20),
		"WithValue":     middleware.WithValue("a", "b"),
		"Compress":      middleware.Compress(5),
	} {
		t.Run(name, func(t *testing.T) {
			options := []raxxtest.LawOption{accepting, raxxtest.Decode(unzip)}
			if name == "RequestSize" {
				options = append(options, raxxtest.Completes()) // for machines
			}
			raxxtest.Laws(t, nethttp.FromMiddleware(mw), options...)
		})
	}
}
