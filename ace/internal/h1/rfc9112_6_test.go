package h1

import (
	"strings"
	"testing"
)

// RFC 9112, Section 6: how long the body of a request is. Whatever two parsers
// could read differently (RFC 9112, Section 11.2) must be refused.

func TestFraming(t *testing.T) {
	for _, tt := range []struct {
		name, fields string
		want         int64 // -1: chunked
	}{
		{"6.2 a Content-Length", "Content-Length: 5", 5},
		{"6.2 a Content-Length of zero", "Content-Length: 0", 0},
		{"6.2 white space around a Content-Length", "Content-Length: \t 5 \t", 5},
		{"6.2 leading zeros are decimal", "Content-Length: 010", 10},
		{"6.2 a Content-Length of 18 digits", "Content-Length: 999999999999999999", 999999999999999999},
		{"6.2 a Content-Length of zeros", "Content-Length: 000000000000000000", 0},
		{"6.2 the name in upper case", "CONTENT-LENGTH: 5", 5},
		{"6.2 a name that resembles Content-Length frames nothing", "Content_Length: 5", 0},
		{"6.3 neither field: no body", "X: y", 0},
		{"6.1 chunked", "Transfer-Encoding: chunked", -1},
		{"6.1 chunked in upper case", "Transfer-Encoding: CHUNKED", -1},
		{"6.1 chunked in mixed case", "tRaNsFeR-eNcOdInG: cHuNkEd", -1},
		{"6.1 white space around chunked", "Transfer-Encoding: \t chunked\t ", -1},
		{"6.1 a name that resembles Transfer-Encoding frames nothing", "Transfer_Encoding: chunked", 0},
		{"6.1 TE is about replies", "TE: trailers, chunked", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, method := range []string{"POST", "GET", "HEAD", "DELETE", "OPTIONS"} {
				h := accept(t, method+" / HTTP/1.1\r\n"+host+tt.fields+"\r\n\r\n")
				if h.Length != tt.want {
					t.Errorf("%s with %q: a body of %d octets, want %d", method, tt.fields, h.Length, tt.want)
				}
			}
		})
	}
	t.Run("6.2 Content-Length is a field of the request", func(t *testing.T) {
		diff(t, "05", accept(t, post+"Content-Length: 05\r\n\r\n").Request.Header.Get("content-length"))
	})
	t.Run("6.1 Transfer-Encoding is no field of the request", func(t *testing.T) {
		diff(t, 0, len(accept(t, postChunked).Request.Header))
	})
	t.Run("6.3 a Content-Length frames an HTTP 1.0 request", func(t *testing.T) {
		diff(t, int64(5), accept(t, "POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\n").Length)
	})
}

func TestFramingRefusesContentLength(t *testing.T) {
	for name, value := range map[string]string{
		"6.2 a Content-Length with a plus":              "+5",
		"6.2 a Content-Length with a minus":             "-5",
		"6.2 a hexadecimal Content-Length":              "0x5",
		"6.2 a Content-Length of letters":               "abc",
		"6.2 a Content-Length with white space in it":   "5 5",
		"6.2 a Content-Length with letters behind":      "5abc",
		"6.2 a Content-Length with a point":             "5.0",
		"6.2 a Content-Length with an exponent":         "5e0",
		"6.2 a Content-Length with a parameter":         "5;q=1",
		"6.2 a quoted Content-Length":                   `"5"`,
		"6.2 a Content-Length with an underscore":       "0_5",
		"6.2 a Content-Length in fullwidth digits":      "\xef\xbc\x95",
		"6.2 a Content-Length with a no-break space":    "5\xa0",
		"6.2 an empty Content-Length":                   "",
		"6.2 a Content-Length of white space":           " \t",
		"6.2 a Content-Length of a comma":               ",",
		"6.2 a list of equal Content-Lengths":           "5, 5",
		"6.2 a list of different Content-Lengths":       "5, 6",
		"6.2 a list of Content-Lengths that breaks off": "5,",
		"6.2 a Content-Length of 19 digits":             "9223372036854775807",
		"6.2 a Content-Length beyond 64 bits":           "18446744073709551621",
		"6.2 a Content-Length of 200 digits":            strings.Repeat("9", 200),
		"6.2 a Content-Length of 19 zeros":              strings.Repeat("0", 19),
	} {
		t.Run(name, func(t *testing.T) {
			r := refusal{name, post + "Content-Length: " + value + "\r\n\r\nhello", 400}
			r.wantRefused(t, readHead(t, r.in).Err)
		})
	}
	const five = "Content-Length: 5\r\n"
	refuseHeads(t, []refusal{
		{"6.3 two different Content-Lengths", post + five + "Content-Length: 6\r\n\r\nhello!", 400},
		{"6.3 two equal Content-Lengths", post + five + five + "\r\nhello", 400},
		{"6.3 two Content-Lengths, the second empty", post + five + "Content-Length:\r\n\r\nhello", 400},
		{"6.3 two Content-Lengths, the second with zeros", post + five + "Content-Length: 05\r\n\r\nhello", 400},
		{"6.3 two Content-Lengths with a field between", post + five + "X: y\r\n" + five + "\r\nhello", 400},
		{"6.3 two Content-Lengths of zero", get + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n", 400},
		{"6.3 two Content-Lengths in HTTP 1.0", "POST / HTTP/1.0\r\n" + five + five + "\r\nhello", 400},
	})
}

func TestFramingRefusesTransferEncoding(t *testing.T) {
	for _, tt := range []struct {
		name, value string
		status      int
	}{
		{"6.1 another coding before chunked", "gzip, chunked", 501},
		{"6.1 an unknown coding before chunked", "foo,chunked", 501},
		{"6.1 several codings before chunked", "foo, gzip,\tchunked", 501},
		{"6.3 a coding that is not chunked", "gzip", 400},
		{"6.3 a list that does not end with chunked", "gzip, xchunked", 400},
		{"6.1 a coding behind chunked", "chunked, gzip", 400},
		{"6.1 chunked twice", "chunked, chunked", 400},
		{"6.1 chunked twice with another coding between", "chunked, gzip, chunked", 400},
		{"6.1 identity", "identity", 400},
		{"6.1 identity before chunked", "identity, chunked", 400},
		{"6.1 identity behind chunked", "chunked, identity", 400},
		{"6.3 a name that contains chunked", "xchunked", 400},
		{"6.3 a name that begins with chunked", "chunkedx", 400},
		{"6.3 a name that breaks off", "chunk", 400},
		{"6.3 a name with another first letter", "xhunked", 400},
		{"6.1 chunked with a parameter", "chunked;q=1", 400},
		{"6.1 a coding with a parameter before chunked", `foo;a="b, c", chunked`, 400},
		{"6.1 quotes around chunked", `"chunked"`, 400},
		{"6.1 an empty Transfer-Encoding", "", 400},
		{"6.1 a comma before chunked", ",chunked", 400},
		{"6.1 a comma behind chunked", "chunked,", 400},
		{"6.1 two words", "chunked chunked", 400},
		{"6.1 a word with white space in it", "chun ked", 400},
		{"6.1 an octet over 127 behind chunked", "chunked\x80", 400},
		{"6.1 the Kelvin sign for a k", "chun\xe2\x84\xaaed", 400},
		{"6.1 a no-break space before chunked", "\xa0chunked", 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := refusal{tt.name, post + "Transfer-Encoding: " + tt.value + "\r\n\r\n5\r\nhello\r\n0\r\n\r\n", tt.status}
			r.wantRefused(t, readHead(t, r.in).Err)
		})
	}
	const (
		chunked = "Transfer-Encoding: chunked\r\n"
		five    = "Content-Length: 5\r\n"
	)
	refuseHeads(t, []refusal{
		{"5 VT before chunked", post + "Transfer-Encoding: \vchunked\r\n\r\n", 400},
		{"5 FF behind chunked", post + "Transfer-Encoding: chunked\f\r\n\r\n", 400},
		{"5 NUL behind chunked", post + "Transfer-Encoding: chunked\x00\r\n\r\n", 400},
		{"6.1 Transfer-Encoding twice", post + chunked + chunked + crlf, 400},
		{"6.1 Transfer-Encoding twice, the first another", post + "Transfer-Encoding: gzip\r\n" + chunked + crlf, 400},
		{"6.1 Transfer-Encoding twice, the second empty", post + chunked + "Transfer-Encoding:\r\n\r\n", 400},
		{"6.1 both Content-Length and Transfer-Encoding", post + five + chunked + crlf, 400},
		{"6.1 both Transfer-Encoding and Content-Length", post + chunked + five + crlf, 400},
		{"6.1 both, with a Content-Length of zero", post + "Content-Length: 0\r\n" + chunked + crlf, 400},
		{"6.1 both, on a GET", get + five + chunked + crlf, 400},
		{"6.1 both, with a coding that is not known", post + five + "Transfer-Encoding: xchunked\r\n\r\n", 400},
		{"6.1 both, in HTTP 1.0", "POST / HTTP/1.0\r\n" + five + chunked + crlf, 400},
		{"6.2 both, with a malformed Content-Length", post + "Content-Length: x\r\n" + chunked + crlf, 400},
		{"6.1 Transfer-Encoding in HTTP 1.0", "POST / HTTP/1.0\r\n" + host + chunked + crlf, 400},
		{"6.1 Transfer-Encoding in HTTP 1.0 with keep-alive", "POST / HTTP/1.0\r\nConnection: keep-alive\r\n" + chunked + crlf, 400},
	})
}

func TestFixedBody(t *testing.T) {
	const five = post + "Content-Length: 5\r\n\r\n"
	t.Run("6.2 as many octets as were announced", func(t *testing.T) {
		diff(t, body{Content: "hello", Done: true, Used: 5}, readBody(t, five, "hello"))
	})
	t.Run("6.2 what comes behind them is not taken", func(t *testing.T) {
		diff(t, body{Content: "hello", Done: true, Used: 5}, readBody(t, five, "hello"+get+crlf))
	})
	t.Run("6.2 any octets", func(t *testing.T) {
		diff(t, body{Content: "\r\n\x00\xff\n", Done: true, Used: 5}, readBody(t, five, "\r\n\x00\xff\n"))
	})
	t.Run("6.3 fewer octets are not all of it", func(t *testing.T) {
		diff(t, body{Content: "hell", Used: 4}, readBody(t, five, "hell"))
	})
	t.Run("6.3 what looks like a request is content", func(t *testing.T) {
		in := get + crlf
		head := post + "Content-Length: 00000000000000035\r\n\r\n"
		diff(t, body{Content: in, Done: true, Used: 35}, readBody(t, head, in))
	})
	t.Run("6.2 the content is not copied", func(t *testing.T) {
		c := New(testLimits)
		feedHeadTo(t, &c, five)
		in := []byte("hello")
		if _, content, _ := c.Body(in); &content[0] != &in[0] {
			t.Error("the content is not a part of what was given")
		}
	})
}
