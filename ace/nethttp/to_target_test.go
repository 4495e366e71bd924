package nethttp_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/raxx"
)

// RFC 9112, Section 3.2: what is in none of the four forms is refused, and the one
// that asks about a server asks nothing else. net/http hands both on.
func TestToHTTPTargetThatIsNone(t *testing.T) {
	h := to(func(req raxx.Request) raxx.Response { return raxx.Text(200, req.Path) })
	for target, want := range map[string]int{
		"/": 200, "/a:b": 200, "http://a/b": 200, "http://a": 200, "http://a?b": 200,
		"foo:bar": 400, "http:a": 400, "mailto:a@b?c": 400, "*": 400,
	} {
		t.Run(target, func(t *testing.T) {
			onWire(t, h, func(t *testing.T, conn net.Conn) {
				go fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", target)
				got, err := io.ReadAll(conn)
				if err != nil || !strings.HasPrefix(string(got), fmt.Sprint("HTTP/1.1 ", want)) {
					t.Errorf("got %q, %v, want %d", got, err, want)
				}
			})
		})
	}
}

// http.StripPrefix takes the slash with it as its own example has it, which
// http.FileServer puts back.
func TestPathWithoutItsSlash(t *testing.T) {
	strip := func(next http.Handler) http.Handler { return http.StripPrefix("/app/", next) }
	tell := func(req raxx.Request) raxx.Response { return raxx.Text(200, req.Path) }
	for path, want := range map[string]string{"/app/": "/", "/app/a": "/a", "/app/a/b": "/a/b", "/app//a": "/a", "/app/%2Fa": "/%2Fa", "/app/*": "/*"} {
		if got := ask(strip(to(tell)), httptest.NewRequest("GET", path, nil)).Body.String(); got != want {
			t.Errorf("ToHTTP: %s is told as %q, want %q", path, got, want)
		}
		if got := nethttp.FromMiddleware(strip)(tell)(raxx.Get(path)).Body; got != raxx.Body(raxx.Data(want)) {
			t.Errorf("FromMiddleware: %s is told as %q, want %q", path, got, want)
		}
	}
}

// A middleware that believes a proxy says in the URL that the client has come by https.
// A client that says so in its target is not believed.
func TestSchemeOfAMiddleware(t *testing.T) {
	believe := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if scheme := r.Header.Get("X-Forwarded-Proto"); scheme != "" {
				r.URL.Scheme = scheme
			}
			next.ServeHTTP(w, r)
		})
	}
	tell := func(req raxx.Request) raxx.Response { return raxx.Text(200, req.Scheme) }
	for _, row := range []struct{ target, says, want string }{
		{"/", "https", "https"}, {"/", "http", "http"}, {"/", "", "http"}, {"/", "gopher", "http"},
		{"http://a/", "", "http"}, {"https://a/", "", "http"},
	} {
		t.Run(row.target+" "+row.says, func(t *testing.T) {
			onWire(t, believe(to(tell)), func(t *testing.T, conn net.Conn) {
				go fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: %s\r\nConnection: close\r\n\r\n", row.target, row.says)
				got, err := io.ReadAll(conn)
				if err != nil || !strings.HasSuffix(string(got), "\r\n\r\n"+row.want) {
					t.Errorf("ToHTTP: got %q, %v, want %s", got, err, row.want)
				}
			})
		})
		if row.target != "/" {
			continue
		}
		req := raxx.Get("/").With("x-forwarded-proto", row.says)
		req.Scheme = "http"
		if got := nethttp.FromMiddleware(believe)(tell)(req).Body; got != raxx.Body(raxx.Data(row.want)) {
			t.Errorf("FromMiddleware: %s is told as %q, want %s", row.says, got, row.want)
		}
	}
}
