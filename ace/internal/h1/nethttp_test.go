package h1

import (
	"bufio"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/ace/internal/octets"
)

// How this package differs from net/http. FuzzReadRequest looks for differences;
// the tables below hold what there is to know about them, and docs/rfc.md says
// why.

// Where we are stricter: net/http's server hands each of these to its handler,
// which finds a body that is sound.
func TestStricterThanNetHTTP(t *testing.T) {
	const chunked = postChunked + "5\r\nhello\r\n"
	for _, tt := range []struct{ name, in string }{
		{"2.2 lines that end with LF alone", "GET / HTTP/1.1\nHost: t.example\n\n"},
		{"2.2 one line that ends with LF alone", get + "X: y\n\r\n"},
		{"3.2 an octet over 127 in the target", "GET /\xe9 HTTP/1.1\r\n" + host + crlf},
		{"3.2 a fragment in the target", "GET /a#b HTTP/1.1\r\n" + host + crlf},
		{"3.2 a malformed escape in the query", "GET /?%zz HTTP/1.1\r\n" + host + crlf},
		{"3.2 an asterisk with another method than OPTIONS", "GET * HTTP/1.1\r\n" + host + crlf},
		{"3.2 host and port with another method than CONNECT", "GET t.example:80 HTTP/1.1\r\n" + host + crlf},
		{"3.2 a scheme alone", "GET http: HTTP/1.1\r\n" + host + crlf},
		{"3.2 another scheme", "GET ftp://t.example/ HTTP/1.1\r\n" + host + crlf},
		{"3.2.2 an absolute target with an empty host", "GET http:///a HTTP/1.1\r\n" + host + crlf},
		{"3.2.2 an absolute target with user information", "GET http://user@t.example/ HTTP/1.1\r\n" + host + crlf},
		{"3.2.2 an absolute target with a port beyond 65535", "GET http://t.example:65536/ HTTP/1.1\r\n" + host + crlf},
		{"3.2.3 CONNECT without a port", "CONNECT t.example HTTP/1.1\r\n" + host + crlf},
		{"3.2.3 CONNECT with a path", "CONNECT / HTTP/1.1\r\n" + host + crlf},
		{"3.2 CONNECT without Host", "CONNECT t.example:443 HTTP/1.1\r\n\r\n"},
		{"3.2 an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"},
		{"3.2 two hosts with a comma", "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n"},
		{"3.2 a port of letters", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"},
		{"3.2 a port alone", "GET / HTTP/1.1\r\nHost: :80\r\n\r\n"},
		{"3.2 an IPv6 address that is not closed", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"},
		{"3.2 an IPv6 address with a zone", "GET / HTTP/1.1\r\nHost: [fe80::1%25eth0]\r\n\r\n"},
		{"3.2 a malformed escape in Host", "GET / HTTP/1.1\r\nHost: a%zz\r\n\r\n"},
		{"5.2 a folded line", get + "X: a\r\n b\r\n\r\n"},
		{"5 more than 200 fields", get + strings.Repeat("X: y\r\n", 201) + crlf},
		{"5 a head of 40 KiB", get + "X: " + strings.Repeat("y", 40<<10) + "\r\n\r\n"},
		{"6.1 both Content-Length and Transfer-Encoding", post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
		{"6.1 Transfer-Encoding in HTTP 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
		{"6.2 a Content-Length of 19 digits", post + "Content-Length: 0000000000000000005\r\n\r\nhello"},
		{"6.3 two equal Content-Lengths", post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"},
		{"7.1.1 white space behind a chunk size", postChunked + "5 \r\nhello\r\n0\r\n\r\n"},
		{"7.1.1 an empty chunk extension", postChunked + "5;\r\nhello\r\n0\r\n\r\n"},
		{"7.1.1 a control character in a chunk extension", postChunked + "5;a=\x01\r\nhello\r\n0\r\n\r\n"},
		{"7.1.1 a quote that is not closed in a chunk extension", postChunked + "5;a=\"\r\nhello\r\n0\r\n\r\n"},
		{"5.2 a folded line in a trailer", chunked + "0\r\nX: a\r\n b\r\n\r\n"},
		{"7.1.2 a field that frames in a trailer", chunked + "0\r\nContent-Length: 6\r\n\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !netHTTPServes(t, tt.in) {
				t.Skip("net/http of this Go version refuses it, too")
			}
			fault := feedWhole(t, tt.in)
			if fault == nil {
				t.Fatal("we accept it")
			}
			section, _, _ := strings.Cut(tt.name, " ")
			diff(t, section, fault.Section)
		})
	}
}

// Where net/http is stricter.
func TestLaxerThanNetHTTP(t *testing.T) {
	for _, tt := range []struct{ name, in string }{
		{"2.2 an empty line before the request line", crlf + get + crlf},
		{"3.2.2 an escape of ASCII in the host of an absolute target", "GET http://%74.example/ HTTP/1.1\r\n" + host + crlf},
		{"7.1.2 a field that is announced for the trailer and may not stand there", post + "Transfer-Encoding: chunked\r\nTrailer: Content-Length\r\n\r\n0\r\n\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if netHTTPServes(t, tt.in) {
				t.Skip("net/http of this Go version accepts it, too")
			}
			if fault := feedWhole(t, tt.in); fault != nil {
				t.Fatal(fault)
			}
		})
	}
}

// feedWhole reads a head and its body under the limits of a server.
func feedWhole(t *testing.T, in string) *ParseError {
	t.Helper()
	c := New(Limits{HeadBytes: 32 << 10, Fields: 200})
	h := feedHeadTo(t, &c, in)
	if h.Err != nil || !h.Complete {
		return h.Err
	}
	rest := in[h.Used:]
	for c.HasBody() {
		n, _, err := c.Body([]byte(rest))
		if err != nil {
			return parseErrorOf(t, err)
		}
		if rest = rest[n:]; n == 0 {
			t.Fatalf("the body of %.200q is incomplete", in)
		}
	}
	return nil
}

// netHTTPServes reports whether a handler of net/http sees the request, and can
// read its body.
func netHTTPServes(t *testing.T, in string) bool {
	t.Helper()
	served := false
	server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		served = err == nil
	})}
	l := memnet.Listen()
	stopped := make(chan bool)
	go func() { server.Serve(l); close(stopped) }()
	conn, err := l.Dial()
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(conn, in)
	conn.(*memnet.Conn).CloseWrite()
	io.Copy(io.Discard, conn) // until the server has closed
	conn.Close()
	server.Close()
	<-stopped
	return served
}

// FuzzReadRequest checks that what we accept, net/http's parser accepts, too,
// and as the same request, but for knownDifference.
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
		if !ours.Complete || knownDifference(ours) {
			return
		}
		// Known difference: net/http knows no empty line before a request line.
		theirs, err := http.ReadRequest(bufio.NewReader(strings.NewReader(strings.TrimPrefix(in, crlf))))
		if err != nil {
			t.Fatalf("net/http refuses what we read as %+v: %v", ours, err)
		}
		if d := cmp.Diff(theirRequest(theirs), ourRequest(ours)); d != "" {
			t.Fatalf("the request differs (-net/http +ours):\n%s", d)
		}
		compareBodies(t, in, ours, theirs)
	})
}

// knownDifference reports whether net/http refuses, or reads differently, what
// we accept.
func knownDifference(ours head) bool {
	// It refuses an escape of ASCII in a host, and decodes others: RFC 3986,
	// Section 3.2.2 allows both, and we leave them as they are.
	escaped := strings.Contains(ours.Request.Authority, "%")
	// It takes the Trailer field away, and refuses names in it that may not
	// stand in a trailer: we do so when they stand there.
	announced := ours.Request.Header.Has("trailer")
	// It adds a Cache-Control of its own.
	pragma := ours.Request.Header.Has("pragma")
	return escaped || announced || pragma
}

// A reading is what a parser says about a request.
type reading struct {
	Method, Path, Query, Authority string
	Header                         map[string][]string
	Length                         int64
	Close                          bool
}

func ourRequest(h head) reading {
	c := reading{
		Method: h.Request.Method, Path: h.Request.Path, Query: h.Request.Query, Authority: h.Request.Authority,
		Header: map[string][]string{}, Length: h.Length, Close: !h.KeepAlive,
	}
	for _, f := range h.Request.Header {
		c.Header[f.Name] = append(c.Header[f.Name], f.Value)
	}
	return c
}

func theirRequest(r *http.Request) reading {
	c := reading{
		Method: r.Method, Path: theirPath(r), Query: r.URL.RawQuery, Authority: strings.ToLower(r.Host),
		Header: map[string][]string{}, Length: r.ContentLength, Close: r.Close,
	}
	for name, values := range r.Header {
		switch name = strings.ToLower(name); name {
		case "keep-alive", "proxy-connection": // ours leaves them out
			continue
		case "connection": // and this where it names no other field
			if values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return !octets.NamesFields(v) }); len(values) == 0 {
				continue
			}
		}
		c.Header[name] = values
	}
	return c
}

// theirPath returns the path as it was sent: net/http keeps it only within the
// whole target.
func theirPath(r *http.Request) string {
	if r.Method == "CONNECT" {
		return ""
	}
	path, _, query := strings.Cut(r.RequestURI, "?")
	_, rest, absolute := strings.Cut(path, "://")
	if !absolute || path[0] == '/' {
		return path
	}
	_, path, slash := strings.Cut(rest, "/")
	if r.Method == "OPTIONS" && !slash && !query {
		return "*"
	}
	return "/" + path
}

// compareBodies compares the content of a body that is whole.
func compareBodies(t *testing.T, in string, ours head, theirs *http.Request) {
	t.Helper()
	b := feedBody(t, in[:ours.Used], in[ours.Used:])
	if !b.Done {
		return
	}
	content, err := io.ReadAll(theirs.Body)
	if err != nil || string(content) != b.Content {
		t.Fatalf("net/http reads the body %q as %q, %v; we as %q", in[ours.Used:], content, err, b.Content)
	}
	diff(t, len(b.Trailer), numFields(theirs.Trailer))
}

func numFields(h http.Header) (n int) {
	for _, values := range h {
		n += len(values)
	}
	return n
}
