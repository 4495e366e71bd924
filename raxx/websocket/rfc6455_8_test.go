package websocket

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
)

// utf8Rows are texts that are UTF-8, and octets that are not, in the order of
// the well-known stress test for decoders.
var utf8Rows = []struct {
	name  string
	text  string
	valid bool
}{
	{"a Greek word", "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5", true},
	{"words, marks and symbols", "Hello-µ@ßöäüàá-UTF-8!!", true},
	{"a surrogate behind a Greek word", "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited", false},
	{"beyond the last character behind a Greek word", "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xf4\x90\x80\x80edited", false},
	{"a word that breaks off within its first character", "\xce", false},
	{"a word that breaks off within its second character", "\xce\xba\xe1", false},
	{"a word that breaks off one octet later", "\xce\xba\xe1\xbd", false},
	{"its first two characters", "\xce\xba\xe1\xbd\xb9", true},
	{"a word that breaks off within its third character", "\xce\xba\xe1\xbd\xb9\xcf", false},
	{"a word that breaks off within its last character", "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce", false},

	{"first of one octet", "\x00", true},
	{"first of two octets", "\xc2\x80", true},
	{"first of three octets", "\xe0\xa0\x80", true},
	{"first of four octets", "\xf0\x90\x80\x80", true},
	{"first of five octets", "\xf8\x88\x80\x80\x80", false},
	{"first of six octets", "\xfc\x84\x80\x80\x80\x80", false},
	{"last of one octet", "\x7f", true},
	{"last of two octets", "\xdf\xbf", true},
	{"last of three octets", "\xef\xbf\xbf", true},
	{"last of four octets", "\xf4\x8f\xbf\xbf", true},
	{"four octets beyond the last", "\xf7\xbf\xbf\xbf", false},
	{"last of five octets", "\xfb\xbf\xbf\xbf\xbf", false},
	{"last of six octets", "\xfd\xbf\xbf\xbf\xbf\xbf", false},
	{"before the surrogates", "\xed\x9f\xbf", true},
	{"behind the surrogates", "\xee\x80\x80", true},
	{"the replacement character", "\xef\xbf\xbd", true},
	{"the last character", "\xf4\x8f\xbf\xbf", true},
	{"the first beyond", "\xf4\x90\x80\x80", false},

	{"the first continuation octet", "\x80", false},
	{"the last continuation octet", "\xbf", false},
	{"two continuation octets", "\x80\xbf", false},
	{"three continuation octets", "\x80\xbf\x80", false},
	{"four continuation octets", "\x80\xbf\x80\xbf", false},
	{"five continuation octets", "\x80\xbf\x80\xbf\x80", false},
	{"six continuation octets", "\x80\xbf\x80\xbf\x80\xbf", false},
	{"all continuation octets", all(0x80, 0xbf, ""), false},
	{"all starts of two octets, each with a space", all(0xc0, 0xdf, " "), false},
	{"all starts of three octets, each with a space", all(0xe0, 0xef, " "), false},
	{"all starts of four octets, each with a space", all(0xf0, 0xf7, " "), false},
	{"all starts of five octets, each with a space", all(0xf8, 0xfb, " "), false},
	{"all starts of six octets, each with a space", all(0xfc, 0xfd, " "), false},
	{"two octets without the last", "\xc0", false},
	{"three octets without the last", "\xe0\x80", false},
	{"four octets without the last", "\xf0\x80\x80", false},
	{"five octets without the last", "\xf8\x80\x80\x80", false},
	{"six octets without the last", "\xfc\x80\x80\x80\x80", false},
	{"the last of two octets without its last", "\xdf", false},
	{"the last of three octets without its last", "\xef\xbf", false},
	{"the last of four octets without its last", "\xf7\xbf\xbf", false},
	{"the last of five octets without its last", "\xfb\xbf\xbf\xbf", false},
	{"the last of six octets without its last", "\xfd\xbf\xbf\xbf\xbf", false},
	{"all of these together", "\xc0\xe0\x80\xf0\x80\x80\xf8\x80\x80\x80\xfc\x80\x80\x80\x80\xdf\xef\xbf\xf7\xbf\xbf\xfb\xbf\xbf\xbf\xfd\xbf\xbf\xbf\xbf", false},
	{"octet FE", "\xfe", false},
	{"octet FF", "\xff", false},
	{"FE FE FF FF", "\xfe\xfe\xff\xff", false},

	{"a slash in two octets", "\xc0\xaf", false},
	{"a slash in three octets", "\xe0\x80\xaf", false},
	{"a slash in four octets", "\xf0\x80\x80\xaf", false},
	{"a slash in five octets", "\xf8\x80\x80\x80\xaf", false},
	{"a slash in six octets", "\xfc\x80\x80\x80\x80\xaf", false},
	{"the longest of two octets that is too long", "\xc1\xbf", false},
	{"the longest of three octets that is too long", "\xe0\x9f\xbf", false},
	{"the longest of four octets that is too long", "\xf0\x8f\xbf\xbf", false},
	{"the longest of five octets that is too long", "\xf8\x87\xbf\xbf\xbf", false},
	{"the longest of six octets that is too long", "\xfc\x83\xbf\xbf\xbf\xbf", false},
	{"NUL in two octets", "\xc0\x80", false},
	{"NUL in three octets", "\xe0\x80\x80", false},
	{"NUL in four octets", "\xf0\x80\x80\x80", false},
	{"NUL in five octets", "\xf8\x80\x80\x80\x80", false},
	{"NUL in six octets", "\xfc\x80\x80\x80\x80\x80", false},

	{"surrogate D800", "\xed\xa0\x80", false},
	{"surrogate DB7F", "\xed\xad\xbf", false},
	{"surrogate DB80", "\xed\xae\x80", false},
	{"surrogate DBFF", "\xed\xaf\xbf", false},
	{"surrogate DC00", "\xed\xb0\x80", false},
	{"surrogate DF80", "\xed\xbe\x80", false},
	{"surrogate DFFF", "\xed\xbf\xbf", false},
	{"surrogates D800 DC00", "\xed\xa0\x80\xed\xb0\x80", false},
	{"surrogates D800 DFFF", "\xed\xa0\x80\xed\xbf\xbf", false},
	{"surrogates DB7F DC00", "\xed\xad\xbf\xed\xb0\x80", false},
	{"surrogates DB7F DFFF", "\xed\xad\xbf\xed\xbf\xbf", false},
	{"surrogates DB80 DC00", "\xed\xae\x80\xed\xb0\x80", false},
	{"surrogates DB80 DFFF", "\xed\xae\x80\xed\xbf\xbf", false},
	{"surrogates DBFF DC00", "\xed\xaf\xbf\xed\xb0\x80", false},
	{"surrogates DBFF DFFF", "\xed\xaf\xbf\xed\xbf\xbf", false},

	{"no character FFFE", "\xef\xbf\xbe", true},
	{"no character 1FFFE", "\xf0\x9f\xbf\xbe", true},
	{"no character 2FFFF", "\xf0\xaf\xbf\xbf", true},
	{"no character 3FFFE", "\xf0\xbf\xbf\xbe", true},
	{"no character 8FFFF", "\xf2\x8f\xbf\xbf", true},
	{"no character FFFFE", "\xf3\xbf\xbf\xbe", true},
	{"no character 10FFFF", "\xf4\x8f\xbf\xbf", true},
	{"special FFF9", "\xef\xbf\xb9", true},
	{"special FFFA", "\xef\xbf\xba", true},
	{"special FFFB", "\xef\xbf\xbb", true},
	{"special FFFC", "\xef\xbf\xbc", true},
	{"special FFFD", "\xef\xbf\xbd", true},
}

// all returns the octets from a to b, each with a text behind it.
func all(a, b byte, behind string) (text string) {
	for c := int(a); c <= int(b); c++ {
		text += string([]byte{byte(c)}) + behind
	}
	return text
}

var notText = refused("1007", "text that is not UTF-8 (RFC 6455, 8.1)")

// RFC 6455, Section 8.1: text that is not UTF-8 fails the connection.
func TestUTF8(t *testing.T) {
	for _, r := range utf8Rows {
		t.Run(r.name, func(t *testing.T) {
			want := notText
			if r.valid {
				want = []string{"text " + r.text}
			}
			everySplit(t, echoing(), whole(opText, r.text), want)
			// A fragment may end within a character.
			for i := range r.text {
				_, got := feed(t, echoing(), first(opText, r.text[:i])+more("")+last(r.text[i:]))
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("two fragments, cut at %d:\n%s", i, d)
				}
			}
			if fragments := fragmented(r.text); fragments != "" {
				everySplit(t, echoing(), fragments, want)
			}
			// A binary message is of any octets.
			everySplit(t, echoing(), whole(opBinary, r.text), []string{"binary " + r.text})
		})
	}
}

// fragmented returns a text with each octet in a fragment of its own.
func fragmented(text string) string {
	if len(text) < 2 {
		return ""
	}
	all := first(opText, text[:1])
	for i := 1; i < len(text)-1; i++ {
		all += more(text[i : i+1])
	}
	return all + last(text[len(text)-1:])
}

// RFC 6455, Section 8.1, and the wish of all test suites: text is refused at the
// first octet with which it can't become UTF-8 any more, within a fragment and
// within a frame that has not come whole.
func TestUTF8FailsFast(t *testing.T) {
	for _, r := range utf8Rows {
		if r.valid {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			at := firstBad(r.text)
			// A longer frame, of which the rest is to come.
			frame := whole(opText, r.text+"and so on")
			start := len(frame) - len(r.text+"and so on")
			refusedAt(t, frame, start+at, octets(frame))

			var fragments []string
			fragments = append(fragments, first(opText, ""))
			for i := range len(r.text) {
				fragments = append(fragments, more(r.text[i:i+1]))
			}
			refusedAt(t, strings.Join(fragments, ""), at+1, append(fragments, last("and so on")))
		})
	}
}

// firstBad returns the index of the first octet with which text can't become
// UTF-8 any more, if an octet of ASCII follows on it. It asks a decoder that
// knows nothing of pieces.
func firstBad(text string) int {
	text += "a"
	for i := range len(text) {
		if !beginning(text[:i+1]) {
			return i
		}
	}
	return -1
}

// beginning reports whether some text begins with these octets: whether one of
// the characters that may end it makes it valid.
func beginning(octets string) bool {
	for _, end := range []string{"", "\x80", "\xa0", "\x80\x80", "\xa0\x80", "\x90\x80", "\x90\x80\x80", "\x80\x80\x80"} {
		if utf8.ValidString(octets + end) {
			return true
		}
	}
	return false
}

// refusedAt checks that a machine refuses at a certain chunk.
func refusedAt(t *testing.T, in string, want int, chunks []string) {
	t.Helper()
	m := echoing()
	for i, chunk := range chunks {
		var got []string
		if m, got = feed(t, m, chunk); len(got) > 0 {
			if d := cmp.Diff(notText, got); d != "" || i != want {
				t.Errorf("%q: refused at chunk %d, want %d\n%s", in, i, want, d)
			}
			return
		}
	}
	t.Errorf("%q is not refused", in)
}

// The application's own text is checked where its fault can be told.
func TestTextOfTheApplicationIsUTF8(t *testing.T) {
	m := socket(Config{}, deflation{}, raxx.NewMachine(struct{}{}, func(s struct{}, event raxx.Event) (struct{}, []raxx.Part) {
		if _, ok := event.(Text); ok {
			return s, []raxx.Part{Text("\xff")}
		}
		return teller(s, event)
	}))
	_, got := feed(t, m, whole(opText, "x"))
	want := []string{
		"closed 1006 the reply can't be sent", "close 1011",
		fmt.Sprint("abort: ", &PartError{Text("\xff"), "is not UTF-8 (RFC 6455, 5.6)"}),
	}
	diff(t, want, got)
}
