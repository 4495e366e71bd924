package h1

import (
	"fmt"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// RFC 9112, Section 5: field lines.

func TestFields(t *testing.T) {
	for _, tt := range []struct{ name, line, field, value string }{
		{"5 no white space behind the colon", "X:y", "x", "y"},
		{"5 white space around a value is no part of it", "X: \t y z\t ", "x", "y z"},
		{"5 an empty value", "X:", "x", ""},
		{"5 a value of one space is empty", "X: ", "x", ""},
		{"5 a value of white space is empty", "X: \t ", "x", ""},
		{"5 further colons are a part of the value", "X::y:z", "x", ":y:z"},
		{"5 a name in upper case is put into lower case", "X-UPPER-Case: Value", "x-upper-case", "Value"},
		{"5 every octet of a token in the name", "!#$%&'*+-.^_`|~09azAZ: y", "!#$%&'*+-.^_`|~09azaz", "y"},
		{"5 an underscore is no hyphen", "Content_Length: 5", "content_length", "5"},
		{"5 a tab within a value", "X: a\tb", "x", "a\tb"},
		{"5 octets over 127 in a value", "X: \x80\xff", "x", "\x80\xff"},
		{"5 quotes and commas stay as they are", `X: "a, b",, c`, "x", `"a, b",, c`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := accept(t, get+tt.line+"\r\n\r\n")
			diff(t, raxx.Header{{Name: tt.field, Value: tt.value}}, h.Request.Header)
		})
	}
	t.Run("5 fields keep their order, and their number", func(t *testing.T) {
		h := accept(t, get+"B: 1\r\nA: 2\r\nb: 3\r\nB: 1\r\n\r\n")
		diff(t, raxx.Header{{Name: "b", Value: "1"}, {Name: "a", Value: "2"}, {Name: "b", Value: "3"}, {Name: "b", Value: "1"}}, h.Request.Header)
	})
	t.Run("5 a request without fields has a nil header", func(t *testing.T) {
		if h := accept(t, get+crlf); h.Request.Header != nil {
			t.Errorf("got %#v", h.Request.Header)
		}
	})
	t.Run("5 every octet in a value is judged alike wherever it stands", func(t *testing.T) {
		for octet := range 256 {
			fine := octet == '\t' || octet >= ' ' && octet != 0x7f
			for at := range 20 {
				value := strings.Repeat("v", at) + string([]byte{byte(octet)}) + "w"
				h := feedHead(t, get+"X: "+value+"\r\n\r\n")
				if h.Complete != fine {
					t.Fatalf("octet %#x at %d of a value: %+v", octet, at, h)
				}
			}
		}
	})
	t.Run("5 every octet in a name is judged alike", func(t *testing.T) {
		for octet := range 256 {
			c := byte(octet)
			h := feedHead(t, get+"X"+string([]byte{c})+"Y: z\r\n\r\n")
			if fine := raxx.IsTokenByte(c) || c == ':'; h.Complete != fine {
				t.Fatalf("octet %#x in a name: %+v", octet, h)
			}
		}
	})
}

func TestFieldsRefuses(t *testing.T) {
	refuseHeads(t, []refusal{
		{"5 a line without a colon", get + "nonsense\r\n\r\n", 400},
		{"5 a line without a colon before another", get + "nonsense\r\nX: y\r\n\r\n", 400},
		{"5 an empty name", get + ": y\r\n\r\n", 400},
		{"5 a colon alone", get + ":\r\n\r\n", 400},
		{"5.1 white space before the colon", get + "X : y\r\n\r\n", 400},
		{"5.1 a tab before the colon", get + "X\t: y\r\n\r\n", 400},
		{"5.1 white space in a name", get + "X Y: z\r\n\r\n", 400},
		{"5.1 white space before the colon of Host", "GET / HTTP/1.1\r\nHost : t.example\r\n\r\n", 400},
		{"5.1 white space before the colon of Transfer-Encoding", post + "Transfer-Encoding : chunked\r\n\r\n", 400},
		{"5.1 white space before the colon of Content-Length", post + "Content-Length : 5\r\n\r\n", 400},
		{"5 a line end before the colon", post + "Transfer-Encoding\r\n: chunked\r\n\r\n", 400},
		{"5.2 a line that is folded with a space", get + "X: a\r\n b\r\n\r\n", 400},
		{"5.2 a line that is folded with a tab", get + "X: a\r\n\tb\r\n\r\n", 400},
		{"5.2 a folded line of nothing but a space", get + "X: a\r\n \r\n\r\n", 400},
		{"5.2 a folded Host", "GET / HTTP/1.1\r\nHost:\r\n t.example\r\n\r\n", 400},
		{"5.2 a folded Transfer-Encoding", post + "Transfer-Encoding:\r\n chunked\r\n\r\n", 400},
		{"6.2 a folded Content-Length", post + "Content-Length:\r\n 5\r\n\r\n", 400},
		{"5.2 white space before the first field", "GET / HTTP/1.1\r\n X: y\r\n" + host + crlf, 400},
		{"5.2 a tab before the first field", "GET / HTTP/1.1\r\n\t" + host + crlf, 400},
		{"5.2 a line of white space before the first field", "GET / HTTP/1.1\r\n \r\n" + host + crlf, 400},
		{"5 NUL in a name", get + "X\x00Y: z\r\n\r\n", 400},
		{"5 DEL in a name", get + "X\x7f: z\r\n\r\n", 400},
		{"5 VT before a name", get + "\vX: z\r\n\r\n", 400},
		{"5 an octet over 127 in a name", get + "X\xe9: z\r\n\r\n", 400},
		{"5 a parenthesis in a name", get + "X(Y: z\r\n\r\n", 400},
		{"5 brackets in a name", get + "X[]: z\r\n\r\n", 400},
		{"5 a slash in a name", get + "X/Y: z\r\n\r\n", 400},
		{"5 quotes around a name", get + "\"X\": z\r\n\r\n", 400},
		{"5 NUL in a value", get + "X: a\x00b\r\n\r\n", 400},
		{"5 NUL at the end of a value", get + "X: a\x00\r\n\r\n", 400},
		{"5 BEL in a value", get + "X: \a\r\n\r\n", 400},
		{"5 VT in a value", get + "X: a\vb\r\n\r\n", 400},
		{"5 ESC in a value", get + "X: \x1b[2J\r\n\r\n", 400},
		{"5 DEL in a value", get + "X: a\x7fb\r\n\r\n", 400},
		{"5 NUL in Host", "GET / HTTP/1.1\r\nHost: t\x00.example\r\n\r\n", 400},
	})
}

// Limits: RFC 9112, Section 3 asks for 414, RFC 6585, Section 5 for 431.
func TestLimits(t *testing.T) {
	// A head of exactly n octets, with its length in a field or in its target.
	field := func(n int) string {
		return get + "X: " + strings.Repeat("y", n-len(get)-len("X: \r\n\r\n")) + "\r\n\r\n"
	}
	target := func(n int) string {
		rest := "GET / HTTP/1.1\r\n" + host + crlf
		return "GET /" + strings.Repeat("a", n-len(rest)) + rest[5:]
	}
	fields := func(n int) string {
		s := get
		for i := range n - 1 { // and Host
			s += fmt.Sprintf("X-%d:\r\n", i)
		}
		return s + crlf
	}
	limit := testLimits.HeadBytes
	for name, in := range map[string]string{
		"5 a head of as many octets as are allowed, with a long field":  field(limit),
		"5 a head of as many octets as are allowed, with a long target": target(limit),
		"5 a head of as many fields as are allowed":                     fields(testLimits.Fields),
		"5 an empty line before the head does not count":                crlf + field(limit),
	} {
		t.Run(name, func(t *testing.T) { accept(t, in) })
	}
	refuseHeads(t, []refusal{
		{"5 a head of one octet more", field(limit + 1), 431},
		{"5 a head of one octet more, in its fields, with a long target", target(limit + 1), 431},
		{"5 a field that is longer than a head may be", field(2 * limit), 431},
		{"5 a field name that is longer than a head may be", get + strings.Repeat("X", limit) + ": y\r\n\r\n", 431},
		{"5 a field without an end", get + "X: " + strings.Repeat("y", limit), 431},
		{"5 a head of one field more", fields(testLimits.Fields + 1), 431},
		{"5 fields without an end", get + strings.Repeat("X: y\r\n", limit/6), 431},
		{"2.2 a fault before the limit is reached", "GET / HTTP/1.1\n" + field(2*limit), 400},
		{"3 a target that is longer than a head may be", target(2 * limit), 414},
		{"3 a target without an end", "GET /" + strings.Repeat("a", limit), 414},
		{"3 a method that is longer than a head may be", strings.Repeat("M", limit+1) + " / HTTP/1.1\r\n" + host + crlf, 400},
	})
}
