package ace_test

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/middleware/compress"
	"github.com/raxx-go/raxx/middleware/decompress"
	"github.com/raxx-go/raxx/middleware/ratelimit"
	"github.com/raxx-go/raxx/middleware/static"
	"github.com/raxx-go/raxx/raxx"
)

// behindStack returns h behind the stack that every site mounts and all the other
// middleware that lets everybody through, if the engine has it: for production where
// there is TLS, and for development where there is none, since it would redirect to
// HTTPS.
func (e engine) behindStack(h raxx.Handler) raxx.Handler {
	if !e.stack {
		return h
	}
	secrets := [][]byte{[]byte("0123456789abcdef0123456789abcdef")}
	return raxx.Stack(
		middleware.Default{
			Development: e.inDevelopment(),
			Hosts:       []string{"example.org"},
			Logger:      slog.New(slog.DiscardHandler),
		}.Middleware(),
		compress.Config{}.Middleware(),
		ratelimit.Limit{Policy: ratelimit.Policy{Requests: 1 << 20}, Quiet: true}.Middleware(),
		middleware.Concurrency{}.Middleware(),
		decompress.Config{}.Middleware(),
		middleware.BodyLimit(1<<30),
		middleware.ETag{}.Middleware(),
		middleware.CORS{Origins: []string{"https://a.example"}}.Middleware(),
		static.Config{}.MustNew(fstest.MapFS{}).Middleware,
		middleware.NewSession[int]("visits").Middleware(middleware.SessionConfig[int]{Secrets: secrets}),
		middleware.FlashQuery{Secrets: secrets}.Middleware(),
		middleware.MethodOverride{}.Middleware(),
		middleware.Timeout{After: time.Hour}.Middleware(),
	)(h)
}

// inDevelopment reports whether the stack is for a server on one's own machine.
func (e engine) inDevelopment() bool { return e.stack && !e.tls }

// isPanic reports whether a fault is a panic of a handler on purpose, as whoever
// stands nearest to the handler recovers it.
func (e engine) isPanic(fault error) bool {
	var ofAce *ace.PanicError
	var ofStack *middleware.PanicError
	if e.stack {
		return errors.As(fault, &ofStack) && ofStack.Value == "on purpose"
	}
	return errors.As(fault, &ofAce) && ofAce.Error() == "ace: the handler panicked: on purpose"
}

// stackFields are what the stack adds to the head of a reply.
var stackFields = []string{"content-security-policy", "cross-origin-opener-policy", "cross-origin-resource-policy",
	"referrer-policy", "x-content-type-options", "x-frame-options", "x-request-id"}

// withoutStack returns the answer as it would have been without the stack, which
// has to have left its fields in it once each: but for a fault that the server
// itself answered for.
func (e engine) withoutStack(t testing.TB, got answer) answer {
	t.Helper()
	fields := stackFields
	if e.tls {
		fields = append(slices.Clone(fields), "strict-transport-security")
	}
	byServer := got.status == 500 && !got.header.Has("x-request-id")
	if !e.stack || got.status == 0 || byServer {
		return got
	}
	fault := got.status == 500
	if fault { // a page of Recover's
		fields = append(slices.Clone(fields), "cache-control", "vary")
	} else {
		got.header = got.header.Without("etag").Without("vary") // of replies that have content
	}
	for _, name := range fields {
		if n := len(slices.Collect(got.header.Values(name))); n != 1 {
			t.Errorf("the stack left %d fields %s in a reply of status %d: %v", n, name, got.status, got.header)
		}
		got.header = got.header.Without(name)
	}
	if fault && e.inDevelopment() { // a page for developers
		if !strings.Contains(got.body, "on purpose") {
			t.Errorf("the page does not tell what is wrong: %s", got.body)
		}
		got.header, got.body = faultPage.header.With("content-length", "46"), faultPage.body
		got.header = sorted(got.header)
	}
	if len(got.header) == 0 {
		got.header = nil
	}
	return got
}

// withoutStackRequest returns a request as the handler would have seen it without
// the stack.
func (e engine) withoutStackRequest(t testing.TB, seen raxx.Request) raxx.Request {
	t.Helper()
	if !e.stack {
		return seen
	}
	if id := seen.Header.Get("x-request-id"); id == "" || id != middleware.RequestIDKey.Get(seen) {
		t.Errorf("the request has the number %q in its header", id)
	}
	seen.Header = seen.Header.Without("x-request-id")
	if len(seen.Header) == 0 {
		seen.Header = nil
	}
	return seen
}
