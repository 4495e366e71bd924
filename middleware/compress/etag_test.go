package compress

import (
	"strings"
	"testing"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// RFC 9110, Section 8.8.3.3: variants must not share a strong tag.
func TestETagOfVariants(t *testing.T) {
	for _, tt := range []struct{ tag, accept, want string }{
		{`"v1"`, "gzip", `W/"v1~gzip"`},
		{`"v1"`, "br", `W/"v1~br"`},
		{`"v1"`, "identity", `"v1"`},
		{`W/"v1"`, "gzip", `W/"v1"`},
		{`""`, "gzip", `W/"~gzip"`},
		{`nonsense`, "gzip", `nonsense`},
	} {
		got := get(tt.accept, raxx.HTML(200, page).With("etag", tt.tag))
		diff(t, tt.want, got.Header.Get("etag"))
	}
}

// Conditional requests work as if nobody had compressed anything.
func TestConditionalRequests(t *testing.T) {
	h := Config{}.Middleware()(func(req raxx.Request) raxx.Response {
		if req.Method == "PUT" {
			if status := raxx.Precondition(req, raxx.ETag{Tag: "v1"}, time.Time{}); status != 0 {
				return raxx.Problem(status, "")
			}
			return raxx.NoContent()
		}
		return raxx.Conditional(req, raxx.HTML(200, page).With("etag", `"v1"`))
	})
	tests := []struct {
		name   string
		req    raxx.Request
		status int
		tag    string
	}{
		{"a variant that is current", raxx.Get("/").With("if-none-match", `W/"v1~gzip"`), 304, `W/"v1~gzip"`},
		{"one of another coding", raxx.Get("/").With("if-none-match", `W/"v1~br"`), 304, `W/"v1~br"`},
		{"among others", raxx.Get("/").With("if-none-match", `"x", W/"v1~br", W/"y"`), 304, `W/"v1~br"`},
		{"of a coding that the client does not take", raxx.Get("/").With("if-none-match", `W/"v1~zstd"`), 200, `W/"v1~gzip"`},
		{"HEAD, of a coding that the client does not take", raxx.Head("/").With("if-none-match", `W/"v1~zstd"`), 200, `W/"v1~gzip"`},
		{"one of two that it takes", raxx.Get("/").With("if-none-match", `W/"v1~zstd", W/"v1~gzip"`), 304, `W/"v1~gzip"`},
		{"the plain one", raxx.Get("/").With("if-none-match", `"v1"`), 304, `"v1"`},
		{"any", raxx.Get("/").With("if-none-match", `*`), 304, `"v1"`},
		{"an old variant", raxx.Get("/").With("if-none-match", `W/"v0~gzip"`), 200, `W/"v1~gzip"`},
		{"a coding that there is none of", raxx.Get("/").With("if-none-match", `W/"v1~lzw"`), 200, `W/"v1~gzip"`},
		{"a strong tag that only looks alike", raxx.Get("/").With("if-none-match", `"v1~gzip"`), 200, `W/"v1~gzip"`},
		{"malformed", raxx.Get("/").With("if-none-match", `W/"v1~gzip`), 200, `W/"v1~gzip"`},
		{"a change of what was read compressed", raxx.Put("/", "text/html", nil).With("if-match", `W/"v1~gzip"`), 204, ""},
		{"a change of what is current no more", raxx.Put("/", "text/html", nil).With("if-match", `W/"v0~gzip"`), 412, ""},
		{"a change of what another has read", raxx.Put("/", "text/html", nil).With("if-match", `W/"v1~zstd"`), 204, ""},
		{"a new thing, of another coding", raxx.Put("/", "text/html", nil).With("if-none-match", `W/"v1~zstd"`), 412, ""},
		{"a new thing", raxx.Put("/", "text/html", nil).With("if-none-match", `W/"v1~gzip"`), 412, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := h(tt.req.With("accept-encoding", "gzip, br;q=0.5"))
			diff(t, tt.status, got.Status)
			diff(t, tt.tag, got.Header.Get("etag"))
			if got.Status == 200 || got.Status == 304 {
				diff(t, "accept-encoding", got.Header.Get("vary"))
			}
		})
	}
}

// A 304 that a machine sends later has the tag that the client asked with, too.
func TestConditionalRequestsOfMachines(t *testing.T) {
	later := said(raxx.Response{Status: 304}.With("etag", `"v1"`), raxx.Tail{})
	h := Config{}.Middleware()(answer(raxx.Defer(later)))
	resp := h(raxx.Get("/").With("accept-encoding", "gzip").With("if-none-match", `W/"v1~gzip"`))
	_, parts := resp.Body.(raxx.Machine).Step(raxx.Open{})
	head, _ := parts[0].(raxx.Response)
	diff(t, raxx.Response{Status: 304}.With("etag", `W/"v1~gzip"`).With("vary", "accept-encoding"), head)
}

// RFC 9110, Section 15.4.5: a 304 has the tag of what would have been sent. A
// cache asks with the tags of all variants that it holds, for a client that may
// not take each of them.
func TestHeldVariantsOfOtherClients(t *testing.T) {
	h := Config{}.Middleware()(func(req raxx.Request) raxx.Response {
		return raxx.Conditional(req, raxx.HTML(200, page).With("etag", `"v1"`))
	})
	all := raxx.Get("/").With("if-none-match", `W/"v1~gzip", W/"v1~br", "v1"`)
	for accept, want := range map[string]string{
		"": `"v1"`, "identity": `"v1"`, "gzip;q=0": `"v1"`, "br": `W/"v1~br"`, "*;q=0.5, gzip;q=0.000": `W/"v1~br"`, "X-GZip": `W/"v1~gzip"`,
	} {
		got := h(all.With("accept-encoding", accept))
		diff(t, 304, got.Status)
		diff(t, want, got.Header.Get("etag"))
		diff(t, "accept-encoding", got.Header.Get("vary"))
	}
	none := raxx.Get("/").With("if-none-match", `W/"v1~gzip"`)
	diff(t, 200, h(none).Status)
	diff(t, 200, h(none.With("accept-encoding", "identity")).Status)
}

// What the client takes is read once, and not for each tag that it holds: the two
// lists together fill a head.
func TestManyVariantsAreHeld(t *testing.T) {
	held := raxx.Get("/").With("if-none-match", strings.Repeat(`W/"~br",`, 2000))
	allocs := func(req raxx.Request) float64 { return testing.AllocsPerRun(1, func() { inward(req) }) }
	one := allocs(held.With("accept-encoding", "A"))
	hundred := allocs(held.With("accept-encoding", strings.Repeat("A,", 100)))
	if hundred > one+1000 {
		t.Errorf("%.0f allocations where the client takes one coding, %.0f where it takes a hundred", one, hundred)
	}
}

func FuzzInward(f *testing.F) {
	for _, s := range []string{`W/"v1~gzip"`, `"a", W/"b~br" , *`, `W/"~gzip"`, `"`, `W/"a~gzip"x, W/"b~gzip"`, ``, `~`} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, match, none string) {
		req := raxx.Get("/")
		req.Header = raxx.Header{{Name: "if-match", Value: match}, {Name: "if-none-match", Value: none}, {Name: "accept-encoding", Value: "*"}}
		before, _ := raxx.ETags(req.Header, "if-none-match")
		own, held := inward(req)
		after, all := raxx.ETags(own.Header, "if-none-match")
		diff(t, raxx.Header{{Name: "if-match", Value: match}, {Name: "if-none-match", Value: none}, {Name: "accept-encoding", Value: "*"}}, req.Header)
		if _, wasAll := raxx.ETags(req.Header, "if-none-match"); all != wasAll || len(after) != len(before) {
			t.Fatalf("%q became %v", none, own.Header)
		}
		for _, tag := range held {
			plain, ok := original(tag)
			if !ok || outward(plain, tag.Tag[len(plain.Tag)+1:]) != tag {
				t.Fatalf("%v is no tag of a variant", tag)
			}
		}
	})
}
