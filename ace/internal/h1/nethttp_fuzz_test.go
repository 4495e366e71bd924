package h1

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzReadRequest compares with net/http's parser: what we accept, it accepts
// too, and as the same request. Where the two differ we are the stricter one,
// but for the differences that knownDifference lists. docs/rfc.md tells of
// both.
func FuzzReadRequest(f *testing.F) {
	for _, seed := range headSeeds {
		f.Add(seed)
	}
	for _, fields := range []string{
		"Pragma: no-cache\r\n", "Trailer: X-Sum\r\n", "Trailer: Content-Length\r\n", "Connection: close, x\r\n",
		"Content-Length: 0005\r\n", "X: \x80\r\nX: a,b\r\n",
	} {
		f.Add(post + fields + crlf + "hello")
	}
	f.Fuzz(func(t *testing.T, in string) {
		ours := feedHead(t, in)
		if !ours.Complete || knownDifference(in, ours) {
			return
		}
		// Known difference: net/http knows no empty line before a request line.
		theirs, err := http.ReadRequest(bufio.NewReader(strings.NewReader(strings.TrimPrefix(in, crlf))))
		if err != nil {
			t.Fatalf("net/http refuses what we read as %+v: %v", ours, err)
		}
		if d := cmp.Diff(requestOf(theirs), requestOfHead(ours)); d != "" {
			t.Fatalf("the request differs (-net/http +ours):\n%s", d)
		}
		compareBodies(t, in, ours, theirs)
	})
}

// knownDifference reports whether net/http refuses, or reads differently, what
// we accept for one of these reasons.
func knownDifference(in string, ours head) bool {
	target := strings.Fields(in)[1]
	switch {
	case strings.Contains(ours.Request.Authority, "%"):
		// An escape of an ASCII character in the host of an absolute target:
		// RFC 3986, Section 3.2.2 allows it, net/url does not.
		return true
	case ours.Request.Header.Has("trailer"):
		// net/http takes the field away, and refuses names that may not stand
		// in a trailer already where they are announced; we do where they come.
		return true
	case ours.Request.Header.Has("pragma"):
		// net/http adds a Cache-Control of its own.
		return true
	case !strings.HasPrefix(target, "/") && strings.HasSuffix(target, "?"):
		return false
	}
	return false
}

// A comparable is what both parsers say about a request.
type comparableRequest struct {
	Method, Path, Query, Authority string
	Header                         map[string][]string
	Length                         int64
	Close                          bool
}

func requestOf(r *http.Request) comparableRequest {
	c := comparableRequest{
		Method: r.Method, Path: r.RequestURI, Query: r.URL.RawQuery, Authority: strings.ToLower(r.Host),
		Header: map[string][]string{}, Length: r.ContentLength, Close: r.Close,
	}
	c.Path, _, _ = strings.Cut(c.Path, "?")
	if _, rest, ok := strings.Cut(c.Path, "://"); ok && !strings.HasPrefix(c.Path, "/") {
		_, path, _ := strings.Cut(rest, "/")
		c.Path = "/" + path
		if r.Method == "OPTIONS" && !strings.ContainsAny(rest, "/") && !strings.Contains(r.RequestURI, "?") {
			c.Path = "*"
		}
	}
	if r.Method == "CONNECT" {
		c.Path = ""
	}
	for name, values := range r.Header {
		switch name = strings.ToLower(name); name {
		case "connection", "keep-alive", "proxy-connection": // ours leaves them out
		default:
			c.Header[name] = values
		}
	}
	return c
}

func requestOfHead(h head) comparableRequest {
	c := comparableRequest{
		Method: h.Request.Method, Path: h.Request.Path, Query: h.Request.Query, Authority: h.Request.Authority,
		Header: map[string][]string{}, Length: h.Length, Close: !h.KeepAlive,
	}
	for _, f := range h.Request.Header {
		c.Header[f.Name] = append(c.Header[f.Name], f.Value)
	}
	return c
}

func compareBodies(t *testing.T, in string, ours head, theirs *http.Request) {
	t.Helper()
	b := feedBody(t, in[:ours.Used], in[ours.Used:])
	if !b.Done || b.Used-len(b.Content) > 10<<10 {
		return
	}
	content, err := io.ReadAll(theirs.Body)
	if err != nil || string(content) != b.Content {
		t.Fatalf("net/http reads the body %q as %q, %v; we as %q", in[ours.Used:], content, err, b.Content)
	}
}

var _ = errors.New
var _ = slices.Equal[[]int]
