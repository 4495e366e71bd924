package middleware_test

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

func ExampleRequestID() {
	handler := middleware.RequestID{}.Middleware()(func(req raxx.Request) raxx.Response {
		return raxx.Text(200, "this is "+middleware.RequestIDKey.Get(req))
	})
	resp := handler(raxx.Get("/"))
	id := resp.Header.Get("x-request-id")
	fmt.Println(len(id), resp.Body == raxx.Data("this is "+id))
	// Output: 36 true
}

// A request has one id, however often somebody gives it one.
func TestRequestIDTwice(t *testing.T) {
	var seen []string
	see := func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			seen = append(seen, middleware.RequestIDKey.Get(req), req.Header.Get("x-request-id"))
			return next(req)
		}
	}
	trusting := middleware.RequestID{Trusted: requestIDPeers, Field: "x-other-id"}.Middleware()
	h := raxx.Stack(middleware.RequestID{}.Middleware(), see, middleware.RequestID{}.Middleware(), trusting, see)(
		func(raxx.Request) raxx.Response { return raxx.NoContent() })
	req := raxx.Get("/").With("x-other-id", "theirs")
	req.Peer.Address = "10.1.2.3:5000"
	resp := h(req)
	id := seen[0]
	if diff := cmp.Diff([]string{id, id, id, id}, seen); diff != "" || id == "theirs" {
		t.Error(diff)
	}
	want := raxx.NoContent().With("x-other-id", id).With("x-request-id", id)
	if diff := cmp.Diff(want, resp); diff != "" {
		t.Error(diff)
	}
	// What is no id does not become a field.
	req = middleware.RequestIDKey.Set(raxx.Get("/"), "a\r\nb: c")
	h = middleware.RequestID{}.Middleware()(csrfTestSite)
	if got := h(req).Header.Get("x-request-id"); len(got) != 36 {
		t.Errorf("the id is %q", got)
	}
}

var requestIDPeers = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}

func TestRequestIDIsTakenOverFromTrustedPeersOnly(t *testing.T) {
	long := strings.Repeat("a", 128)
	for _, test := range []struct {
		name, peer string
		sent       []string
		kept       bool
	}{
		{"from a trusted peer", "10.1.2.3:5000", []string{"abc-1"}, true},
		{"from a trusted peer over IPv6", "[fd00::1]:5000", []string{"abc-1"}, true},
		{"from a trusted peer, IPv4 in IPv6", "[::ffff:10.1.2.3]:5000", []string{"abc-1"}, true},
		{"from a stranger", "192.0.2.1:5000", []string{"abc-1"}, false},
		{"from a unix socket that is not trusted", "@", []string{"abc-1"}, false},
		{"of 128 characters", "10.1.2.3:5000", []string{long}, true},
		{"of 129 characters", "10.1.2.3:5000", []string{long + "a"}, false},
		{"that is empty", "10.1.2.3:5000", []string{""}, false},
		{"twice", "10.1.2.3:5000", []string{"a", "b"}, false},
		{"with a line feed for the log", "10.1.2.3:5000", []string{"a\nlevel=ERROR"}, false},
		{"with a space", "10.1.2.3:5000", []string{"a b"}, false},
		{"with a quote", "10.1.2.3:5000", []string{`a"b`}, false},
		{"with markup", "10.1.2.3:5000", []string{"<script>"}, false},
		{"with 8-bit octets", "10.1.2.3:5000", []string{"\xff"}, false},
		{"of all that is allowed", "10.1.2.3:5000", []string{"azAZ09-_.:=+/@"}, true},
		{"with a brace", "10.1.2.3:5000", []string{"a{b"}, false},
		{"with a bracket", "10.1.2.3:5000", []string{"a[b"}, false},
		{"with a backtick", "10.1.2.3:5000", []string{"a`b"}, false},
		{"of a tracing service", "10.1.2.3:5000", []string{"Root=1-67891233-abcdef012345678912345678"}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			req := raxx.Get("/")
			req.Peer.Address = test.peer
			for _, v := range test.sent {
				req.Header = append(req.Header, raxx.Field{Name: "x-request-id", Value: v})
			}
			var seen raxx.Request
			resp := middleware.RequestID{Trusted: requestIDPeers}.Middleware()(func(req raxx.Request) raxx.Response {
				seen = req
				return raxx.NoContent()
			})(req)
			id := middleware.RequestIDKey.Get(seen)
			if got := slices.Contains(test.sent, id); got != test.kept {
				t.Errorf("the id is %q", id)
			}
			if got := slices.Collect(seen.Header.Values("x-request-id")); !slices.Equal(got, []string{id}) {
				t.Errorf("the handler sees the fields %q, want %q", got, id)
			}
			if got := resp.Header.Get("x-request-id"); got != id {
				t.Errorf("the reply has the field %q, want %q", got, id)
			}
		})
	}
}

func TestRequestIDOverUnixSockets(t *testing.T) {
	handler := middleware.RequestID{TrustUnix: true, Field: "X-Correlation-ID"}.Middleware()(func(req raxx.Request) raxx.Response {
		return raxx.Text(200, middleware.RequestIDKey.Get(req))
	})
	want := raxx.Text(200, "abc").With("x-correlation-id", "abc")
	if diff := cmp.Diff(want, handler(raxx.Get("/").With("x-correlation-id", "abc"))); diff != "" {
		t.Error(diff)
	}
}

func TestRequestIDIsOnADeferredHead(t *testing.T) {
	later := raxx.NewMachine(0, func(int, raxx.Event) (int, []raxx.Part) { return 0, []raxx.Part{raxx.NoContent(), raxx.Tail{}} })
	resp := middleware.RequestID{}.Middleware()(func(raxx.Request) raxx.Response { return raxx.Defer(later) })(raxx.Get("/"))
	head, _ := raxxtest.Start(resp).Head()
	if !head.Header.Has("x-request-id") {
		t.Errorf("got %v", head)
	}
}

func TestNewRequestIDsSortByTimeAndDiffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ids []string
		for range 1000 {
			ids = append(ids, middleware.NewRequestID(time.Now()))
			time.Sleep(time.Millisecond) // of the bubble
		}
		if !slices.IsSorted(ids) {
			t.Error("not sorted")
		}
		if n := len(slices.Compact(ids)); n != 1000 {
			t.Errorf("%d different ids", n)
		}
		// RFC 9562, Section 5.7: where version and variant stand.
		for _, id := range ids {
			if id[14] != '7' || !strings.ContainsRune("89ab", rune(id[19])) || id[8] != '-' || id[13] != '-' || id[18] != '-' || id[23] != '-' {
				t.Fatalf("%s is no UUID of version 7", id)
			}
		}
	})
}

func TestNewRequestIDsOfOneMomentDiffer(t *testing.T) {
	a, b := middleware.NewRequestID(time.UnixMilli(0x0123456789ab)), middleware.NewRequestID(time.UnixMilli(0x0123456789ab))
	if a == b || a[:15] != "01234567-89ab-7" || b[:15] != a[:15] {
		t.Errorf("got %s and %s", a, b)
	}
}

// Who has started the same program does not know the ids of another one.
func TestRequestIDsCannotBeGuessed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ids := make(map[string]bool)
		for range 100 { // each begins anew, in the same moment
			resp := middleware.RequestID{}.Middleware()(stackTestHandler)(raxx.Get("/"))
			ids[resp.Header.Get("x-request-id")] = true
		}
		if len(ids) != 100 {
			t.Errorf("%d different ids", len(ids))
		}
	})
}

func TestRequestIDThatCannotBeMeant(t *testing.T) {
	for name, c := range map[string]middleware.RequestID{
		"a field that is no name":  {Field: "x id"},
		"a prefix that is none":    {Trusted: []netip.Prefix{{}}},
		"a prefix of IPv4 in IPv6": {Trusted: []netip.Prefix{netip.MustParsePrefix("::ffff:10.0.0.0/104")}},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it did not panic")
				}
			}()
			c.Middleware()
		})
	}
}

func BenchmarkRequestID(b *testing.B) {
	handler := middleware.RequestID{}.Middleware()(stackTestHandler)
	req := raxx.Get("/")
	b.ReportAllocs()
	for b.Loop() {
		handler(req)
	}
}

// SecureHeaders adds the id on its way out; what is seen is the same.
func TestRequestIDAroundSecureHeaders(t *testing.T) {
	const made = "made by the handler"
	answers := raxx.NewMachine(0, func(int, raxx.Event) (int, []raxx.Part) { return 0, []raxx.Part{raxx.NoContent()} })
	for name, reply := range map[string]raxx.Response{
		"a reply":             raxx.Text(200, "hello"),
		"one that has the id": raxx.Text(200, "hello").With("x-request-id", made),
		"one with a field":    raxx.Text(200, "hello").With("x-frame-options", "DENY"),
		"another protocol":    {Status: raxx.StatusSwitchingProtocols, Body: answers},
		"a deferred one":      raxx.Defer(answers),
	} {
		t.Run(name, func(t *testing.T) {
			id := ""
			handler := raxx.Stack(middleware.RequestID{}.Middleware(), middleware.SecureHeaders{}.Middleware())(func(req raxx.Request) raxx.Response {
				id = middleware.RequestIDKey.Get(req)
				return reply
			})
			head, ok := raxxtest.NewServer(handler).Serve(raxx.Get("/")).Head()
			if !ok {
				t.Fatal("there is no head")
			}
			if got := slices.Collect(head.Header.Values("x-request-id")); len(got) != 1 || got[0] != id || id == made {
				t.Errorf("the ids are %q, of the request %q", got, id)
			}
			if got := head.Header.Has("x-frame-options"); got != (name != "another protocol") {
				t.Errorf("the fields for browsers: %v", got)
			}
			if h := head.Header; len(h) != cap(h) {
				t.Errorf("%d fields with room for %d: to append to them could write to another's", len(h), cap(h))
			}
		})
	}
}

// Every one of the 74 bits that are random comes as both, and no id comes twice.
func TestMadeRequestIDsAreRandom(t *testing.T) {
	var ids []string
	handler := middleware.RequestID{}.Middleware()(func(req raxx.Request) raxx.Response {
		ids = append(ids, strings.ReplaceAll(middleware.RequestIDKey.Get(req), "-", ""))
		return raxx.NoContent()
	})
	for range 1000 {
		handler(raxx.Get("/"))
	}
	var ones, zeros [16]byte
	for _, id := range ids {
		octets, err := hex.DecodeString(id)
		if err != nil || len(octets) != 16 {
			t.Fatalf("%q: %v", id, err)
		}
		for i, octet := range octets {
			ones[i], zeros[i] = ones[i]|octet, zeros[i]|^octet
		}
	}
	for i, random := range map[int]byte{6: 0x0f, 7: 0xff, 8: 0x3f, 9: 0xff, 10: 0xff, 11: 0xff, 12: 0xff, 13: 0xff, 14: 0xff, 15: 0xff} {
		if ones[i]&zeros[i] != random {
			t.Errorf("of octet %d the bits %08b come as both, want %08b", i, ones[i]&zeros[i], random)
		}
	}
	slices.Sort(ids)
	if n := len(slices.Compact(ids)); n != 1000 {
		t.Errorf("1000 requests have %d ids", n)
	}
}
