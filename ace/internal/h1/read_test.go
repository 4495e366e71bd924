package h1

import (
	"iter"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
)

// testLimits are small, so that tests of them are.
var testLimits = Limits{HeadBytes: 400, Fields: 8}

// A head is what a Conn made of the bytes that it was given.
type head struct {
	Request   raxx.Request
	Complete  bool
	Used      int   // octets taken
	Length    int64 // of the body; -1: chunked
	KeepAlive bool
	Expects   bool
	Err       *ParseError
}

// readHead reads a head in all the ways in which it could come, which must make
// no difference.
func readHead(t *testing.T, in string) head {
	t.Helper()
	want := feedHead(t, in)
	for pieces := range splits(in) {
		if got := feedHead(t, pieces...); !reflect.DeepEqual(want, got) {
			t.Fatalf("the head differs if it comes as %q (-whole +pieces):\n%s", pieces, cmp.Diff(want, got))
		}
	}
	return want
}

// feedHead gives a Conn one piece after the other, as a driver does. Each time
// the memory is another one, and spoiled afterwards: a Conn that held on to it
// would show.
func feedHead(t *testing.T, pieces ...string) head {
	t.Helper()
	c := New(testLimits)
	return feedHeadTo(t, &c, pieces...)
}

func feedHeadTo(t *testing.T, c *Conn, pieces ...string) (h head) {
	t.Helper()
	var pending string
	for _, piece := range pieces {
		pending += piece
		buf := []byte(pending)
		n, complete, err := c.Head(buf, &h.Request)
		spoil(buf)
		if err != nil {
			return head{Err: parseErrorOf(t, err)}
		}
		pending, h.Used = pending[n:], h.Used+n
		if complete {
			h.Complete, h.Length, h.KeepAlive, h.Expects = true, c.BodyLength(), c.KeepAlive(), c.ExpectsContinue()
			return h
		}
	}
	return head{Used: h.Used}
}

// A body is what a Conn made of the bytes behind a head.
type body struct {
	Content string
	Trailer raxx.Header
	Done    bool
	Used    int // octets taken; of a malformed body, those before the fault
	Err     *ParseError
}

// readBody reads a body behind the given head in all the ways in which it could
// come, which must make no difference.
func readBody(t *testing.T, head, in string) body {
	t.Helper()
	want := feedBody(t, head, in)
	for pieces := range splits(in) {
		if got := feedBody(t, head, pieces...); !reflect.DeepEqual(want, got) {
			t.Fatalf("the body differs if it comes as %q (-whole +pieces):\n%s", pieces, cmp.Diff(want, got))
		}
	}
	return want
}

// feedBody is feedHead for bodies.
func feedBody(t *testing.T, head string, pieces ...string) body {
	t.Helper()
	c := New(testLimits)
	if h := feedHeadTo(t, &c, head); !h.Complete {
		t.Fatalf("the head %q is incomplete or refused: %v", head, h.Err)
	}
	return feedBodyTo(t, &c, pieces...)
}

func feedBodyTo(t *testing.T, c *Conn, pieces ...string) (b body) {
	t.Helper()
	var pending string
	for _, piece := range pieces {
		pending += piece
		for more := true; more && c.HasBody(); {
			buf := []byte(pending)
			n, content, err := c.Body(buf)
			b.Content += string(content)
			spoil(buf)
			pending, b.Used, more = pending[n:], b.Used+n, n > 0
			if err != nil {
				b.Err = parseErrorOf(t, err)
				return b
			}
		}
	}
	b.Trailer, b.Done = c.Trailer(), !c.HasBody()
	return b
}

// feedRequestTo gives a Conn a whole request.
func feedRequestTo(t *testing.T, c *Conn, in string) (head, body) {
	t.Helper()
	h := feedHeadTo(t, c, in)
	if !h.Complete {
		t.Fatalf("the head of %q is incomplete or refused: %v", in, h.Err)
	}
	return h, feedBodyTo(t, c, in[h.Used:])
}

// splits yields s byte by byte, and cut in two at every place.
func splits(s string) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		if !yield(strings.Split(s, "")) {
			return
		}
		for i := range len(s) {
			if !yield([]string{s[:i], s[i:]}) {
				return
			}
		}
	}
}

func spoil(b []byte) {
	for i := range b {
		b[i] = '!'
	}
}

func parseErrorOf(t *testing.T, err error) *ParseError {
	t.Helper()
	fault, ok := err.(*ParseError)
	if !ok {
		t.Fatalf("got %T %v, want a *ParseError", err, err)
	}
	return fault
}

// A refusal is a head or a body that must be refused. Its name begins with the
// section of RFC 9112 that the error must name.
type refusal struct {
	name   string
	in     string
	status int
}

// wantRefused fails the test unless err is what r says.
func (r refusal) wantRefused(t *testing.T, err *ParseError) {
	t.Helper()
	section, _, _ := strings.Cut(r.name, " ")
	if err == nil {
		t.Fatalf("%.80q is not refused", r.in)
	}
	if err.Status != r.status || err.Section != section {
		t.Errorf("%.80q is refused with %d by %v, want %d by section %s", r.in, err.Status, err, r.status, section)
	}
}

// refuseHeads runs a subtest for each head.
func refuseHeads(t *testing.T, rows []refusal) {
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) { r.wantRefused(t, readHead(t, r.in).Err) })
	}
}

// accept reads a head that must be accepted.
func accept(t *testing.T, in string) head {
	t.Helper()
	h := readHead(t, in)
	if !h.Complete {
		t.Fatalf("%.200q is incomplete or refused: %v", in, h.Err)
	}
	return h
}

func diff(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("got differs from want (-want +got):\n%s", d)
	}
}

// Parts that the messages of many tests have in common.
const (
	host = "Host: t.example\r\n"
	crlf = "\r\n"
	get  = "GET / HTTP/1.1\r\n" + host // a head but for its end
	post = "POST / HTTP/1.1\r\n" + host

	getChunked  = get + "Transfer-Encoding: chunked\r\n\r\n"
	postChunked = post + "Transfer-Encoding: chunked\r\n\r\n"
)
