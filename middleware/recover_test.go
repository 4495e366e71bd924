package middleware_test

import (
	"errors"
	"fmt"
	"go/parser"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

func ExampleRecover() {
	handler := middleware.Recover{
		Report: func(req raxx.Request, p *middleware.PanicError) { fmt.Println(req.Path, p) },
	}.Middleware()(func(raxx.Request) raxx.Response { panic("out of tea") })
	fmt.Println(handler(raxx.Get("/tea")).Body)
	// Output:
	// /tea panic: out of tea
	// {"title":"Internal Server Error","status":500}
}

var errRecoverTest = errors.New("out of tea")

// recoverTestPanic is on the stack.
func recoverTestPanic() { panic(errRecoverTest) }

func TestRecoverHandler(t *testing.T) {
	var reported []*middleware.PanicError
	handler := middleware.Recover{
		Report: func(_ raxx.Request, p *middleware.PanicError) { reported = append(reported, p) },
	}.Middleware()(func(raxx.Request) raxx.Response {
		recoverTestPanic()
		return raxx.NoContent()
	})
	resp := handler(raxx.Get("/").With("accept", "text/html"))
	want := middleware.ErrorPage(raxx.Get("/").With("accept", "text/html"), 500, "").WithCause(errRecoverTest)
	if diff := cmp.Diff(want, resp); diff != "" {
		t.Error(diff)
	}
	if len(reported) != 1 || !errors.Is(reported[0], errRecoverTest) {
		t.Fatalf("reported %v", reported)
	}
	stack := reported[0].Stack
	if len(stack) < 2 || !strings.HasSuffix(stack[0].Function, ".recoverTestPanic") ||
		!strings.HasSuffix(stack[0].File, "recover_test.go") || strings.Contains(stack[len(stack)-1].Function, "Recover.call") {
		t.Errorf("the stack is\n%s", reported[0].Trace())
	}
}

// The stack ends where the panic was recovered: what stands in front has nothing to
// do with it.
func TestRecoverStackEndsAtTheMiddleware(t *testing.T) {
	var p *middleware.PanicError
	recovers := middleware.Recover{Report: func(_ raxx.Request, e *middleware.PanicError) { p = e }}.Middleware()
	panics := func(raxx.Request) raxx.Response {
		recoverTestPanic()
		return raxx.NoContent()
	}
	stream := raxx.Reply(200, "text/plain", raxx.NewStream(-1, func(func([]byte, error) bool) { recoverTestPanic() }))
	machine := raxx.Defer(raxx.NewMachine(0, func(int, raxx.Event) (int, []raxx.Part) {
		recoverTestPanic()
		return 0, nil
	}))
	for name, run := range map[string]func(){
		"a handler":              func() { recovers(panics)(raxx.Get("/")) },
		"a handler with a limit": func() { recovers(middleware.Timeout{}.Middleware()(panics))(raxx.Get("/")) },
		"a stream": func() {
			raxx.ReadAll(recovers(func(raxx.Request) raxx.Response { return stream })(raxx.Get("/")).Body, 0)
		},
		"a machine": func() {
			recovers(func(raxx.Request) raxx.Response { return machine })(raxx.Get("/")).Body.(raxx.Machine).Step(raxx.Open{})
		},
	} {
		p = nil
		run()
		if p == nil {
			t.Errorf("%s: nothing was reported", name)
			continue
		}
		if !strings.Contains(p.Trace(), "recoverTestPanic") || strings.Contains(p.Trace(), "raxx/middleware.") || strings.Contains(p.Trace(), "runtime.goexit") {
			t.Errorf("%s: the stack is\n%s", name, p.Trace())
		}
	}
}

func TestRecoverStackOfARuntimeError(t *testing.T) {
	var p *middleware.PanicError
	middleware.Recover{Report: func(_ raxx.Request, e *middleware.PanicError) { p = e }}.Middleware()(func(req raxx.Request) raxx.Response {
		var none []string
		defer func() { panic(recover()) }() // a panic while panicking
		return raxx.Text(200, none[len(req.Path)])
	})(raxx.Get("/"))
	if !strings.Contains(p.Error(), "index out of range") || len(p.Stack) == 0 || strings.HasPrefix(p.Stack[0].Function, "runtime.") {
		t.Errorf("%v\n%s", p, p.Trace())
	}
}

func TestRecoverPageOfOnesOwn(t *testing.T) {
	want := raxx.Text(503, "sorry").WithCause(errRecoverTest)
	handler := middleware.Recover{Page: func(raxx.Request, *middleware.PanicError) raxx.Response { return raxx.Text(503, "sorry") }}.
		Middleware()(func(raxx.Request) raxx.Response { panic(errRecoverTest) })
	if diff := cmp.Diff(want, handler(raxx.Get("/"))); diff != "" {
		t.Error(diff)
	}
}

func recoverTestStream(panics any) raxx.Response {
	return raxx.Reply(200, "text/plain", raxx.NewStream(-1, func(yield func([]byte, error) bool) {
		if yield([]byte("a"), nil) {
			panic(panics)
		}
		panic("while cleaning up")
	}).WithTrailer(func() raxx.Header { return raxx.Header{{Name: "x-sum", Value: "1"}} }))
}

func TestRecoverStream(t *testing.T) {
	var reported []string
	recovers := middleware.Recover{Report: func(_ raxx.Request, p *middleware.PanicError) {
		reported = append(reported, p.Error())
	}}.Middleware()
	stream := func(panics any) raxx.Stream {
		return recovers(func(raxx.Request) raxx.Response { return recoverTestStream(panics) })(raxx.Get("/")).Body.(raxx.Stream)
	}

	t.Run("it ends with the error", func(t *testing.T) {
		reported = nil
		content, err := raxx.ReadAll(stream(errRecoverTest), 0)
		if content != "" || !errors.Is(err, errRecoverTest) {
			t.Errorf("got %q, %v", content, err)
		}
		if diff := cmp.Diff([]string{"panic: out of tea"}, reported); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("before the first chunk", func(t *testing.T) {
		resp := recovers(func(raxx.Request) raxx.Response {
			return raxx.Reply(200, "text/plain", raxx.NewStream(-1, func(func([]byte, error) bool) { panic(errRecoverTest) }))
		})(raxx.Get("/"))
		if content, err := raxx.ReadAll(resp.Body, 0); content != "" || !errors.Is(err, errRecoverTest) {
			t.Errorf("got %q, %v", content, err)
		}
	})
	t.Run("whose consumer wants no more", func(t *testing.T) {
		reported = nil
		for range stream(nil).Chunks() {
			break
		}
		if diff := cmp.Diff([]string{"panic: while cleaning up"}, reported); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a panic of the consumer goes on", func(t *testing.T) {
		reported = nil
		defer func() {
			if v := recover(); v != "mine" || reported != nil {
				t.Errorf("recovered %v, and reported %v", v, reported)
			}
		}()
		for range stream(nil).Chunks() {
			panic("mine")
		}
	})
	t.Run("an Abort", func(t *testing.T) {
		reported = nil
		_, err := raxx.ReadAll(stream(raxx.Abort{Cause: raxx.NewCause(errRecoverTest)}), 0)
		if err != errRecoverTest || reported != nil {
			t.Errorf("got %v, and reported %v", err, reported)
		}
	})
	t.Run("it keeps its trailer", func(t *testing.T) {
		if diff := cmp.Diff(raxx.Header{{Name: "x-sum", Value: "1"}}, stream(nil).Trailer()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRecoverMachine(t *testing.T) {
	page := middleware.ErrorPage(raxx.Get("/"), 500, "")
	panics := func(v any) raxx.Step[int] {
		return func(n int, event raxx.Event) (int, []raxx.Part) {
			if info, ok := event.(raxx.Info); ok {
				if info.Message == "head" {
					return n, []raxx.Part{raxx.Response{Status: 200}}
				}
				panic(v)
			}
			if _, ok := event.(raxx.Closed); ok {
				panic(errRecoverTest)
			}
			return n, []raxx.Part{raxx.Subscribe{Topic: "news"}}
		}
	}
	news := raxx.Info{Topic: "news", Message: "hello"}
	cause := raxx.NewCause(errRecoverTest)
	for _, test := range []struct {
		name   string
		resp   raxx.Response
		events []raxx.Event
		want   []raxx.Part
	}{
		{"behind the head", raxx.Reply(200, "text/plain", raxx.NewMachine(0, panics(errRecoverTest))), []raxx.Event{news},
			[]raxx.Part{raxx.Reply(200, "text/plain", nil), raxx.Subscribe{Topic: "news"}, raxx.Abort{Cause: cause}}},
		{"before the head", raxx.Defer(raxx.NewMachine(0, panics(errRecoverTest))), []raxx.Event{news},
			[]raxx.Part{raxx.Subscribe{Topic: "news"}, page.WithCause(errRecoverTest)}},
		{"behind a head that came later", raxx.Defer(raxx.NewMachine(0, panics(errRecoverTest))), []raxx.Event{raxx.Info{Topic: "news", Message: "head"}, news},
			[]raxx.Part{raxx.Subscribe{Topic: "news"}, raxx.Response{Status: 200}, raxx.Abort{Cause: cause}}},
		{"an Abort", raxx.Reply(200, "text/plain", raxx.NewMachine(0, panics(raxx.Abort{Cause: cause}))), []raxx.Event{news},
			[]raxx.Part{raxx.Reply(200, "text/plain", nil), raxx.Subscribe{Topic: "news"}, raxx.Abort{Cause: cause}}},
		{"when it is over", raxx.Defer(raxx.NewMachine(0, panics(nil))), []raxx.Event{raxx.Closed{Reason: raxx.ClientGone}},
			[]raxx.Part{raxx.Subscribe{Topic: "news"}, raxx.Abort{Cause: cause}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			resp := middleware.Recover{}.Middleware()(func(raxx.Request) raxx.Response { return test.resp })(raxx.Get("/"))
			if diff := cmp.Diff(test.want, raxxtest.Run(resp, test.events...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRecoverStreamOfAMachine(t *testing.T) {
	m := raxx.NewMachine(0, func(n int, _ raxx.Event) (int, []raxx.Part) {
		return n, []raxx.Part{recoverTestStream(errRecoverTest)}
	})
	reported := 0
	resp := middleware.Recover{Report: func(raxx.Request, *middleware.PanicError) { reported++ }}.
		Middleware()(func(raxx.Request) raxx.Response { return raxx.Defer(m) })(raxx.Get("/"))
	parts := raxxtest.Run(resp)
	if diff := cmp.Diff(raxx.Part(raxx.Abort{Cause: raxx.NewCause(errRecoverTest)}), parts[len(parts)-1]); diff != "" || reported != 1 {
		t.Errorf("reported %d; %s", reported, diff)
	}
}

func TestRecoverInDevelopment(t *testing.T) {
	req := raxx.Post("https://example.org/login?next=%2F&token=s3cret", "application/x-www-form-urlencoded",
		raxx.Data("user=ada&password=s3cret")).
		With("cookie", "session=s3cret").With("authorization", "Basic s3cret").With("x-api-key", "s3cret").
		With("referer", "https://example.org/?code=s3cret")
	handler := middleware.Recover{Development: true}.Middleware()(func(raxx.Request) raxx.Response {
		recoverTestPanic()
		return raxx.NoContent()
	})
	for _, accept := range []string{"text/html", "text/plain", "application/json"} {
		t.Run(accept, func(t *testing.T) {
			resp := handler(req.With("accept", accept))
			body := string(resp.Body.(raxx.Data))
			for _, want := range []string{"out of tea", "recoverTestPanic", "recover_test.go", "raxx.Request{", "user=ada"} {
				if !strings.Contains(body, want) && !strings.Contains(body, strings.ReplaceAll(want, "&", `\u0026`)) {
					t.Errorf("there is no %q in\n%s", want, body)
				}
			}
			if strings.Contains(body, "s3cret") && !strings.Contains(accept, "html") {
				t.Errorf("a secret is in\n%s", body)
			}
		})
	}
	page := string(handler(req.With("accept", "text/html")).Body.(raxx.Data))
	if !strings.Contains(page, "func recoverTestPanic() { panic(errRecoverTest) }</mark>") {
		t.Errorf("the line that panicked is not in\n%s", page)
	}
	// But for the source, which is this test, no part of the page has a secret.
	before, _, _ := strings.Cut(page, "<details")
	_, behind, _ := strings.Cut(page, "<h2>")
	if strings.Contains(before+behind, "s3cret") {
		t.Errorf("a secret is in\n%s\n%s", before, behind)
	}
}

func TestRecoverInDevelopmentEscapes(t *testing.T) {
	handler := middleware.Recover{Development: true}.Middleware()(func(req raxx.Request) raxx.Response { panic(req.Query) })
	req := raxx.Get("/").With("accept", "text/html").With("x-evil", `</pre><script>alert(1)</script>`)
	req.Query = `<script>alert(1)</script>`
	if page := string(handler(req).Body.(raxx.Data)); strings.Contains(page, "<script>") {
		t.Error(page)
	}
}

// The literal is the request again, but for the secrets.
func TestRecoverShowsTheRequestAsGo(t *testing.T) {
	literal := raxx.Request{
		Method: "PUT", Scheme: "http", Authority: "localhost", Path: "/notes/7", Query: "a=1&token=REDACTED&b",
		Pattern: "/notes/:id",
		Header:  raxx.Header{{Name: "accept", Value: "text/plain"}, {Name: "cookie", Value: "REDACTED"}},
		Body:    raxx.Data("a \"note\"\n"),
		Trailer: raxx.Header{{Name: "x-sum", Value: "9"}},
		Params:  raxx.Params{{Name: "id", Value: "7"}},
		Peer:    raxx.Peer{Address: "192.0.2.7:51334", Protocol: "HTTP/1.1"},
	}
	source, err := os.ReadFile("recover_test.go")
	if err != nil {
		t.Fatal(err)
	}
	req := literal
	req.Query = "a=1&token=s3cret&b"
	req.Header = req.Header.With("cookie", "a=s3cret")
	handler := middleware.Recover{Development: true}.Middleware()(func(raxx.Request) raxx.Response { panic(1) })
	_, shown, _ := strings.Cut(string(handler(req).Body.(raxx.Data)), "raxx.Request{")
	shown = "raxx.Request{" + shown
	if _, err := parser.ParseExpr(shown); err != nil {
		t.Errorf("%v in\n%s", err, shown)
	}
	_, written, _ := strings.Cut(string(source), "literal := ")
	written, _, _ = strings.Cut(written, "\n\t}\n")
	squeeze := strings.NewReplacer(" ", "", "\t", "", "\n", "", ",", "")
	if diff := cmp.Diff(squeeze.Replace(written+"}"), squeeze.Replace(shown)); diff != "" {
		t.Error(diff)
	}
}

// Around a route, Recover knows what the parts of the path are called.
func TestRecoverLeavesOutSecretsInThePath(t *testing.T) {
	handler := middleware.Recover{Development: true}.Middleware()(func(raxx.Request) raxx.Response { panic("out of tea") })
	req := raxx.Get("/users/7/reset/s3%63ret").
		WithParams(raxx.Param{Name: "id", Value: "7"}, raxx.Param{Name: "token", Value: "s3cret"})
	req.Pattern = "/users/:id/reset/:token"
	for _, accept := range []string{"text/html", "text/plain", "application/json"} {
		body := string(handler(req.With("accept", accept)).Body.(raxx.Data))
		before, source, _ := strings.Cut(body, "<details")
		_, behind, _ := strings.Cut(source, "<h2>")
		if text := before + behind; strings.Contains(text, "s3cret") || strings.Contains(text, "s3%63ret") || !strings.Contains(text, "/users/:id/reset/:token") {
			t.Errorf("%s: got\n%s", accept, text)
		}
	}
}

func TestRecoverLeavesOutBodiesThatMayBeSecret(t *testing.T) {
	handler := middleware.Recover{Development: true}.Middleware()(func(raxx.Request) raxx.Response { panic(1) })
	for name, body := range map[string]raxx.Body{
		"JSON":   raxx.Data(`{"password":"s3cret"}`),
		"long":   raxx.Data(strings.Repeat("s3cret", 1000)),
		"stream": raxxtest.Chunks("s3cret"),
	} {
		resp := handler(raxx.Post("/", "application/json", body).With("accept", "text/plain"))
		if text := string(resp.Body.(raxx.Data)); strings.Contains(text, "s3cret") || !strings.Contains(text, "// Body: ") {
			t.Errorf("%s: got\n%s", name, text)
		}
	}
}

func TestSecretName(t *testing.T) {
	for name, want := range map[string]bool{
		"password": true, "Passwd": true, "access_token": true, "X-Api-Key": true, "cookie": true, "Set-Cookie": true,
		"Authorization": true, "proxy-authorization": true, "code": true, "sessionid": true, "csrf": true,
		"state": true, "sig": true, "sid": true, "pin": true, "otp": true, "nonce": true, "signal": false, "spin": false,
		"accessKey": true, "PHPSESSID": true, "auth": true, "X-Auth": true, "keyword": false, "author": false,
		"page": false, "q": false, "zipcode": false, "accept": false, "user-agent": false,
	} {
		if got := middleware.SecretName(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func BenchmarkRecover(b *testing.B) {
	handler := middleware.Recover{}.Middleware()(stackTestHandler)
	req := raxx.Get("/")
	b.ReportAllocs()
	for b.Loop() {
		handler(req)
	}
}
