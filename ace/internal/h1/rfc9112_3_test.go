package h1

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
)

// RFC 9112, Section 3: the request line, its target, and Host.

func TestRequestLine(t *testing.T) {
	for _, tt := range []struct{ name, method string }{
		{"3.1 every octet of a token in the method", "!#$%&'*+-.^_`|~09azAZ"},
		{"3.1 the method keeps its case", "gEt"},
		{"3.1 a method of one letter", "A"},
		{"3.1 an unknown method is for the handler to judge", "BREW"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, tt.method, accept(t, tt.method+" / HTTP/1.1\r\n"+host+crlf).Request.Method)
		})
	}
	refuseHeads(t, []refusal{
		{"3 two spaces before the target", "GET  / HTTP/1.1\r\n" + host + crlf, 400},
		{"3 a tab before the target", "GET\t/ HTTP/1.1\r\n" + host + crlf, 400},
		{"3 VT before the target", "GET\v/ HTTP/1.1\r\n" + host + crlf, 400},
		{"3 a no-break space before the target", "GET\xa0/ HTTP/1.1\r\n" + host + crlf, 400},
		{"3 the method alone", "GET\r\n" + host + crlf, 400},
		{"3 a method and a space", "GET \r\n" + host + crlf, 400},
		{"3 no target", "GET HTTP/1.1\r\n" + host + crlf, 400},
		{"3 two spaces in place of a target", "GET  HTTP/1.1\r\n" + host + crlf, 400},
		{"3 no version, as in HTTP 0.9", "GET /\r\n\r\n", 400},
		{"3 no method", "/ HTTP/1.1\r\n" + host + crlf, 400},
		{"3 a reply in place of a request", "HTTP/1.1 200 OK\r\n" + host + crlf, 400},
		{"3 an at sign in the method", "G@T / HTTP/1.1\r\n" + host + crlf, 400},
		{"3 a parenthesis in the method", "GET( / HTTP/1.1\r\n" + host + crlf, 400},
		{"3 a colon in the method", "GET: / HTTP/1.1\r\n" + host + crlf, 400},
		{"3 quotes in the method", "\"GET\" / HTTP/1.1\r\n" + host + crlf, 400},
		{"3 NUL in the method", "GE\x00T / HTTP/1.1\r\n" + host + crlf, 400},
		{"3 an octet over 127 in the method", "G\xc9T / HTTP/1.1\r\n" + host + crlf, 400},
		{"3 a byte order mark before the method", "\xef\xbb\xbf" + get + crlf, 400},
	})
}

func TestTarget(t *testing.T) {
	const every = "-._~!$&'()*+,;=:@%41"
	type parts struct{ Authority, Path, Query string }
	for _, tt := range []struct {
		name, line string
		want       parts
	}{
		{"3.2.1 a path", "GET /a/b", parts{"t.example", "/a/b", ""}},
		{"3.2.1 a path and a query", "GET /a?b=c", parts{"t.example", "/a", "b=c"}},
		{"3.2.1 the first question mark begins the query", "GET /a?b?c/d", parts{"t.example", "/a", "b?c/d"}},
		{"3.2.1 an empty query", "GET /a?", parts{"t.example", "/a", ""}},
		{"3.2.1 escapes stay", "GET /%41%2f%00?%e2%82%ac", parts{"t.example", "/%41%2f%00", "%e2%82%ac"}},
		{"3.2.1 dot segments and double slashes stay", "GET //a/../b/./c", parts{"t.example", "//a/../b/./c", ""}},
		{"3.2.1 the case of the path stays", "GET /A/b", parts{"t.example", "/A/b", ""}},
		{"3.2.1 every octet of a path and a query", "GET /a" + every + "?" + every + "/?", parts{"t.example", "/a" + every, every + "/?"}},
		{"3.2.1 octets that browsers do not escape", "GET /|^`{}\\\"<>?|", parts{"t.example", "/|^`{}\\\"<>", "|"}},
		{"3.2.2 an absolute target", "GET http://t.example/a?b", parts{"t.example", "/a", "b"}},
		{"3.2.2 the authority of an absolute target beats Host", "GET http://other.example:81/a", parts{"other.example:81", "/a", ""}},
		{"3.2.2 scheme and authority without regard to case", "GET HTTP://T.Example/A", parts{"t.example", "/A", ""}},
		{"3.2.2 scheme https", "GET https://t.example/", parts{"t.example", "/", ""}},
		{"3.2.2 an absolute target without a path", "GET http://t.example", parts{"t.example", "/", ""}},
		{"3.2.2 an absolute target with a query and no path", "GET http://t.example?a=b", parts{"t.example", "/", "a=b"}},
		{"3.2.2 an absolute target with an IPv6 address", "GET http://[2001:DB8::1]:80/", parts{"[2001:db8::1]:80", "/", ""}},
		{"3.2.2 an absolute target within a query", "GET /?http://x/y", parts{"t.example", "/", "http://x/y"}},
		{"3.2.3 host and port, with CONNECT", "CONNECT T.example:443", parts{"t.example:443", "", ""}},
		{"3.2.3 an IPv6 address and a port, with CONNECT", "CONNECT [::1]:443", parts{"[::1]:443", "", ""}},
		{"3.2.4 an asterisk, with OPTIONS", "OPTIONS *", parts{"t.example", "*", ""}},
		{"3.2.4 an absolute target without a path, with OPTIONS", "OPTIONS http://t.example", parts{"t.example", "*", ""}},
		{"3.2.4 an absolute target with a path, with OPTIONS", "OPTIONS http://t.example/", parts{"t.example", "/", ""}},
		{"3.2.4 an absolute target with an empty query, with OPTIONS", "OPTIONS http://t.example?", parts{"t.example", "/", ""}},
		{"3.2.4 an absolute target with a query, with OPTIONS", "OPTIONS http://t.example?a", parts{"t.example", "/", "a"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := accept(t, tt.line+" HTTP/1.1\r\n"+host+crlf).Request
			diff(t, tt.want, parts{req.Authority, req.Path, req.Query})
		})
	}
}

func TestTargetRefuses(t *testing.T) {
	for _, tt := range []struct{ name, line string }{
		{"3.2 a fragment", "GET /a#b"},
		{"3.2 a fragment behind a query", "GET /a?b#c"},
		{"3 a fragment in place of a target", "GET #a"},
		{"3.2 a fragment in an absolute target", "GET http://t.example/#a"},
		{"3.2 an octet over 127", "GET /caf\xc3\xa9"},
		{"3.2 an octet over 127 in the query", "GET /?caf\xe9"},
		{"3.2 NUL", "GET /\x00"},
		{"3.2 a control character", "GET /a\x01"},
		{"3.2 a control character in the query", "GET /?a=\x1f"},
		{"3.2 a tab", "GET /a\tb"},
		{"3.2 DEL", "GET /\x7f"},
		{"3.2 a percent sign alone", "GET /%"},
		{"3.2 a percent sign and one digit", "GET /a%1"},
		{"3.2 a percent sign and no digits", "GET /%zz"},
		{"3.2 an escape whose first digit is none", "GET /%g1"},
		{"3.2 a malformed escape in the query", "GET /?a=%1g"},
		{"3.2 a malformed escape behind a good one", "GET /%41%4"},
		{"3.2 a path without its slash", "GET a/b"},
		{"3.2 a query alone", "GET ?a"},
		{"3.2 a host alone", "GET t.example"},
		{"3.2 an absolute target of another scheme", "GET ftp://t.example/"},
		{"3.2 an absolute target with one slash", "GET http:/t.example/"},
		{"3.2 a scheme alone", "GET http:"},
		{"3.2.2 an absolute target without an authority", "GET http://"},
		{"3.2.2 an absolute target with an empty host", "GET http:///a"},
		{"3.2.2 an absolute target with a port and no host", "GET http://:80/"},
		{"3.2.2 user information in an absolute target", "GET http://user:pass@t.example/"},
		{"3.2.2 a port that is no number in an absolute target", "GET http://t.example:x/"},
		{"3.2.2 an unclosed IPv6 address in an absolute target", "GET http://[::1/"},
		{"3.2.3 CONNECT without a port", "CONNECT t.example"},
		{"3.2.3 CONNECT with an empty port", "CONNECT t.example:"},
		{"3.2.3 CONNECT with a port beyond 65535", "CONNECT t.example:65536"},
		{"3.2.3 CONNECT with a port and no host", "CONNECT :443"},
		{"3.2.3 CONNECT with user information", "CONNECT user@t.example:443"},
		{"3.2.3 CONNECT with a path", "CONNECT /"},
		{"3.2.3 CONNECT with an absolute target", "CONNECT http://t.example/"},
		{"3.2 host and port with another method than CONNECT", "GET t.example:80"},
		{"3.2 an asterisk with another method than OPTIONS", "GET *"},
		{"3.2 two asterisks", "OPTIONS **"},
		{"3.2 an asterisk with a query", "OPTIONS *?a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := refusal{tt.name, tt.line + " HTTP/1.1\r\n" + host + crlf, 400}
			r.wantRefused(t, readHead(t, r.in).Err)
		})
	}
	t.Run("2.3 a space in the target is taken for the one behind it", func(t *testing.T) {
		r := refusal{"2.3", "GET /a b HTTP/1.1\r\n" + host + crlf, 400}
		r.wantRefused(t, readHead(t, r.in).Err)
	})
}

func TestHost(t *testing.T) {
	for _, tt := range []struct{ name, value, want string }{
		{"3.2 a name", "t.example", "t.example"},
		{"3.2 a name in upper case", "T.EXAMPLE", "t.example"},
		{"3.2 the first letter in upper case", "A.example", "a.example"},
		{"3.2 the last letter in upper case", "Z.example", "z.example"},
		{"3.2 a name and a port", "t.example:8080", "t.example:8080"},
		{"3.2 a name and an empty port", "t.example:", "t.example:"},
		{"3.2 the highest port", "t.example:65535", "t.example:65535"},
		{"3.2 an IPv4 address", "127.0.0.1:80", "127.0.0.1:80"},
		{"3.2 an IPv6 address", "[::1]", "[::1]"},
		{"3.2 an IPv6 address and a port", "[2001:DB8::7]:8080", "[2001:db8::7]:8080"},
		{"3.2 an IPv4 address within an IPv6 one", "[::ffff:192.0.2.1]", "[::ffff:192.0.2.1]"},
		{"3.2 underscores, digits and a dot at the end", "a_b.1-2.example.", "a_b.1-2.example."},
		{"3.2 the marks of a registered name", "a!$&'()*+;=~", "a!$&'()*+;=~"},
		{"3.2 an escape in a name", "t%C3%A9.example", "t%c3%a9.example"},
		{"3.2 an escape at the end of a name", "t%00", "t%00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, tt.want, accept(t, "GET / HTTP/1.1\r\nHost: "+tt.value+"\r\n\r\n").Request.Authority)
		})
	}
	t.Run("3.2 Host is no field of the request", func(t *testing.T) {
		if h := accept(t, get+"X: y\r\n\r\n").Request.Header; h.Has("host") || len(h) != 1 {
			t.Errorf("got %v", h)
		}
	})
	t.Run("3.2 an HTTP 1.0 request may do without Host", func(t *testing.T) {
		diff(t, "", accept(t, "GET / HTTP/1.0\r\n\r\n").Request.Authority)
	})
}

func TestHostRefuses(t *testing.T) {
	refuseHeads(t, []refusal{
		{"3.2 no Host", "GET / HTTP/1.1\r\nX: y\r\n\r\n", 400},
		{"3.2 no Host in version 1.2", "GET / HTTP/1.2\r\n\r\n", 400},
		{"3.2 no Host with CONNECT", "CONNECT t.example:80 HTTP/1.1\r\n\r\n", 400},
		{"3.2 no Host with an absolute target", "GET http://t.example/ HTTP/1.1\r\n\r\n", 400},
		{"3.2 Host twice", "GET / HTTP/1.1\r\n" + host + "Host: other.example\r\n\r\n", 400},
		{"3.2 Host twice, the same", "GET / HTTP/1.1\r\n" + host + host + crlf, 400},
		{"3.2 Host twice, one empty", "GET / HTTP/1.1\r\nHost:\r\n" + host + crlf, 400},
		{"3.2 Host twice in HTTP 1.0", "GET / HTTP/1.0\r\n" + host + host + crlf, 400},
		{"3.2 a malformed Host in HTTP 1.0", "GET / HTTP/1.0\r\nHost: a b\r\n\r\n", 400},
		{"3.2 a malformed Host beside an absolute target", "GET http://t.example/ HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
	})
	for name, value := range map[string]string{
		"3.2 an empty Host":                          "",
		"3.2 a Host of white space":                  " \t ",
		"3.2 a port alone":                           ":80",
		"3.2 a port of letters":                      "t.example:http",
		"3.2 a port beyond 65535":                    "t.example:65536",
		"3.2 a port beyond all integers":             "t.example:99999999999999999999999999",
		"3.2 a negative port":                        "t.example:-1",
		"3.2 two ports":                              "t.example:80:80",
		"3.2 an IPv6 address without brackets":       "2001:db8::7",
		"3.2 an IPv6 address that is not closed":     "[::1",
		"3.2 an IPv6 address that its port closes":   "[1:2:3:4:5:6:7:8:80",
		"3.2 an IPv6 address that is not opened":     "::1]",
		"3.2 an IPv6 address with text behind it":    "[::1]x",
		"3.2 an IPv6 address closed twice":           "[::1]]",
		"3.2 an IPv6 address with a bad digit":       "[::g]",
		"3.2 an IPv6 address of nine groups":         "[1:2:3:4:5:6:7:8:9]",
		"3.2 an IPv6 address with a zone":            "[fe80::1%25eth0]",
		"3.2 an IPv4 address in brackets":            "[127.0.0.1]",
		"3.2 an address of a later IP version":       "[v1.fe]",
		"3.2 brackets with nothing in them":          "[]",
		"3.2 one bracket":                            "[",
		"3.2 user information":                       "user@t.example",
		"3.2 a path in Host":                         "t.example/a",
		"3.2 a query in Host":                        "t.example?a",
		"3.2 a fragment in Host":                     "t.example#a",
		"3.2 a URI in Host":                          "http://t.example",
		"3.2 white space in Host":                    "t example",
		"3.2 a backslash in Host":                    "t\\example",
		"3.2 angle brackets in Host":                 "<t.example>",
		"3.2 quotes in Host":                         "\"t.example\"",
		"3.2 two hosts with a comma":                 "t.example, other.example",
		"3.2 two hosts with a comma and no space":    "t.example,other.example",
		"3.2 an octet over 127 in Host":              "t\xc3\xa9.example",
		"3.2 an escape without its digits in Host":   "t%zz.example",
		"3.2 an escape that breaks off in the Host":  "t.example%4",
		"3.2 an escape with one digit in Host":       "t%4g.example",
		"3.2 an escape that a letter begins in Host": "t%g4.example",
	} {
		t.Run(name, func(t *testing.T) {
			r := refusal{name, "GET / HTTP/1.1\r\nHost: " + value + "\r\n\r\n", 400}
			r.wantRefused(t, readHead(t, r.in).Err)
		})
	}
}

// What is of no interest to the reader of a head is not decided by the order of
// its fields.
func TestHostMayStandAnywhere(t *testing.T) {
	first := accept(t, "GET / HTTP/1.1\r\nHost: t.example\r\nX: y\r\n\r\n").Request
	last := accept(t, "GET / HTTP/1.1\r\nX: y\r\nhOsT:\t t.example \t\r\n\r\n").Request
	if d := cmp.Diff(first, last); d != "" {
		t.Error(d)
	}
}

// A method that comes octet by octet is read once: what was found to be sound is
// not looked at again.
func TestMethodIsReadOnce(t *testing.T) {
	c := New(Limits{HeadBytes: 1 << 10, Fields: 8})
	for n := range 1 << 10 {
		in := append(make([]byte, n), 'A') // the rest has been spoiled
		if _, _, err := c.Head(in, new(raxx.Request)); err != nil {
			t.Fatalf("after %d octets: %v", n, err)
		}
	}
	in := append(make([]byte, 1<<10), '(')
	if _, _, err := c.Head(in, new(raxx.Request)); err == nil {
		t.Error("a method that never ends is taken")
	}
}
