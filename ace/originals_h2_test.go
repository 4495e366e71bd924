package ace_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/raxx"
)

// serveH2 runs a test against a server of h, whose clients speak HTTP/2. dial
// makes a client with a connection of its own.
func serveH2(t *testing.T, h raxx.Handler, test func(t *testing.T, dial func() *http.Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := memnet.Listen()
		server := ace.New(h, ace.Config{})
		served := make(chan error, 1)
		go func() { served <- server.Serve(l) }()
		var all []*http.Transport
		test(t, func() *http.Client {
			protocols := new(http.Protocols)
			protocols.SetUnencryptedHTTP2(true)
			transport := &http.Transport{DialContext: l.DialContext, Protocols: protocols}
			all = append(all, transport)
			return &http.Client{Transport: transport}
		})
		for _, transport := range all {
			transport.CloseIdleConnections()
		}
		server.Close()
		if err := <-served; err != nil {
			t.Error(err)
		}
		synctest.Wait()
	})
}

// wantH2 asks and wants a reply.
func wantH2(t *testing.T, c *http.Client, method, path string, status int, body string) {
	t.Helper()
	req, err := http.NewRequest(method, "http://t.example"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	got, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if resp.StatusCode != status || body != "*" && string(got) != body || err != nil || resp.Proto != "HTTP/2.0" {
		t.Errorf("%s %s: got %s %d %.40q (%d bytes), %v; want %d", method, path, resp.Proto, resp.StatusCode, got, len(got), err, status)
	}
}

// What of [TestWhatTheOriginalsDid] was HTTP/2 alone. The rest of those rows:
//
//   - Every DATA frame gave back a whole window, whatever its size:
//     `h2.TestReceiving/5.2_content_that_is_not_taken_gives_no_window_back`.
//   - Floods of CONTINUATION, SETTINGS, PING and RST_STREAM, and streams without
//     number, were not limited: `h2.TestAttacks`, `h2.TestStreamConcurrency`.
func TestWhatTheOriginalsDidOverHTTP2(t *testing.T) {
	t.Run("101 connections: the next one never got through", func(t *testing.T) {
		serveH2(t, hello, func(t *testing.T, dial func() *http.Client) {
			for range 150 {
				wantH2(t, dial(), "GET", "/", 200, "hello")
			}
		})
	})
	t.Run("HEAD with a body: a protocol error", func(t *testing.T) {
		serveH2(t, hello, func(t *testing.T, dial func() *http.Client) {
			c := dial()
			wantH2(t, c, "HEAD", "/", 200, "")
			wantH2(t, c, "GET", "/", 200, "hello")
		})
	})
	t.Run("an unknown method: the whole connection crashed", func(t *testing.T) {
		serveH2(t, path, func(t *testing.T, dial func() *http.Client) {
			c := dial()
			wantH2(t, c, "PROPFIND", "/a", 200, "/a")
			wantH2(t, c, "BREW", "/b", 200, "/b")
		})
	})
	t.Run("a handler that crashes costs its exchange and nothing else", func(t *testing.T) {
		h := func(req raxx.Request) raxx.Response {
			if req.Path == "/crash" {
				panic("a fault")
			}
			return hello(req)
		}
		serveH2(t, h, func(t *testing.T, dial func() *http.Client) {
			c := dial()
			wantH2(t, c, "GET", "/crash", 500, "*")
			wantH2(t, c, "GET", "/", 200, "hello")
		})
	})
	t.Run("large replies: they failed beyond a window", func(t *testing.T) {
		sizes := []int{0, 1, 65_535, 65_536, 1 << 20, 10 << 20}
		h := func(req raxx.Request) raxx.Response {
			var n int
			fmt.Sscan(req.Path[1:], &n)
			return raxx.Text(200, strings.Repeat("x", n))
		}
		serveH2(t, h, func(t *testing.T, dial func() *http.Client) {
			c := dial()
			for _, n := range sizes {
				wantH2(t, c, "GET", fmt.Sprint("/", n), 200, strings.Repeat("x", n))
			}
		})
	})
	t.Run("Date: it was never sent", func(t *testing.T) {
		serveH2(t, hello, func(t *testing.T, dial func() *http.Client) {
			resp, err := dial().Get("http://t.example/")
			if err != nil || resp.Header.Get("date") == "" {
				t.Errorf("got %v, %v", resp, err)
			}
			resp.Body.Close()
		})
	})
}
