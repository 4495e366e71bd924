package h1

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// RFC 9112, Section 7: the chunked transfer coding.

func TestChunked(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"7.1 one chunk", "5\r\nhello\r\n0\r\n\r\n", "hello"},
		{"7.1 several chunks", "2\r\nhe\r\n1\r\nl\r\n2\r\nlo\r\n0\r\n\r\n", "hello"},
		{"7.1 no chunk but the last", "0\r\n\r\n", ""},
		{"7.1 a size in lower case", "1a\r\n" + strings.Repeat("x", 26) + "\r\n0\r\n\r\n", strings.Repeat("x", 26)},
		{"7.1 a size in upper case", "1A\r\n" + strings.Repeat("x", 26) + "\r\n0\r\n\r\n", strings.Repeat("x", 26)},
		{"7.1 a size with leading zeros", "0005\r\nhello\r\n0\r\n\r\n", "hello"},
		{"7.1 a size of 16 digits", "0000000000000005\r\nhello\r\n0\r\n\r\n", "hello"},
		{"7.1 sizes of 16 digits", strings.Repeat("0000000000000001\r\nx\r\n", 3) + "0000000000000000\r\n\r\n", "xxx"},
		{"7.1 a last chunk of several zeros", "5\r\nhello\r\n000\r\n\r\n", "hello"},
		{"7.1 content that looks like the coding", "a\r\n\r\n0\r\n\r\n\r\n0\r\n0\r\n\r\n", "\r\n0\r\n\r\n\r\n0"},
		{"7.1 every octet", "100\r\n" + everyOctet() + "\r\n0\r\n\r\n", everyOctet()},
		{"7.1.1 an extension", "5;a=b\r\nhello\r\n0\r\n\r\n", "hello"},
		{"7.1.1 an extension without a value", "5;a\r\nhello\r\n0\r\n\r\n", "hello"},
		{"7.1.1 several extensions", `5;a=b;c;d="e"` + "\r\nhello\r\n0\r\n\r\n", "hello"},
		{"7.1.1 an extension in quotes", `5;a="b c;d=e,\"\\` + "\t\x80" + `"` + "\r\nhello\r\n0\r\n\r\n", "hello"},
		{"7.1.1 an empty extension in quotes", `5;a=""` + "\r\nhello\r\n0\r\n\r\n", "hello"},
		{"7.1.1 an extension of the last chunk", "5\r\nhello\r\n0;a=b\r\n\r\n", "hello"},
		{"7.1.1 white space around the marks of an extension", "5 ; a = b\t;\tc ; d = \"e\" ;f\r\nhello\r\n0\r\n\r\n", "hello"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := body{Content: tt.want, Done: true, Used: len(tt.in)}
			diff(t, want, readBody(t, postChunked, tt.in))
			diff(t, want, readBody(t, getChunked, tt.in+get+crlf))
		})
	}
	t.Run("7.1 a body without its end is not over", func(t *testing.T) {
		whole := "5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n"
		for i := range len(whole) {
			if b := readBody(t, postChunked, whole[:i]); b.Done || b.Err != nil {
				t.Errorf("%q: %+v", whole[:i], b)
			}
		}
	})
	t.Run("7.1 content is not copied", func(t *testing.T) {
		c := New(testLimits)
		feedHeadTo(t, &c, postChunked)
		in := []byte("5\r\nhello\r\n")
		if n, content, _ := c.Body(in); n != 8 || &content[0] != &in[3] {
			t.Errorf("took %d octets, and %q is not a part of what was given", n, content)
		}
	})
	t.Run("7.1 the largest size is no overflow", func(t *testing.T) {
		diff(t, body{Content: "hello", Used: 18 + 5}, readBody(t, postChunked, "7fffffffffffffff\r\nhello"))
	})
}

func everyOctet() string {
	b := make([]byte, 256)
	for i := range b {
		b[i] = byte(i)
	}
	return string(b)
}

// The octets before the first bad one are taken: the fault is found there, and
// not later.
func TestChunkedRefuses(t *testing.T) {
	for _, tt := range []struct{ name, before, at string }{
		{"7.1 no size", "", "\r\nhello\r\n0\r\n\r\n"},
		{"7.1 a size that is no number", "", "g\r\nhello\r\n0\r\n\r\n"},
		{"7.1 a letter behind a size", "5", "g\r\nhello\r\n0\r\n\r\n"},
		{"7.1 an extension without a size", "", ";a=b\r\nhello\r\n0\r\n\r\n"},
		{"7.1 a plus before a size", "", "+5\r\nhello\r\n0\r\n\r\n"},
		{"7.1 a minus before a size", "", "-5\r\nhello\r\n0\r\n\r\n"},
		{"7.1 the prefix 0x", "0", "x5\r\nhello\r\n0\r\n\r\n"},
		{"7.1 an underscore in a size", "0", "_5\r\nhello\r\n0\r\n\r\n"},
		{"7.1 a comma in a size", "5", ",5\r\nhello\r\n0\r\n\r\n"},
		{"7.1 a point in a size", "5", ".0\r\nhello\r\n0\r\n\r\n"},
		{"7.1 a size in fullwidth digits", "", "\xef\xbc\x95\r\nhello\r\n0\r\n\r\n"},
		{"7.1 NUL behind a size", "5", "\x00\r\nhello\r\n0\r\n\r\n"},
		{"7.1 a space before a size", "", " 5\r\nhello\r\n0\r\n\r\n"},
		{"7.1 a size that ends with LF alone", "5", "\nhello\r\n0\r\n\r\n"},
		{"7.1 a size that ends with CR alone", "5\r", "hello\r\n0\r\n\r\n"},
		{"7.1 a size that ends with CR CR LF", "5\r", "\r\nhello\r\n0\r\n\r\n"},
		{"7.1 a size of 17 digits", strings.Repeat("0", 16), "5\r\nhello\r\n0\r\n\r\n"},
		{"7.1 a size beyond 63 bits", "800000000000000", "0\r\nhello\r\n0\r\n\r\n"},
		{"7.1 a size of all bits", "fffffffffffffff", "f\r\nhello\r\n0\r\n\r\n"},
		{"7.1 a chunk that is longer than its size", "4\r\nhell", "o\r\n0\r\n\r\n"},
		{"7.1 a chunk that is shorter than its size", "6\r\nhello\r", "\n0\r\n\r\n"},
		{"7.1 a chunk that LF alone follows", "5\r\nhello", "\n0\r\n\r\n"},
		{"7.1 a chunk that CR alone follows", "5\r\nhello\r", "0\r\n\r\n"},
		{"7.1 a chunk that an empty line follows", "5\r\nhello\r\n", "\r\n0\r\n\r\n"},
		{"7.1 a request in place of the last chunk", "5\r\nhello\r\n", get + crlf},
		{"7.1 a last chunk that ends with LF alone", "5\r\nhello\r\n0", "\n\r\n"},
		{"7.1.1 white space behind a size and no extension", "5 ", "\r\nhello\r\n0\r\n\r\n"},
		{"7.1.1 a tab behind a size and no extension", "5\t", "\r\nhello\r\n0\r\n\r\n"},
		{"7.1.1 two sizes", "5 ", "5\r\nhello\r\n0\r\n\r\n"},
		{"7.1.1 an empty extension", "5;", "\r\nhello\r\n0\r\n\r\n"},
		{"7.1.1 two semicolons", "5;", ";a\r\nhello\r\n0\r\n\r\n"},
		{"7.1.1 an extension without a name", "5;", "=b\r\nhello\r\n0\r\n\r\n"},
		{"7.1.1 an extension with an empty value", "5;a=", "\r\nhello\r\n0\r\n\r\n"},
		{"7.1.1 an extension with two values", "5;a=b", "=c\r\nhello\r\n0\r\n\r\n"},
		{"7.1.1 white space within a name", "5;a ", "b\r\nhello\r\n0\r\n\r\n"},
		{"7.1.1 white space behind a name", "5;a ", "\r\nhello\r\n0\r\n\r\n"},
		{"7.1.1 an equals sign behind a size, and an extension before", "1;a\r\nx\r\n1 ", "=b\r\nx\r\n0\r\n\r\n"},
		{"7.1.1 white space within a value", "5;a=b ", "c\r\nhello\r\n0\r\n\r\n"},
		{"7.1.1 white space at the end of an extension", "5;a=b ", "\r\nhello\r\n0\r\n\r\n"},
		{"7.1.1 a quote that is not closed", `5;a="b`, "\r\nhello\r\n0\r\n\r\n"},
		{"7.1.1 a line end in quotes", `5;a="b`, "\r\n c\"\r\nhello\r\n0\r\n\r\n"},
		{"7.1.1 an escaped line end in quotes", `5;a="b\`, "\r\nhello\r\n0\r\n\r\n"},
		{"7.1.1 white space behind a quote", `5;a="b" `, "\r\nhello\r\n0\r\n\r\n"},
		{"7.1.1 text behind a quote", `5;a="b"`, "c\r\nhello\r\n0\r\n\r\n"},
		{"7.1.1 a control character in an extension", "5;a=", "\x01\r\nhello\r\n0\r\n\r\n"},
		{"7.1.1 a control character in quotes", `5;a="`, "\x01\"\r\nhello\r\n0\r\n\r\n"},
		{"7.1.1 LF alone behind an extension", "5;a=b", "\nhello\r\n0\r\n\r\n"},
		{"7.1.1 LF alone behind a semicolon, and a request", "2;", "\nxx\r\n10\r\n" + get + crlf},
		{"7.1 CR alone behind an extension", "5;a=b\r", "c\r\nhello\r\n0\r\n\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := readBody(t, postChunked, tt.before+tt.at)
			diff(t, len(tt.before), b.Used)
			refusal{tt.name, tt.before + tt.at, 400}.wantRefused(t, b.Err)
			if b := readBody(t, postChunked, tt.before); b.Err != nil {
				t.Errorf("%q is refused already: %v", tt.before, b.Err)
			}
		})
	}
}

func TestTrailer(t *testing.T) {
	t.Run("7.1.2 fields behind the last chunk", func(t *testing.T) {
		in := "5\r\nhello\r\n0\r\nX-Sum:  a b \r\nx-Two:\r\nX-SUM: c\r\n\r\n"
		diff(t, body{
			Content: "hello", Done: true, Used: len(in),
			Trailer: raxx.Header{{Name: "x-sum", Value: "a b"}, {Name: "x-two"}, {Name: "x-sum", Value: "c"}},
		}, readBody(t, postChunked, in+get+crlf))
	})
	t.Run("7.1.2 without fields it is nil", func(t *testing.T) {
		if b := readBody(t, postChunked, "0\r\n\r\n"); b.Trailer != nil || !b.Done {
			t.Errorf("got %+v", b)
		}
	})
	for _, tt := range []struct{ name, fields string }{
		{"5 a trailer line without a colon", "nonsense\r\n"},
		{"5 a trailer field without a name", ": x\r\n"},
		{"5.1 white space before the colon in a trailer", "X : y\r\n"},
		{"5.2 a folded line in a trailer", "X: a\r\n b\r\n"},
		{"5.2 white space before the first trailer field", " X: a\r\n"},
		{"5 NUL in a trailer", "X: a\x00b\r\n"},
		{"5 an octet over 127 in the name of a trailer field", "X\xe9: b\r\n"},
		{"5.1 a request in place of a trailer", get},
		{"2.2 LF alone behind a trailer field", "X: a\nY: b\r\n"},
		{"2.2 CR alone behind a trailer field", "X: a\rY: b\r\n"},
		{"2.2 a control character and LF behind a trailer field", "X: a\x00\nY: b\r\n"},
		{"2.2 two LF behind a trailer field", "X: a\n\nY: b\r\n"},
		{"2.2 LF alone in place of a trailer", "\n"},
		{"2.2 CR and no LF in place of a trailer", "\rX\r\n"},
		{"2.2 a trailer that ends with CRLF LF", "X: a\r\n\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := "5\r\nhello\r\n0\r\n" + tt.fields + "\r\n"
			b := readBody(t, postChunked, in)
			diff(t, "hello", b.Content)
			refusal{tt.name, in, 400}.wantRefused(t, b.Err)
		})
	}
}

// RFC 9110, Section 6.5.1: fields that frame, route, authenticate or say how to
// read the content are not for trailers.
func TestTrailerRefuses(t *testing.T) {
	for _, name := range []string{
		"Transfer-Encoding", "Content-Length", "Host", "Trailer", "Connection", "TE", "Cache-Control", "Expect",
		"Max-Forwards", "Range", "If-Match", "Authorization", "Cookie", "Set-Cookie", "Content-Encoding", "Content-Type", "Content-Range",
	} {
		t.Run("7.1.2 "+name, func(t *testing.T) {
			in := "0\r\nX: y\r\n" + name + ": 1\r\n\r\n"
			refusal{"7.1.2 " + name, in, 400}.wantRefused(t, readBody(t, postChunked, in).Err)
		})
	}
}

func TestChunkedLimits(t *testing.T) {
	limit := testLimits.HeadBytes
	t.Run("7.1.2 a trailer of as many octets as are allowed", func(t *testing.T) {
		trailer := "X: " + strings.Repeat("y", limit-len("X: \r\n\r\n")) + "\r\n\r\n"
		if b := readBody(t, postChunked, "0\r\n"+trailer); !b.Done {
			t.Fatal(b.Err)
		}
		r := refusal{"7.1.2 one octet more", "0\r\nX" + trailer, 431}
		r.wantRefused(t, readBody(t, postChunked, r.in).Err)
	})
	t.Run("7.1.2 a trailer without an end", func(t *testing.T) {
		r := refusal{"7.1.2", "0\r\nX: " + strings.Repeat("y", limit), 431}
		r.wantRefused(t, readBody(t, postChunked, r.in).Err)
	})
	t.Run("7.1.2 a trailer of as many fields as are allowed", func(t *testing.T) {
		trailer := ""
		for i := range testLimits.Fields {
			trailer += fmt.Sprintf("X-%d:\r\n", i)
		}
		if b := readBody(t, postChunked, "0\r\n"+trailer+crlf); !b.Done {
			t.Fatal(b.Err)
		}
		r := refusal{"7.1.2 one field more", "0\r\n" + trailer + "X:\r\n\r\n", 431}
		r.wantRefused(t, readBody(t, postChunked, r.in).Err)
	})
	t.Run("7.1.1 extensions that outweigh the content", func(t *testing.T) {
		long := ";a=" + strings.Repeat("b", 1000)
		one := "1" + long + "\r\nz\r\n"
		if b := feedBody(t, postChunked, strings.Repeat(one, 4)); b.Err != nil {
			t.Fatal(b.Err)
		}
		r := refusal{"7.1.1", strings.Repeat(one, 5), 400}
		r.wantRefused(t, feedBody(t, postChunked, r.in).Err)
		r.wantRefused(t, feedBody(t, postChunked, strings.Split(r.in, "")...).Err)
	})
	t.Run("7.1.1 content earns extensions", func(t *testing.T) {
		one := "3e8;a=" + strings.Repeat("b", 900) + "\r\n" + strings.Repeat("z", 1000) + "\r\n"
		if b := feedBody(t, postChunked, strings.Repeat(one, 100)+"0\r\n\r\n"); !b.Done {
			t.Fatal(b.Err)
		}
	})
}

// CheckBody finds the faults of a body that nobody reads, in what has come.
func TestCheckBody(t *testing.T) {
	for _, tt := range []struct {
		name, head, in string
		more, fault    bool
	}{
		{"6.3 a sound body", postChunked, "5\r\nhello\r\n0\r\nX: y\r\n\r\n", false, false},
		{"6.3 a sound body with a request behind it", postChunked, "0\r\n\r\n" + get + "X : y", false, false},
		{"6.3 a part of a body", postChunked, "5;a=\"", true, false},
		{"6.3 a part of a trailer", postChunked, "0\r\nX: y\r\n", true, false},
		{"6.3 nothing of a body", postChunked, "", true, false},
		{"6.3 a part of content of known length", post + "Content-Length: 5\r\n\r\n", "\x00\xff", true, false},
		{"6.3 content of known length", post + "Content-Length: 5\r\n\r\n", "hello\x00\xff", false, false},
		{"6.3 no body", get + crlf, "\x00\xff", false, false},
		{"6.3 a bad size", postChunked, "5\r\nhello\r\nz", false, true},
		{"6.3 a bad end of a chunk", postChunked, "5\r\nhelloX", false, true},
		{"6.3 a bad trailer", postChunked, "0\r\nX : y\r\n\r\n", false, true},
		{"6.3 a bad end", postChunked, "0\r\n\n", false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := New(testLimits)
			feedHeadTo(t, &c, tt.head)
			before := c
			if more, err := c.CheckBody([]byte(tt.in)); more != tt.more || (err != nil) != tt.fault {
				t.Errorf("CheckBody(%q) = %v, %v", tt.in, more, err)
			}
			if !reflect.DeepEqual(before, c) {
				t.Error("it took something")
			}
			b := feedBody(t, tt.head, tt.in)
			if (b.Err != nil) != tt.fault || !tt.fault && b.Done == tt.more {
				t.Errorf("Body says otherwise: %+v", b)
			}
		})
	}
}
