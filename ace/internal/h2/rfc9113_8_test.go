package h2

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/raxx-go/raxx/raxx"
)

// RFC 9113, Section 8.2 and 8.3: what is malformed. In each row stand the fields
// of a request, of which those with a known name take the place of the good
// ones; "-:path" leaves one out.
func TestMalformed(t *testing.T) {
	for _, test := range []struct {
		name   string
		fields []string
	}{
		{"8.2.1 upper case in a name", []string{"X-upper: a"}},
		{"8.2.1 the first letter in upper case", []string{"A: a"}},
		{"8.2.1 the last letter in upper case", []string{"Z: a"}},
		{"8.2.1 upper case within a name", []string{"x-uppeR: a"}},
		{"8.2.1 a space in a name", []string{"x y: a"}},
		{"8.2.1 a control in a name", []string{"x\x01y: a"}},
		{"8.2.1 an octet over 127 in a name", []string{"x\x80: a"}},
		{"8.2.1 DEL in a name", []string{"x\x7f: a"}},
		{"8.2.1 CR in a value", []string{"x: a\rb"}},
		{"8.2.1 LF in a value", []string{"x: a\nb"}},
		{"8.2.1 NUL in a value", []string{"x: a\x00b"}},
		{"8.2.1 another control in a value", []string{"x: a\x1fb"}},
		{"8.2.1 a space at the beginning of a value", []string{"x:  a"}},
		{"8.2.1 a space at the end of a value", []string{"x: a "}},
		{"8.2.1 a tab at the beginning of a value", []string{"x: \ta"}},
		{"8.2.1 a tab at the end of a value", []string{"x: a\t"}},
		{"8.2.1 a value that is a space", []string{"x:  "}},
		{"8.2.2 connection", []string{"connection: close"}},
		{"8.2.2 proxy-connection", []string{"proxy-connection: keep-alive"}},
		{"8.2.2 keep-alive", []string{"keep-alive: timeout=5"}},
		{"8.2.2 transfer-encoding", []string{"transfer-encoding: chunked"}},
		{"8.2.2 upgrade", []string{"upgrade: websocket"}},
		{"8.2.2 te other than trailers", []string{"te: trailers, deflate"}},
		{"8.2.2 te that is empty", []string{"te: "}},
		{"8.2.2 te of trailers in letters that fold to ASCII", []string{"te: trailer\u017f"}},
		{"8.3 an unknown pseudo-field", []string{":test: a"}},
		{"8.3 a pseudo-field of responses", []string{":status: 200"}},
		{"8.3 a pseudo-field without a name", []string{":: a"}},
		{"8.3 a pseudo-field in upper case", []string{":Method: GET"}},
		{"8.3 :method twice", []string{"+:method: GET"}},
		{"8.3 :scheme twice", []string{"+:scheme: https"}},
		{"8.3 :path twice", []string{"+:path: /"}},
		{"8.3 :authority twice", []string{"+:authority: example.org"}},
		{"8.3.1 no :method", []string{"-:method"}},
		{"8.3.1 no :scheme", []string{"-:scheme"}},
		{"8.3.1 no :path", []string{"-:path"}},
		{"8.3.1 an empty :method", []string{":method: "}},
		{"8.3.1 an empty :scheme", []string{":scheme: "}},
		{"8.3.1 an empty :path", []string{":path: "}},
		{"8.3.1 an empty :authority", []string{":authority: "}},
		{"8.3.1 neither :authority nor host", []string{"-:authority"}},
		{"8.3.1 a :method that is no token", []string{":method: GE T"}},
		{"8.3.1 a :method with CR LF", []string{":method: GET / HTTP/1.1\r\nx: y"}},
		{"8.3.1 a :scheme that begins with a digit", []string{":scheme: 1http"}},
		{"8.3.1 a :scheme with a colon", []string{":scheme: http://"}},
		{"8.3.1 a :path without a slash", []string{":path: index.html"}},
		{"8.3.1 a :path that is a query", []string{":path: ?a=b"}},
		{"8.3.1 a :path that is an absolute URI", []string{":path: https://example.org/"}},
		{"8.3.1 a :path of an asterisk", []string{":path: *"}},
		{"8.3.1 a :path with a space", []string{":path: /a b"}},
		{"8.3.1 a :path with CR LF", []string{":path: /\r\nx: y"}},
		{"8.3.1 a :path with NUL", []string{":path: /\x00"}},
		{"8.3.1 a :path with DEL", []string{":path: /\x7f"}},
		{"8.3.1 a :path with an octet over 127", []string{":path: /\xe4"}},
		{"8.3.1 a :path with a fragment", []string{":path: /a#b"}},
		{"8.3.1 a :path with half an escape", []string{":path: /a%2"}},
		{"8.3.1 an :authority with user information", []string{":authority: me@example.org"}},
		{"8.3.1 an :authority with a space", []string{":authority: example .org"}},
		{"8.3.1 an :authority with a slash", []string{":authority: example.org/"}},
		{"8.3.1 an :authority with a port beyond 65535", []string{":authority: example.org:65536"}},
		{"8.3.1 an :authority with an open bracket", []string{":authority: [::1"}},
		{"8.3.1 a host that is not the :authority", []string{"host: example.com"}},
		{"8.3.1 a host with another port than the :authority", []string{"host: example.org:8080"}},
		{"8.3.1 an empty host beside the :authority", []string{"host: "}},
		{"8.3.1 host twice", []string{"host: example.org", "host: example.org"}},
		{"8.3.1 a malformed host without an :authority", []string{"-:authority", "host: a,b"}},
		{"8.1.1 content-length twice", []string{"content-length: 0", "content-length: 0"}},
		{"8.1.1 content-length that is a list", []string{"content-length: 0, 0"}},
		{"8.1.1 content-length with a sign", []string{"content-length: +0"}},
		{"8.1.1 content-length that is empty", []string{"content-length: "}},
		{"8.1.1 content-length that is negative", []string{"content-length: -1"}},
		{"8.1.1 content-length that overflows", []string{"content-length: 99999999999999999999"}},
		{"8.1.1 content-length without content", []string{"content-length: 1"}},
		{"8.5 CONNECT with :path", []string{":method: CONNECT", "-:scheme", ":authority: a:1"}},
		{"8.5 CONNECT with :scheme", []string{":method: CONNECT", "-:path", ":authority: a:1"}},
		{"8.5 CONNECT without :authority", []string{":method: CONNECT", "-:path", "-:scheme", "-:authority"}},
		{"8.5 CONNECT without a port", []string{":method: CONNECT", "-:path", "-:scheme"}},
		{"8.3 :protocol with another method than CONNECT", []string{"+:protocol: websocket"}},
		{"8.3 CONNECT with :protocol, without :path", []string{":method: CONNECT", "+:protocol: websocket", "-:path"}},
		{"8.3 CONNECT with :protocol, without :scheme", []string{":method: CONNECT", "+:protocol: websocket", "-:scheme"}},
		{"8.3 CONNECT with a :protocol that is no token", []string{":method: CONNECT", "+:protocol: web socket"}},
		{"8.3 CONNECT with an empty :protocol", []string{":method: CONNECT", "+:protocol: "}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPeer(t, nil)
			p.headers(1, true, p.variant(test.fields...)...)
			p.wantStreamError(1, ProtocolError)
			p.wantEvents("refused 1 PROTOCOL_ERROR")
			p.get(3)
			p.wantEvents("request 3 GET / end")
		})
	}
	t.Run("8.3 a pseudo-field behind a regular one", func(t *testing.T) {
		p := newPeer(t, nil)
		p.headers(1, true, ":method: GET", ":scheme: https", ":authority: example.org", "a: b", ":path: /")
		p.wantStreamError(1, ProtocolError)
		p.headers(3, true, ":method: GET", ":scheme: https", ":path: /", "host: example.org", ":authority: example.org") // which is not needed
		p.wantStreamError(3, ProtocolError)
	})
	t.Run("8.2.1 an empty name", func(t *testing.T) {
		p := newPeer(t, nil)
		p.raw(frameHeaders, flagEndHeaders|flagEndStream, 1, string(p.encode(p.request()...))+"\x00\x00\x01a")
		p.wantStreamError(1, ProtocolError)
	})
}

// variant returns the fields of a request with changes as in TestMalformed: a
// field behind a plus stands with the pseudo-fields.
func (p *peer) variant(changes ...string) (fields []string) {
	var plain []string
	for _, f := range changes {
		if !strings.HasPrefix(f, "-") && !strings.HasPrefix(f, "+") {
			plain = append(plain, f)
		}
	}
	fields = p.request(plain...)
	for _, f := range changes {
		switch f[0] {
		case '+':
			fields = append([]string{f[1:]}, fields...)
		case '-':
			kept := fields[:0]
			for _, g := range fields {
				if !strings.HasPrefix(g, f[1:]+":") {
					kept = append(kept, g)
				}
			}
			fields = kept
		}
	}
	for i := range fields { // what replaces nothing may be a pseudo-field itself
		if f := fields[i]; i > 3 && f[0] == ':' {
			fields = append([]string{f}, append(fields[:i:i], fields[i+1:]...)...)
		}
	}
	return fields
}

// RFC 9113, Section 8.3.1: what a request becomes.
func TestRequest(t *testing.T) {
	for _, test := range []struct {
		name   string
		fields []string
		want   raxx.Request
	}{
		{"8.3.1 method, scheme, authority, path and query", []string{":method: PATCH", ":scheme: http", ":authority: example.org:8080", ":path: /a%20b?c=d?e"},
			raxx.Request{Method: "PATCH", Scheme: "http", Authority: "example.org:8080", Path: "/a%20b", Query: "c=d?e"}},
		{"8.3.1 scheme and authority in lower case", []string{":scheme: HTTPS", ":authority: Example.ORG"},
			raxx.Request{Method: "GET", Scheme: "https", Authority: "example.org", Path: "/"}},
		{"8.3.1 another scheme (RFC 3986, 3.1)", []string{":scheme: a0+-.Z9z"},
			raxx.Request{Method: "GET", Scheme: "a0+-.z9z", Authority: "example.org", Path: "/"}},
		{"8.3.1 a method keeps its case", []string{":method: get"},
			raxx.Request{Method: "get", Scheme: "https", Authority: "example.org", Path: "/"}},
		{"8.3.1 an asterisk, with OPTIONS", []string{":method: OPTIONS", ":path: *"},
			raxx.Request{Method: "OPTIONS", Scheme: "https", Authority: "example.org", Path: "*"}},
		{"8.3.1 dot segments and double slashes stay", []string{":path: //a/../b/./"},
			raxx.Request{Method: "GET", Scheme: "https", Authority: "example.org", Path: "//a/../b/./"}},
		{"8.3.1 host takes the place of :authority", []string{"-:authority", "host: Example.org"},
			raxx.Request{Method: "GET", Scheme: "https", Authority: "example.org", Path: "/"}},
		{"8.3.1 host that is the :authority is left out", []string{"host: EXAMPLE.org"},
			raxx.Request{Method: "GET", Scheme: "https", Authority: "example.org", Path: "/"}},
		{"8.2 fields keep their order and number", []string{"b: 1", "a: 2", "b: 3", "c: "},
			raxx.Request{Method: "GET", Scheme: "https", Authority: "example.org", Path: "/", Header: raxx.Header{{Name: "b", Value: "1"}, {Name: "a", Value: "2"}, {Name: "b", Value: "3"}, {Name: "c", Value: ""}}}},
		{"8.2.1 octets over 127 and tabs within a value", []string{"a: b\tc\xff"},
			raxx.Request{Method: "GET", Scheme: "https", Authority: "example.org", Path: "/", Header: raxx.Header{{Name: "a", Value: "b\tc\xff"}}}},
		{"8.2.2 te of trailers", []string{"te: trailers"},
			raxx.Request{Method: "GET", Scheme: "https", Authority: "example.org", Path: "/", Header: raxx.Header{{Name: "te", Value: "trailers"}}}},
		{"8.2.2 te of trailers, without regard to case", []string{"te: Trailers"},
			raxx.Request{Method: "GET", Scheme: "https", Authority: "example.org", Path: "/", Header: raxx.Header{{Name: "te", Value: "Trailers"}}}},
		{"8.2.3 cookies are joined in the place of the first", []string{"cookie: a=b", "x: y", "cookie: c=d", "cookie: e=f", "z: 1"},
			raxx.Request{Method: "GET", Scheme: "https", Authority: "example.org", Path: "/", Header: raxx.Header{{Name: "cookie", Value: "a=b; c=d; e=f"}, {Name: "x", Value: "y"}, {Name: "z", Value: "1"}}}},
		{"8.2.3 one cookie stays as it is", []string{"cookie: a=b; c=d"},
			raxx.Request{Method: "GET", Scheme: "https", Authority: "example.org", Path: "/", Header: raxx.Header{{Name: "cookie", Value: "a=b; c=d"}}}},
		{"8.5 CONNECT", []string{":method: CONNECT", "-:scheme", "-:path", ":authority: Example.org:443"},
			raxx.Request{Method: "CONNECT", Authority: "example.org:443"}},
		{"8.1.1 content-length of 0", []string{"content-length: 0"},
			raxx.Request{Method: "GET", Scheme: "https", Authority: "example.org", Path: "/", Header: raxx.Header{{Name: "content-length", Value: "0"}}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPeer(t, nil)
			p.headers(1, true, p.variant(test.fields...)...)
			p.reads()
			if len(p.requests) != 1 {
				t.Fatalf("there are %d requests: %q", len(p.requests), p.frameList())
			}
			test.want.Peer.Protocol = "HTTP/2.0"
			if diff := cmp.Diff(test.want, p.requests[0]); diff != "" {
				t.Errorf("the request (-want +got):\n%s", diff)
			}
			if got := p.stream(1).Connect(); got != (test.want.Method == "CONNECT") {
				t.Errorf("Connect is %v", got)
			}
		})
	}
}

// RFC 9113, Section 8.1: content and trailers.
func TestContent(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(p *peer)
		code Code // of stream 1
	}{
		{"8.1.1 content as long as content-length says", func(p *peer) { p.post(1, "content-length: 4"); p.data(1, false, "fo"); p.data(1, true, "ur") }, NoError},
		{"8.1.1 content as long as it says, with an end of its own", func(p *peer) { p.post(1, "content-length: 4"); p.data(1, false, "four"); p.data(1, true, "") }, NoError},
		{"8.1.1 content as long as it says, and a trailer", func(p *peer) {
			p.post(1, "content-length: 4")
			p.data(1, false, "four")
			p.headers(1, true, "a: b")
		}, NoError},
		{"8.1.1 a length of 0, and no content", func(p *peer) { p.post(1, "content-length: 0"); p.data(1, true, "") }, NoError},
		{"8.1.1 a length of 0, and content", func(p *peer) { p.post(1, "content-length: 0"); p.data(1, true, "x") }, ProtocolError},
		{"8.1.1 padding is no content", func(p *peer) {
			p.post(1, "content-length: 1")
			p.raw(frameData, flagPadded|flagEndStream, 1, "\x01a\x00")
		}, NoError},
		{"8.1.1 more content in one frame", func(p *peer) { p.post(1, "content-length: 3"); p.data(1, true, "four") }, ProtocolError},
		{"8.1.1 more content in two frames", func(p *peer) { p.post(1, "content-length: 3"); p.data(1, false, "fo"); p.data(1, false, "ur") }, ProtocolError},
		{"8.1.1 less content", func(p *peer) { p.post(1, "content-length: 5"); p.data(1, true, "four") }, ProtocolError},
		{"8.1.1 less content before a trailer", func(p *peer) {
			p.post(1, "content-length: 5")
			p.data(1, false, "four")
			p.headers(1, true, "a: b")
		}, ProtocolError},
		{"8.1 a second header that does not end the stream", func(p *peer) { p.post(1); p.headers(1, false, "a: b") }, ProtocolError},
		{"8.1 a trailer with a pseudo-field", func(p *peer) { p.post(1); p.headers(1, true, ":path: /") }, ProtocolError},
		{"8.1 a trailer with a field that frames", func(p *peer) { p.post(1); p.headers(1, true, "content-length: 0") }, ProtocolError},
		{"8.1 a trailer with a field of connections", func(p *peer) { p.post(1); p.headers(1, true, "connection: close") }, ProtocolError},
		{"8.1 a trailer with upper case", func(p *peer) { p.post(1); p.headers(1, true, "A: b") }, ProtocolError},
		{"8.1 a trailer that is too long", func(p *peer) { p.post(1); p.long(1, "a: "+strings.Repeat("x", 33<<10)) }, ProtocolError},
		{"8.1 a trailer behind the end", func(p *peer) { p.post(1); p.data(1, true, "x"); p.headers(1, true, "a: b") }, StreamClosed},
		{"8.5 a trailer in a tunnel", func(p *peer) {
			p.headers(1, false, ":method: CONNECT", ":authority: a:1")
			p.headers(1, true, "a: b")
		}, ProtocolError},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPeer(t, nil)
			test.do(p)
			if test.code != NoError {
				p.wantStreamError(1, test.code)
				return
			}
			p.want()
		})
	}
	t.Run("8.1 content and a trailer", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1)
		p.data(1, false, "content")
		p.headers(1, true, "a: b", "c: d")
		p.wantEvents("request 1 GET /", "data 1 7", "trailer 1 2 end")
		if diff := cmp.Diff([]raxx.Header{{{Name: "a", Value: "b"}, {Name: "c", Value: "d"}}}, p.trailers); diff != "" {
			t.Errorf("trailers (-want +got):\n%s", diff)
		}
	})
	t.Run("8.1 an end without content is told, a frame without either is not", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1)
		p.data(1, false, "")
		p.data(1, true, "")
		p.wantEvents("request 1 GET /", "data 1 0 end")
	})
	t.Run("8.1 a trailer without fields", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1)
		p.headers(1, true)
		p.wantEvents("request 1 GET /", "trailer 1 0 end")
	})
	t.Run("8.5 there is no content-length in a tunnel", func(t *testing.T) {
		p := newPeer(t, nil)
		p.headers(1, false, ":method: CONNECT", ":authority: a:1", "content-length: 1")
		p.data(1, false, "more than one")
		p.want()
	})
}

// RFC 9113, Section 10.5.1: limits on headers.
func TestHeaderLimits(t *testing.T) {
	for _, test := range []struct {
		name   string
		fields []string
		event  string
	}{
		{"10.5.1 a header of one octet more", []string{"a: " + strings.Repeat("x", 32<<10-33-baseSize+1)}, "request 1 GET / refuse 431 end"},
		{"10.5.1 a header of as much as is allowed", []string{"a: " + strings.Repeat("x", 32<<10-33-baseSize)}, "request 1 GET / end"},
		{"10.5.1 a path that is too long", []string{":path: /" + strings.Repeat("x", 33<<10)}, "request 1 GET  refuse 431 end"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPeer(t, nil)
			p.long(1, p.request(test.fields...)...)
			p.wantEvents(test.event)
			if got := p.requests[0].Authority; got != "example.org" {
				t.Errorf("the authority is %q", got)
			}
			p.want()
			p.get(3)
			p.wantEvents("request 3 GET / end")
		})
	}
	t.Run("10.5.1 of a header that is too large, the beginning is known", func(t *testing.T) {
		p := newPeer(t, nil)
		p.long(1, p.request(":method: PUT", ":path: /a?b=c", ":authority: Example.org:81", "a: "+strings.Repeat("x", 40000))...)
		p.reads()
		want := []raxx.Request{{Method: "PUT", Authority: "example.org:81", Path: "/a", Query: "b=c", Peer: raxx.Peer{Protocol: "HTTP/2.0"}}}
		if diff := cmp.Diff(want, p.requests); diff != "" {
			t.Errorf("unexpected request (-want +got):\n%s", diff)
		}
	})
	t.Run("10.5.1 a header of one field more", func(t *testing.T) {
		p := newPeer(t, nil)
		var fields []string
		for range 196 {
			fields = append(fields, "a: b")
		}
		p.get(1, fields...)
		p.get(3, append(fields, "a: b")...)
		p.wantEvents("request 1 GET / end", "request 3 GET / refuse 431 end")
	})
	t.Run("10.5.1 cookies are one field, and as many as other fields", func(t *testing.T) {
		p := newPeer(t, nil)
		fields := slices.Concat(slices.Repeat([]string{"a: b"}, 196), slices.Repeat([]string{"cookie: a=b"}, 200))
		p.get(1, fields...)
		p.get(3, append(fields, "cookie: a=b")...)
		p.wantEvents("request 1 GET / end", "request 3 GET / refuse 431 end")
	})
	t.Run("10.5.1 a block of as much as is allowed, in as many frames", func(t *testing.T) {
		block := string(rawPeer(t, nil).encode(newPeer(t, nil).request()...))
		for _, less := range []int{0, 1} {
			for limit, limits := range map[string]*Limits{"BlockBytes": {BlockBytes: len(block) - less}, "BlockFrames": {BlockFrames: 3 - less}} {
				p := newPeer(t, limits)
				p.raw(frameHeaders, flagEndStream, 1, block[:3])
				p.raw(frameContinuation, 0, 1, block[3:5])
				p.raw(frameContinuation, flagEndHeaders, 1, block[5:])
				if less > 0 {
					p.wantLimit(limit)
				} else {
					p.wantEvents("request 1 GET / end")
				}
			}
		}
	})
	t.Run("10.5.1 what is too large is decoded nevertheless", func(t *testing.T) {
		p := newPeer(t, nil)
		p.long(1, p.request("a: "+strings.Repeat("x", 33<<10), "x-new: in the table")...)
		p.get(3, "x-new: in the table")
		p.reads()
		if got := p.requests[1].Header.Get("x-new"); got != "in the table" {
			t.Errorf("the field behind is %q", got)
		}
	})
}

// baseSize is the size of the fields of peer.request: their octets, and 32 each.
const baseSize = len(":methodGET:schemehttps:authorityexample.org:path/") + 4*32

// long sends a header in as many frames as it takes.
func (p *peer) long(stream uint32, fields ...string) {
	block := string(p.encode(fields...))
	kind, flags := frameHeaders, flagEndStream
	for len(block) > 16384 {
		p.raw(kind, flags, stream, block[:16384])
		block, kind, flags = block[16384:], frameContinuation, 0
	}
	p.raw(kind, flags|flagEndHeaders, stream, block)
}
