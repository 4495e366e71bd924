package compress

import (
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/raxx-go/raxx/raxx"
)

func TestCoding(t *testing.T) {
	tests := []struct {
		name   string
		accept string // "-": no such field
		prefer []string
		want   string
	}{
		{"a browser", "gzip, deflate, br, zstd", nil, "zstd"},
		{"an older one", "gzip, deflate, br", nil, "br"},
		{"gzip alone", "gzip", nil, "gzip"},
		{"the old name", "x-gzip", nil, "gzip"},
		{"by weight", "zstd;q=0.1, br;q=0.2, gzip;q=0.9", nil, "gzip"},
		{"refused", "zstd;q=0, *", nil, "br"},
		{"any", "*", nil, "zstd"},
		{"none but identity", "identity", nil, ""},
		{"identity is liked better", "gzip;q=0.5, identity", nil, ""},
		{"everything refused", "*;q=0", nil, ""},
		{"unknown ones", "deflate, compress, dcb", nil, ""},
		{"no field", "-", nil, ""},
		{"an empty field", "", nil, ""},
		{"a malformed weight", "gzip;q=high", nil, ""},
		{"another preference", "gzip, br, zstd", []string{"gzip", "br"}, "gzip"},
		{"one that is not offered", "zstd", []string{"gzip"}, ""},
		{"nothing is offered", "zstd, gzip", []string{}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req := raxx.Get("/")
			if tt.accept != "-" {
				req = req.With("accept-encoding", tt.accept)
			}
			got := Config{Prefer: tt.prefer}.Middleware()(answer(raxx.Text(200, page)))(req)
			diff(t, tt.want, got.Header.Get("content-encoding"))
			diff(t, "accept-encoding", got.Header.Get("vary"))
			diff(t, page, complete(t, got))
			if _, isData := got.Body.(raxx.Data); !isData {
				t.Errorf("the body is a %T, want Data", got.Body)
			}
		})
	}
}

// A machine sends gzip only, where that is offered.
func TestCodingOfMachines(t *testing.T) {
	for _, tt := range []struct {
		accept string
		prefer []string
		want   string
	}{
		{"gzip, br", nil, "gzip"}, {"gzip, br", []string{"br"}, ""}, {"br, gzip;q=0.1, identity;q=0.5", nil, ""}, {"br", nil, ""},
	} {
		resp := raxx.Reply(200, "text/html", raxx.NewMachine(0, ticks))
		got := Config{Prefer: tt.prefer}.Middleware()(answer(resp))(raxx.Get("/").With("accept-encoding", tt.accept))
		diff(t, tt.want, got.Header.Get("content-encoding"))
	}
}

func TestNewPanicsOnUnknownCodings(t *testing.T) {
	for _, prefer := range [][]string{{"deflate"}, {"gzip", "gzip"}, {"identity"}} {
		func() {
			defer func() {
				if text, _ := recover().(string); !strings.Contains(text, "Prefer") {
					t.Errorf("%q: got %q, want a panic that names Prefer", prefer, text)
				}
			}()
			Config{Prefer: prefer}.Middleware()
		}()
	}
}

func TestLeftAlone(t *testing.T) {
	html := raxx.HTML(200, page)
	small := raxx.HTML(200, "small")
	tests := []struct {
		name string
		resp raxx.Response
	}{
		{"small", small},
		{"a small stream", raxx.Reply(200, "text/html", raxx.NewStream(5, raxx.Chunks(raxx.Data("small"))))},
		{"no content", raxx.NoContent()},
		{"an empty body", raxx.HTML(200, "")},
		{"compressed already", html.With("content-encoding", "br")},
		{"a type that does not gain", raxx.Reply(200, "image/png", raxx.Data(page))},
		{"no type", raxx.Response{Status: 200, Body: raxx.Data(page)}},
		{"not to be transformed", html.With("cache-control", "public, No-Transform")},
		{"a part", html.WithStatus(206).With("content-range", "bytes 0-9/20")},
		{"a part by its range", html.With("content-range", "bytes 0-9/20")},
		{"a form to be emptied", html.WithStatus(205)},
		{"a status without content", html.WithStatus(204)},
		{"with an old digest", html.With("digest", "sha-256=abc")},
		{"with a very old digest", html.With("content-md5", "abc")},
		{"with a digest of its content", html.With("content-digest", "sha-256=:abc:")},
		{"with a digest of the representation", html.With("repr-digest", "sha-256=:abc:")},
		{"an upgrade", raxx.Response{Status: 101, Header: raxx.Header{{Name: "content-type", Value: "text/html"}}, Body: raxx.Machine{}}},
		{"random bytes", raxx.Text(200, "\x93\x1f\x02\xc7\xa8")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { diff(t, tt.resp, get("gzip, br, zstd", tt.resp)) })
	}
	t.Run("a tunnel", func(t *testing.T) {
		req := raxx.New("CONNECT", "/", nil).With("accept-encoding", "gzip")
		diff(t, html, Config{}.Middleware()(answer(html))(req))
	})
}

// RFC 9110, Section 15.3.7: a part has the Vary that the whole would have had.
func TestPartsVary(t *testing.T) {
	whole := raxx.HTML(200, page)
	for _, tt := range []struct {
		name string
		resp raxx.Response
		want string
	}{
		{"of what is worth it", whole, "accept-encoding"},
		{"of what has a vary", whole.With("vary", "*"), "*"},
		{"of what is too short", raxx.HTML(200, page[:1023]), ""},
		{"of what does not gain", raxx.Reply(200, "image/png", raxx.Data(page)), ""},
		{"of what is not to be transformed", whole.With("cache-control", "no-transform"), ""},
		{"of what is compressed already", whole.With("content-encoding", "br"), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := raxx.Get("/").With("accept-encoding", "gzip")
			h := Config{}.Middleware()(func(req raxx.Request) raxx.Response { return raxx.Partial(req, tt.resp) })
			part := h(req.With("range", "bytes=0-9"))
			diff(t, tt.want, h(req).Header.Get("vary"))
			diff(t, tt.want, part.Header.Get("vary"))
			diff(t, raxx.Data(page[:10]), part.Body)
		})
	}
	t.Run("of a whole that is not told", func(t *testing.T) {
		part := raxx.HTML(206, page)
		diff(t, part.With("vary", "accept-encoding"), get("gzip", part))
	})
	t.Run("of several", func(t *testing.T) {
		parts := raxx.Reply(206, "multipart/byteranges; boundary=a", raxx.Data(page))
		diff(t, parts.With("vary", "accept-encoding"), get("gzip", parts))
	})
}

func TestMinSize(t *testing.T) {
	for _, tt := range []struct {
		min  int
		size int
		want string
	}{{0, 1023, ""}, {0, 1024, "gzip"}, {5000, 4999, ""}, {-1, 300, "gzip"}, {-1, 1, ""}} {
		req := raxx.Get("/").With("accept-encoding", "gzip")
		got := Config{MinSize: tt.min}.Middleware()(answer(raxx.Text(200, strings.Repeat("a", tt.size))))(req)
		if coding := got.Header.Get("content-encoding"); coding != tt.want {
			t.Errorf("MinSize %d, %d bytes: got coding %q, want %q", tt.min, tt.size, coding, tt.want)
		}
	}
}

func TestHeader(t *testing.T) {
	resp := raxx.HTML(200, page).With("content-length", "5300").With("accept-ranges", "bytes").
		With("vary", "accept").Add("set-cookie", "a=b").Add("set-cookie", "c=d")
	before := append(raxx.Header(nil), resp.Header...)
	got := get("gzip", resp)
	diff(t, raxx.Header{
		{Name: "content-type", Value: "text/html; charset=utf-8"},
		{Name: "vary", Value: "accept"},
		{Name: "set-cookie", Value: "a=b"}, {Name: "set-cookie", Value: "c=d"},
		{Name: "vary", Value: "accept-encoding"},
		{Name: "content-encoding", Value: "gzip"},
	}, got.Header)
	diff(t, before, resp.Header)
	for _, vary := range []string{"*", "Accept-Encoding", "accept, accept-encoding"} {
		got := get("gzip", resp.With("vary", vary))
		diff(t, vary, strings.Join(collect(got.Header, "vary"), "|"))
	}
}

func collect(h raxx.Header, name string) (all []string) {
	for v := range h.Values(name) {
		all = append(all, v)
	}
	return all
}

// RFC 9110, Section 9.3.2.
func TestHeadEqualsGet(t *testing.T) {
	files := fstest.MapFS{"f": {Data: []byte(page)}}
	for name, body := range map[string]raxx.Body{
		"data": raxx.Data(page), "file": raxx.NewFile(files, "f"), "stream": raxx.NewStream(-1, raxx.Chunks(raxx.Data(page))),
		"machine": raxx.NewMachine(0, ticks),
	} {
		t.Run(name, func(t *testing.T) {
			h := Config{}.Middleware()(answer(raxx.Reply(200, "text/html", body).With("etag", `"a"`)))
			for _, accept := range []string{"gzip", "br", "zstd", "identity"} {
				got := h(raxx.Head("/").With("accept-encoding", accept))
				want := h(raxx.Get("/").With("accept-encoding", accept))
				diff(t, want.Header, got.Header)
				diff(t, raxx.Length(want.Body), raxx.Length(got.Body))
			}
		})
	}
}

func TestSecret(t *testing.T) {
	got := get("gzip", Secret(raxx.HTML(200, page)))
	diff(t, raxx.HTML(200, page), got)

	h := raxx.Stack(Config{}.Middleware(), Off)(answer(raxx.HTML(200, page)))
	diff(t, raxx.HTML(200, page), h(raxx.Get("/").With("accept-encoding", "gzip")))

	// What comes compressed keeps what says so.
	diff(t, "br", Secret(raxx.HTML(200, page).With("content-encoding", "br")).Header.Get("content-encoding"))
}

// The BREACH attack: another site makes the browser ask, with its user's cookies,
// for a page that repeats what the site chose.
func TestCrossSite(t *testing.T) {
	forged := raxx.Get("/search?q=token%3Daa").With("accept-encoding", "gzip").With("sec-fetch-site", "cross-site")
	tests := []struct {
		name   string
		req    raxx.Request
		config Config
		want   string
	}{
		{"with cookies", forged.With("cookie", "a=b"), Config{}, ""},
		{"with a password that the browser adds", forged.With("authorization", "Basic YTpi"), Config{}, ""},
		{"with a token that a program adds", forged.With("authorization", "Bearer abc"), Config{}, "gzip"},
		{"without credentials", forged, Config{}, "gzip"},
		{"from the same site", forged.With("cookie", "a=b").With("sec-fetch-site", "same-site"), Config{}, "gzip"},
		{"typed by the user", forged.With("cookie", "a=b").With("sec-fetch-site", "none"), Config{}, "gzip"},
		{"a browser that does not say", forged.With("cookie", "a=b").Without("sec-fetch-site"), Config{}, "gzip"},
		{"allowed", forged.With("cookie", "a=b"), Config{CrossSite: true}, "gzip"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.config.Middleware()(answer(raxx.HTML(200, page)))(tt.req)
			diff(t, tt.want, got.Header.Get("content-encoding"))
			diff(t, "accept-encoding", got.Header.Get("vary"))
		})
	}
}

// RFC 9110, Section 9.3.2: HEAD is answered as GET is, also by a handler that says
// how long the content would be and leaves it out.
func TestHeadOfWhatIsLeftOut(t *testing.T) {
	full := raxx.HTML(200, page).With("etag", `"v1"`)
	bare := full.WithBody(nil).With("content-length", strconv.Itoa(len(page)))
	for name, row := range map[string]struct {
		accept     string
		full, bare raxx.Response
	}{
		"compressed":     {"br", full, bare},
		"not acceptable": {"identity", full, bare},
		"little":         {"br", raxx.Text(200, "a"), raxx.Text(200, "").With("content-length", "1")},
		"empty":          {"br", raxx.Text(200, ""), raxx.Text(200, "")},
		"no type that gains": {"br", raxx.Reply(200, "image/png", raxx.Data(page)),
			raxx.Reply(200, "image/png", nil).With("content-length", strconv.Itoa(len(page)))},
	} {
		got := get(row.accept, row.full)
		head := Config{}.Middleware()(answer(row.bare))(raxx.Head("/").With("accept-encoding", row.accept))
		for _, field := range []string{"vary", "etag", "content-encoding"} {
			if g, h := got.Header.Get(field), head.Header.Get(field); g != h {
				t.Errorf("%s: %s is %q, and %q for HEAD", name, field, g, h)
			}
		}
		if row.accept == "br" && got.Header.Has("content-encoding") && head.Header.Has("content-length") {
			t.Errorf("%s: HEAD has the length of other content", name)
		}
	}
}

// The mark of a secret does not leave with a 304 either.
func TestMarkOf304(t *testing.T) {
	marked := Secret(raxx.Response{Status: 304}.With("etag", `"v1"`))
	diff(t, raxx.Response{Status: 304}.With("etag", `"v1"`).Add("vary", "accept-encoding"), get("gzip", marked))
	later := get("gzip", Secret(raxx.Defer(said(raxx.Response{Status: 304}, raxx.Tail{}))))
	_, parts := later.Body.(raxx.Machine).Step(raxx.Open{})
	diff(t, false, parts[0].(raxx.Response).Header.Has("content-encoding"))
}
