package h1

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
)

// headSeeds are the kinds of heads that there are, sound and not.
var headSeeds = []string{
	get + crlf,
	crlf + get + crlf + get + crlf,
	"\r\n\r\n",
	"GET / HTTP/1.0\r\n\r\n",
	"GET http://other.example:81?a=%20b HTTP/1.1\r\n" + host + "X:\t y \r\nx: \x80\r\n\r\n",
	"CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]\r\n\r\n",
	"OPTIONS * HTTP/1.2\r\nhOsT: t.example:8080\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
	"OPTIONS http://t%41.example HTTP/1.0\r\nConnection: keep-alive, x\r\n\r\n",
	postChunked + "5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n",
	post + "Transfer-Encoding: gzip, chunked\r\n\r\n",
	post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
	"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	"GET / HTTP/1.1\nHost: t.example\n\n",
	get + "X: a\r\n b\r\n\r\n",
	get + "X : y\rZ\n\r\n",
	get + strings.Repeat("X: y\r\n", 9) + crlf,
	get + "X: " + strings.Repeat("y", 400) + "\r\n\r\n",
	"GET /" + strings.Repeat("a", 400) + " HTTP/1.1\r\n" + host + crlf,
	strings.Repeat("M", 401),
	"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03",
}

// FuzzHead checks that a head means the same however it comes, that what is
// accepted is sound and within the limits, and that writing it down and reading
// it again changes nothing.
func FuzzHead(f *testing.F) {
	for _, seed := range headSeeds {
		f.Add(seed, 9)
	}
	f.Fuzz(func(t *testing.T, in string, cut int) {
		h := feedHead(t, in)
		for _, pieces := range cuts(in, cut) {
			if got := feedHead(t, pieces...); !reflect.DeepEqual(h, got) {
				t.Fatalf("the head differs if it comes as %q (-whole +pieces):\n%s", pieces, cmp.Diff(h, got))
			}
		}
		checkWithinLimits(t, in, h)
		if h.Complete {
			checkSound(t, h)
			checkRoundTrip(t, h)
		}
	})
}

// cuts returns in byte by byte, and cut in two somewhere.
func cuts(in string, cut int) [][]string {
	if in == "" {
		return nil
	}
	i := int(uint(cut) % uint(len(in)))
	return [][]string{strings.Split(in, ""), {in[:i], in[i:]}}
}

// checkWithinLimits checks what the limits promise: that neither a head that is
// accepted, nor one of which more is waited for, is beyond them.
func checkWithinLimits(t *testing.T, in string, h head) {
	t.Helper()
	if h.Err != nil {
		return
	}
	size := h.Used
	if !h.Complete {
		size = len(in) - h.Used
	}
	if limit := testLimits.HeadBytes; size > limit+len(crlf) {
		t.Errorf("a head of %d octets was not refused at %d", size, limit)
	}
	held := len(h.Request.Authority) + len(h.Request.Path) + len(h.Request.Query)
	for _, f := range h.Request.Header {
		held += len(f.Name) + len(f.Value)
	}
	if held > size || cap(h.Request.Header) > testLimits.Fields {
		t.Errorf("a request of %d octets holds %d, and %d fields", size, held, cap(h.Request.Header))
	}
}

// checkSound checks an accepted request against the grammar.
func checkSound(t *testing.T, h head) {
	t.Helper()
	req := h.Request
	if !isToken(req.Method) {
		t.Errorf("method %q", req.Method)
	}
	old := req.Peer.Protocol == "HTTP/1.0"
	if !old && req.Peer.Protocol != "HTTP/1.1" || req.Authority == "" && !old {
		t.Errorf("protocol %q with authority %q", req.Peer.Protocol, req.Authority)
	}
	if strings.ContainsAny(req.Authority, " \t,/?#@\\\"<>") || req.Authority != strings.ToLower(req.Authority) {
		t.Errorf("authority %q", req.Authority)
	}
	switch req.Method {
	case "CONNECT":
		diff(t, "", req.Path+req.Query)
	default:
		if asterisk := req.Path == "*" && req.Method == "OPTIONS"; !asterisk && !strings.HasPrefix(req.Path, "/") {
			t.Errorf("path %q", req.Path)
		}
	}
	for i := range len(req.Target()) {
		if c := req.Target()[i]; c <= ' ' || c >= 0x7f || c == '#' {
			t.Errorf("target %q", req.Target())
		}
	}
	for _, f := range req.Header {
		if err := raxx.CheckField(f.Name, f.Value); err != nil || f.Name != strings.ToLower(f.Name) || f.Name == "host" {
			t.Errorf("field %q: %v", f, err)
		}
	}
	if h.Expects && h.Length == 0 {
		t.Error("an expectation without a body")
	}
}

func isToken(s string) bool {
	for i := range len(s) {
		if !raxx.IsTokenByte(s[i]) {
			return false
		}
	}
	return s != ""
}

// checkRoundTrip writes the request down as simply as possible and reads it.
func checkRoundTrip(t *testing.T, h head) {
	t.Helper()
	target := h.Request.Target()
	if h.Request.Method == "CONNECT" {
		target = h.Request.Authority
	}
	var text strings.Builder
	text.WriteString(h.Request.Method + " " + target + " " + h.Request.Peer.Protocol + crlf)
	if h.Request.Authority != "" {
		text.WriteString("host: " + h.Request.Authority + crlf)
	}
	for _, f := range h.Request.Header {
		text.WriteString(f.Name + ": " + f.Value + crlf)
	}
	if h.Length < 0 {
		text.WriteString("transfer-encoding: chunked\r\n")
	}
	if h.KeepAlive {
		text.WriteString("connection: keep-alive\r\n\r\n")
	} else {
		text.WriteString("connection: close\r\n\r\n")
	}
	c := New(Limits{HeadBytes: 2*testLimits.HeadBytes + 100, Fields: testLimits.Fields + 3})
	again := feedHeadTo(t, &c, text.String())
	if again.Used = h.Used; !reflect.DeepEqual(h, again) {
		t.Errorf("written down as %q, it differs (-before +after):\n%s", text.String(), cmp.Diff(h, again))
	}
}
