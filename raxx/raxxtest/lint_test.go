package raxxtest

import (
	"errors"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// A linter may stand anywhere.
func TestLintKeepsTheLaws(t *testing.T) {
	quiet := linter{func(error) {}}
	Laws(t, func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response { return quiet.lint(next, req) }
	})
}

// What Laws asks for and answers with is right, all of it but what breaks its
// promise: whatever a linter says is its own fault.
func TestLintIsContentWithWhatIsRight(t *testing.T) {
	for _, k := range kinds() {
		for _, a := range asks() {
			if k.upgrade != a.upgrade || k.breaks {
				continue
			}
			var faults []error
			l := linter{func(err error) {
				if err != nil {
					faults = append(faults, err)
				}
			}}
			p := &probe{}
			watch(func(req raxx.Request) raxx.Response { return l.lint(p.handler(k, a), req) }, a.req(p), k, p, identity)
			if len(faults) > 0 {
				t.Errorf("%s, answered by %s: %v", a.name, k.name, faults)
			}
		}
	}
}

func TestLintFindsFaults(t *testing.T) {
	ok := raxx.NoContent()
	answer := func(resp raxx.Response) raxx.Handler { return func(raxx.Request) raxx.Response { return resp } }
	drive := func(resp raxx.Response, events ...raxx.Event) {
		if m, isMachine := resp.Body.(raxx.Machine); isMachine {
			for _, e := range events {
				m, _ = m.Step(e)
			}
		}
	}
	field := raxx.Header{{Name: "A", Value: "b"}}
	twice := func(yield func([]byte, error) bool) {
		if yield([]byte("a"), errLaw) {
			yield([]byte("b"), nil)
		}
	}
	for _, tt := range []struct {
		fault  string
		req    raxx.Request
		h      raxx.Handler
		events []raxx.Event
		read   int // how often the body is read
	}{
		{"is a machine", raxx.Request{Method: "GET", Body: raxx.Machine{}}, answer(ok), nil, 0},
		{"no token", raxx.New("G T", "/", nil), answer(ok), nil, 0},
		{"no token", raxx.Request{Scheme: "http", Path: "/"}, answer(ok), nil, 0},
		{"no token", raxx.New("GE\u0154", "/", nil), answer(ok), nil, 0}, // whose last octet is that of T
		{"the scheme is", raxx.Request{Method: "GET", Path: "/"}, answer(ok), nil, 0},
		{"begin with a slash", raxx.Request{Method: "GET", Scheme: "http", Path: "*"}, answer(ok), nil, 0},
		{"begin with a slash", raxx.Request{Method: "GET", Scheme: "http", Path: ""}, answer(ok), nil, 0},
		{"not escaped", raxx.Request{Method: "GET", Scheme: "http", Path: "/a b"}, answer(ok), nil, 0},
		{"not escaped", raxx.Request{Method: "GET", Scheme: "http", Path: "/", Query: "a#b"}, answer(ok), nil, 0},
		{"host field", raxx.Get("/").With("host", "a"), answer(ok), nil, 0},
		{"not in lower case", raxx.Request{Method: "GET", Scheme: "http", Path: "/", Header: field}, answer(ok), nil, 0},
		{"trailer of the request", raxx.Request{Method: "GET", Scheme: "http", Path: "/", Trailer: field}, answer(ok), nil, 0},
		{"wrote into the request", raxx.Get("/").With("a", "b"), func(req raxx.Request) raxx.Response {
			req.Header[0].Value = "c"
			return ok
		}, nil, 0},
		{"wrote into the request", raxx.Get("/").WithParams(raxx.Param{Name: "a", Value: "b"}), func(req raxx.Request) raxx.Response {
			req.Params[0].Value = "c"
			return ok
		}, nil, 0},
		{"wrote into the request", raxx.Request{Method: "GET", Scheme: "http", Path: "/", Trailer: raxx.Header{{Name: "a", Value: "b"}}}, func(req raxx.Request) raxx.Response {
			req.Trailer[0].Value = "c"
			return ok
		}, nil, 0},
		{"raxx.After in Do", raxx.Get("/"), answer(ok.WithDo(raxx.After{})), nil, 0},
		{"a body longer than the 0 bytes", raxx.Get("/"), answer(raxx.Response{Status: 200, Body: raxx.NewStream(0, Chunks("ab").Chunks())}), nil, 1},
		{"behind the last one", raxx.Get("/"), answer(raxx.Defer(saying(parts{raxx.Text(200, "a")}))), []raxx.Event{raxx.Open{}, raxx.Info{}}, 0},
		{"status 0", raxx.Get("/"), answer(raxx.Response{}), nil, 0},
		{"204 with a body", raxx.Get("/"), answer(ok.WithBody(raxx.Data("a"))), nil, 0},
		{"a body longer than", raxx.Get("/"), answer(raxx.Response{Status: 200, Body: raxx.NewStream(1, Chunks("ab").Chunks())}), nil, 1},
		{"of 2 bytes that promised 3", raxx.Get("/"), answer(raxx.Response{Status: 200, Body: raxx.NewStream(3, Chunks("ab").Chunks())}), nil, 1},
		{"second time", raxx.Get("/"), answer(raxx.Response{Status: 200, Body: Chunks("ab")}), nil, 2},
		{"in reply to HEAD", raxx.Head("/"), answer(raxx.Response{Status: 200, Body: Chunks("ab")}), nil, 1},
		{"behind its error", raxx.Get("/"), answer(raxx.Response{Status: 200, Body: raxx.NewStream(-1, twice)}), nil, 1},
		{"in a trailer", raxx.Get("/"), answer(raxx.Response{Status: 200,
			Body: Chunks().WithTrailer(func() raxx.Header { return raxx.Header{{Name: "host", Value: "a"}} })}), nil, 1},
		{"part 1: raxxtest: a raxx.Data comes behind the end", raxx.Get("/"),
			answer(raxx.Response{Status: 200, Body: saying(parts{raxx.Tail{}, raxx.Data("a")})}), []raxx.Event{raxx.Open{}}, 0},
		{"part 1: raxxtest: a raxx.Data comes behind the end", raxx.Get("/"),
			answer(raxx.Response{Status: 200, Body: saying(parts{raxx.Abort{}, raxx.Data("a")})}), []raxx.Event{raxx.Open{}}, 0},
		{"raxx.Info comes; Open is", raxx.Get("/"), answer(raxx.Defer(saying())), []raxx.Event{raxx.Info{}}, 0},
		{"raxx.Open comes; Open is", raxx.Get("/"), answer(raxx.Defer(saying())), []raxx.Event{raxx.Open{}, raxx.Open{}}, 0},
		{"a machine is started in reply to HEAD", raxx.Head("/"), answer(raxx.Response{Status: 200, Body: saying()}), []raxx.Event{raxx.Open{}}, 0},
		{"a machine is started behind a head of status 204", raxx.Get("/"), answer(raxx.Response{Status: 204, Body: saying()}), []raxx.Event{raxx.Open{}}, 0},
		{"raxx.Data comes behind the Tail", raxx.Get("/"), answer(raxx.Defer(saying())), []raxx.Event{raxx.Open{}, raxx.Tail{}, raxx.Info{}, raxx.Data("a")}, 0},
		{"raxx.Tail comes behind the Tail", raxx.Get("/"), answer(raxx.Defer(saying())), []raxx.Event{raxx.Open{}, raxx.Tail{}, raxx.Tail{}}, 0},
		{"a second Drain", raxx.Get("/"), answer(raxx.Defer(saying())), []raxx.Event{raxx.Open{}, raxx.Drain{}, raxx.Info{}, raxx.Drain{}}, 0},
		{"behind the last one", raxx.Get("/"), answer(raxx.Defer(saying())),
			[]raxx.Event{raxx.Open{}, raxx.Closed{}, raxx.Info{}}, 0},
		{"behind the last one", raxx.Get("/"), answer(raxx.Response{Status: 200, Body: raxx.Machine{}}),
			[]raxx.Event{raxx.Open{}, raxx.Info{}}, 0},
	} {
		t.Run(tt.fault, func(t *testing.T) {
			var faults []string
			l := linter{func(err error) {
				if err != nil {
					faults = append(faults, err.Error())
				}
			}}
			resp := l.lint(tt.h, tt.req)
			drive(resp, tt.events...)
			for range tt.read {
				for _, err := range raxx.Chunks(resp.Body) {
					if err != nil && !errors.Is(err, errLaw) {
						t.Error(err)
					}
				}
			}
			if len(faults) == 0 || !strings.Contains(faults[0], tt.fault) {
				t.Errorf("got %q", faults)
			}
		})
	}
}

// A machine is told of anything behind the body and the drain, but of those again.
func TestLintIsContentWithWhatComesBehindADrain(t *testing.T) {
	resp := Lint(t)(func(raxx.Request) raxx.Response { return raxx.Defer(saying()) })(raxx.Get("https://example.org/"))
	if !resp.Body.(raxx.Machine).Equal(resp.Body.(raxx.Machine)) {
		t.Error("a machine that is watched is not equal to itself")
	}
	Lint(t)(func(raxx.Request) raxx.Response { return raxx.NoContent() })(raxx.Request{Method: "CONNECT", Scheme: "https", Authority: "a:443"})
	Run(resp, raxx.Data("a"), raxx.Tail{}, raxx.Drain{}, raxx.Info{}, raxx.Timer{}, raxx.Closed{Reason: raxx.ClientGone})
}

// What comes with a head that comes later is watched, too.
func TestLintWatchesADeferredStream(t *testing.T) {
	var r recorder
	resp := Lint(&r)(func(raxx.Request) raxx.Response {
		return raxx.Defer(saying(parts{raxx.Response{Status: 200, Body: raxx.NewStream(3, Chunks("ab").Chunks())}}))
	})(raxx.Get("/"))
	Run(resp)
	if len(r.failures) != 1 || !strings.Contains(r.failures[0], "of 2 bytes that promised 3") {
		t.Errorf("got %q", r.failures)
	}
}

func TestLintNamesTheRequest(t *testing.T) {
	var r recorder
	Lint(&r)(func(raxx.Request) raxx.Response { return raxx.Response{} })(raxx.Post("/a?b", "a/b", nil))
	diff(t, []string{"lint: POST /a?b: raxxtest: status 0 of a response, which has to be from 200 to 599"}, r.failures)
}

// Chunks belong to who yields them, who may yield them again.
func TestLintSpoilsItsOwnChunksOnly(t *testing.T) {
	chunk := []byte("a")
	h := Lint(t)(func(raxx.Request) raxx.Response {
		return raxx.Response{Status: 200, Body: raxx.NewStream(-1, func(yield func([]byte, error) bool) {
			for i := 0; i < 2 && yield(chunk, nil); i++ {
			}
		})}
	})
	resp, err := raxx.Collect(h(raxx.Get("/")))
	diff(t, raxx.Response{Status: 200, Body: raxx.Data("aa")}, resp)
	var kept []byte
	for c := range raxx.Chunks(h(raxx.Get("/")).Body) {
		if kept == nil {
			kept = c
		}
	}
	if err != nil || string(kept) == "a" {
		t.Errorf("a chunk that was kept is %q, %v", kept, err)
	}
}
