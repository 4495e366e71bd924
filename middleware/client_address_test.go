package middleware_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
)

func ExampleClientAddress() {
	handler := middleware.ClientAddress{
		Trusted: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		From:    middleware.XForwardedFor,
	}.Middleware()(func(req raxx.Request) raxx.Response {
		return raxx.Text(200, middleware.ClientIP.Get(req).String())
	})
	req := raxx.Get("/").With("x-forwarded-for", "127.0.0.1, 192.0.2.7, 10.0.0.2")
	req.Peer.Address = "10.0.0.1:40000"
	fmt.Println(handler(req).Body)
	// Output: 192.0.2.7
}

var clientAddressProxies = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8"), netip.MustParsePrefix("fe80::/10"), netip.MustParsePrefix("127.0.0.1/32"),
}

// clientAddressSeen returns the request as the handler sees it.
func clientAddressSeen(c middleware.ClientAddress, req raxx.Request) (seen raxx.Request) {
	c.Middleware()(func(req raxx.Request) raxx.Response {
		seen = req
		return raxx.NoContent()
	})(req)
	return seen
}

// An element of very many parameters costs no more than its length.
func TestClientAddressOfManyParameters(t *testing.T) {
	handler := middleware.ClientAddress{Trusted: clientAddressProxies, From: middleware.Forwarded}.Middleware()(stackTestHandler)
	req := raxx.Get("/").With("forwarded", "for=203.0.113.9"+strings.Repeat(";a=b", 7<<10))
	req.Peer.Address = "10.0.0.1:1024"
	if n := testing.AllocsPerRun(5, func() { handler(req) }); n > 100 {
		t.Errorf("%v allocations", n)
	}
}

func TestClientAddress(t *testing.T) {
	const direct, proxied = "192.0.2.1:1024", "10.0.0.1:1024"
	type fields = [][2]string
	for _, test := range []struct {
		name   string
		peer   string
		from   middleware.Forwarding
		fields fields
		want   string // "" if unknown
	}{
		{"nobody forwards", direct, middleware.NotForwarded, nil, "192.0.2.1"},
		{"the zero config ignores every field", direct, middleware.NotForwarded,
			fields{{"x-forwarded-for", "127.0.0.1"}, {"x-real-ip", "127.0.0.1"}, {"forwarded", "for=127.0.0.1"}}, "192.0.2.1"},
		{"IPv6", "[2001:db8::1]:1024", middleware.NotForwarded, nil, "2001:db8::1"},
		{"IPv4 in IPv6", "[::ffff:192.0.2.1]:1024", middleware.NotForwarded, nil, "192.0.2.1"},
		{"a unix socket has no address", "@", middleware.NotForwarded, nil, ""},

		{"a stranger sends the field (chi and echo RealIP, express trust proxy: true)", direct, middleware.XForwardedFor,
			fields{{"x-forwarded-for", "127.0.0.1"}}, "192.0.2.1"},
		{"a stranger names a trusted proxy behind his victim (realclientip-go #11)", direct, middleware.XForwardedFor,
			fields{{"x-forwarded-for", "203.0.113.9, 10.0.0.2"}}, "192.0.2.1"},
		{"the proxy appends to what the client sent (fiber #3781, srvx #229)", proxied, middleware.XForwardedFor,
			fields{{"x-forwarded-for", "9.9.9.9, 203.0.113.9"}}, "203.0.113.9"},
		{"the client names a trusted proxy (cpp-httplib #2503)", proxied, middleware.XForwardedFor,
			fields{{"x-forwarded-for", "9.9.9.9, 10.0.0.7, 203.0.113.9"}}, "203.0.113.9"},
		{"two proxies", proxied, middleware.XForwardedFor,
			fields{{"x-forwarded-for", "9.9.9.9, 203.0.113.9, 10.0.0.2"}}, "203.0.113.9"},
		{"the field twice, the proxy's last", proxied, middleware.XForwardedFor,
			fields{{"x-forwarded-for", "127.0.0.1"}, {"x-forwarded-for", "203.0.113.9"}}, "203.0.113.9"},
		{"junk of the client on the left (fiber #4394)", proxied, middleware.XForwardedFor,
			fields{{"x-forwarded-for", "evil, 203.0.113.9, 10.0.0.1"}}, "203.0.113.9"},
		{"junk on the right: no address further left is believed", proxied, middleware.XForwardedFor,
			fields{{"x-forwarded-for", "10.0.0.9, unknown"}}, ""},
		{"junk behind a trusted proxy", proxied, middleware.XForwardedFor,
			fields{{"x-forwarded-for", "1.2.3.4, junk, 10.0.0.2"}}, ""},
		{"a port", proxied, middleware.XForwardedFor, fields{{"x-forwarded-for", "203.0.113.9:1024"}}, "203.0.113.9"},
		{"IPv6 with a port", proxied, middleware.XForwardedFor, fields{{"x-forwarded-for", "[2001:db8::9]:1024"}}, "2001:db8::9"},
		{"IPv6 in brackets", proxied, middleware.XForwardedFor, fields{{"x-forwarded-for", "[2001:db8::9]"}}, "2001:db8::9"},
		{"IPv4 in brackets", proxied, middleware.XForwardedFor, fields{{"x-forwarded-for", "[203.0.113.9]"}}, ""},
		{"a trusted proxy in another notation", proxied, middleware.XForwardedFor,
			fields{{"x-forwarded-for", "203.0.113.9, ::ffff:10.0.0.2"}}, "203.0.113.9"},
		{"a zone, which would hide a trusted prefix", proxied, middleware.XForwardedFor,
			fields{{"x-forwarded-for", "fd00::1%eth0"}}, ""},
		{"the unspecified address", proxied, middleware.XForwardedFor, fields{{"x-forwarded-for", "0.0.0.0"}}, ""},
		{"octal digits", proxied, middleware.XForwardedFor, fields{{"x-forwarded-for", "0177.0.0.1"}}, ""},
		{"all are trusted: the leftmost", proxied, middleware.XForwardedFor,
			fields{{"x-forwarded-for", "10.0.0.3, 10.0.0.2"}}, "10.0.0.3"},
		{"the proxy asks for itself", proxied, middleware.XForwardedFor, nil, "10.0.0.1"},
		{"empty elements", proxied, middleware.XForwardedFor, fields{{"x-forwarded-for", "203.0.113.9, ,"}}, "203.0.113.9"},
		{"another field than the one that was chosen (BGPLite #256)", proxied, middleware.XForwardedFor,
			fields{{"x-real-ip", "127.0.0.1"}, {"forwarded", "for=127.0.0.1"}, {"x-client-ip", "127.0.0.1"}}, "10.0.0.1"},
		{"a trusted unix socket", "@", middleware.XForwardedFor, fields{{"x-forwarded-for", "203.0.113.9"}}, "203.0.113.9"},

		{"a trusted unix socket with a name", "/run/proxy.sock", middleware.XForwardedFor, fields{{"x-forwarded-for", "203.0.113.9"}}, "203.0.113.9"},
		{"a trusted unix socket without one", "", middleware.XForwardedFor, fields{{"x-forwarded-for", "203.0.113.9"}}, "203.0.113.9"},
		{"what is neither an address nor a unix socket", "pipe", middleware.XForwardedFor, fields{{"x-forwarded-for", "203.0.113.9"}}, ""},
		{"a proxy with a zone", "[fe80::1%eth0]:1024", middleware.XForwardedFor, fields{{"x-forwarded-for", "203.0.113.9"}}, "203.0.113.9"},

		{"x-real-ip", proxied, middleware.XRealIP, fields{{"x-real-ip", "203.0.113.9"}}, "203.0.113.9"},
		{"x-real-ip of a stranger", direct, middleware.XRealIP, fields{{"x-real-ip", "127.0.0.1"}}, "192.0.2.1"},
		{"x-real-ip twice", proxied, middleware.XRealIP, fields{{"x-real-ip", "203.0.113.9"}, {"x-real-ip", "127.0.0.1"}}, ""},
		{"x-real-ip as a list", proxied, middleware.XRealIP, fields{{"x-real-ip", "203.0.113.9, 127.0.0.1"}}, ""},
		{"no x-real-ip", proxied, middleware.XRealIP, nil, "10.0.0.1"},

		{"forwarded", proxied, middleware.Forwarded, fields{{"forwarded", "for=203.0.113.9"}}, "203.0.113.9"},
		{"forwarded of a stranger", direct, middleware.Forwarded, fields{{"forwarded", "for=127.0.0.1"}}, "192.0.2.1"},
		{"forwarded, appended to", proxied, middleware.Forwarded,
			fields{{"forwarded", `for=127.0.0.1;proto=https, For="203.0.113.9:80"; by=10.0.0.1`}}, "203.0.113.9"},
		{"forwarded, IPv6", proxied, middleware.Forwarded, fields{{"forwarded", `for="[2001:db8::9]:80"`}}, "2001:db8::9"},
		{"forwarded through two proxies", proxied, middleware.Forwarded,
			fields{{"forwarded", "for=1.2.3.4, for=203.0.113.9"}, {"forwarded", "for=10.0.0.2"}}, "203.0.113.9"},
		{"forwarded for somebody unknown (RFC 7239, 6.2)", proxied, middleware.Forwarded,
			fields{{"forwarded", "for=10.0.0.9, for=unknown"}}, ""},
		{"forwarded for a hidden name (RFC 7239, 6.3)", proxied, middleware.Forwarded, fields{{"forwarded", "for=_gazonk"}}, ""},
		{"forwarded without for", proxied, middleware.Forwarded, fields{{"forwarded", "for=1.2.3.4, proto=https"}}, ""},
		{"forwarded, for twice in an element", proxied, middleware.Forwarded,
			fields{{"forwarded", "for=127.0.0.1;for=203.0.113.9"}}, ""},
		{"forwarded, for twice, the first one empty", proxied, middleware.Forwarded, fields{{"forwarded", "for=;for=203.0.113.9"}}, ""},
		{"forwarded, a name that is no token", proxied, middleware.Forwarded, fields{{"forwarded", "f(=1;for=203.0.113.9"}}, ""},
		{"forwarded, no name", proxied, middleware.Forwarded, fields{{"forwarded", "for=203.0.113.9;=1"}}, ""},
		{"forwarded, no value", proxied, middleware.Forwarded, fields{{"forwarded", "for=203.0.113.9;secret"}}, ""},
		{"forwarded, two values", proxied, middleware.Forwarded, fields{{"forwarded", "for=203.0.113.9;by=a b"}}, ""},
		{"forwarded, more behind a quote", proxied, middleware.Forwarded, fields{{"forwarded", `for="203.0.113.9"by=a`}}, ""},
		{"forwarded, an escape", proxied, middleware.Forwarded, fields{{"forwarded", `for="203\.0.113.9"`}}, "203.0.113.9"},
		{"forwarded, an escape of nothing", proxied, middleware.Forwarded, fields{{"forwarded", `for="203.0.113.9\`}}, ""},
		{"forwarded, an escaped quote", proxied, middleware.Forwarded, fields{{"forwarded", `for="203.0.113.9\"`}}, ""},
		{"forwarded, a quote of the client that is never closed", proxied, middleware.Forwarded,
			fields{{"forwarded", `for="127.0.0.1, for=203.0.113.9`}}, ""},
		{"forwarded, a quote of the client that the proxy closes", proxied, middleware.Forwarded,
			fields{{"forwarded", `for=127.0.0.1;x=", for="[2001:db8::9]"`}}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := middleware.ClientAddress{From: test.from}
			if test.from != middleware.NotForwarded {
				c.Trusted, c.TrustUnix = clientAddressProxies, true
			}
			req := raxx.Get("/")
			req.Peer.Address = test.peer
			for _, f := range test.fields {
				req = req.Add(f[0], f[1])
			}
			seen := clientAddressSeen(c, req)
			got := ""
			if ip := middleware.ClientIP.Get(seen); ip.IsValid() {
				got = ip.String()
			}
			if got != test.want {
				t.Errorf("the client is %q, want %q", got, test.want)
			}
			if seen.Peer != req.Peer {
				t.Errorf("the peer has become %v", seen.Peer)
			}
		})
	}
}

func TestClientAddressSchemeAndHost(t *testing.T) {
	for _, test := range []struct {
		name   string
		from   middleware.Forwarding
		peer   string
		fields string
		want   string
	}{
		{"of a stranger (express-force-ssl #25)", middleware.XForwardedFor, "192.0.2.1:80",
			"x-forwarded-proto: https|x-forwarded-host: evil.example", "http://localhost/"},
		{"of a proxy", middleware.XForwardedFor, "10.0.0.1:80",
			"x-forwarded-for: 1.2.3.4|x-forwarded-proto: HTTPS|x-forwarded-host: Example.org:8443", "https://example.org:8443/"},
		{"of a proxy, for a WebSocket (traefik #6388)", middleware.XForwardedFor, "10.0.0.1:80",
			"upgrade: websocket|x-forwarded-proto: wss|x-forwarded-host: example.org", "https://example.org/"},
		{"of a proxy, for a WebSocket in the clear", middleware.Forwarded, "10.0.0.1:80",
			"upgrade: websocket|forwarded: for=203.0.113.9;proto=ws;host=example.org", "http://example.org/"},
		{"of a list that the client has begun (trusted-server #409)", middleware.XForwardedFor, "10.0.0.1:80",
			"x-forwarded-proto: https, http|x-forwarded-host: evil.example, example.org", "http://localhost/"},
		{"twice", middleware.XRealIP, "10.0.0.1:80",
			"x-forwarded-host: evil.example|x-forwarded-host: example.org", "http://localhost/"},
		{"malformed", middleware.XRealIP, "10.0.0.1:80",
			"x-forwarded-proto: javascript|x-forwarded-host: example.org/evil", "http://localhost/"},
		{"for a WebSocket in the clear, x-forwarded-proto", middleware.XForwardedFor, "10.0.0.1:80",
			"x-forwarded-proto: ws|x-forwarded-host: example.org", "http://example.org/"},
		{"the scheme that it has anyway", middleware.XForwardedFor, "10.0.0.1:80", "x-forwarded-proto: http", "http://localhost/"},
		{"with a user", middleware.XRealIP, "10.0.0.1:80", "x-forwarded-host: example.org@evil.example", "http://localhost/"},
		{"with a port that is none", middleware.XRealIP, "10.0.0.1:80", "x-forwarded-host: example.org:99999", "http://localhost/"},
		{"an IPv6 address", middleware.XRealIP, "10.0.0.1:80", "x-forwarded-host: [2001:db8::1]:8443", "http://[2001:db8::1]:8443/"},
		{"in forwarded", middleware.Forwarded, "10.0.0.1:80",
			`forwarded: for=1.2.3.4;proto=http;host=evil.example, for=203.0.113.9;proto=https;host="example.org:8443"`,
			"https://example.org:8443/"},
		{"in forwarded, by the proxy nearest to the client", middleware.Forwarded, "10.0.0.1:80",
			`forwarded: for=203.0.113.9;proto=https;host=example.org, for=10.0.0.2;proto=http;host=internal`, "https://example.org/"},
		{"in another field than the one that was chosen", middleware.Forwarded, "10.0.0.1:80",
			"forwarded: for=203.0.113.9|x-forwarded-proto: https|x-forwarded-host: evil.example", "http://localhost/"},
	} {
		t.Run(test.name, func(t *testing.T) {
			req := raxx.Get("/")
			req.Peer.Address = test.peer
			for line := range strings.SplitSeq(test.fields, "|") {
				name, value, _ := strings.Cut(line, ": ")
				req = req.Add(name, value)
			}
			c := middleware.ClientAddress{Trusted: clientAddressProxies, From: test.from, Scheme: true, Host: true}
			if got := clientAddressSeen(c, req).URL(); got != test.want {
				t.Errorf("the URL is %s, want %s", got, test.want)
			}
			c.Scheme, c.Host = false, false
			if got := clientAddressSeen(c, req).URL(); got != "http://localhost/" {
				t.Errorf("without being asked for, the URL is %s", got)
			}
		})
	}
}

// A host is one that everybody reads in the same way, or none.
func TestClientAddressHosts(t *testing.T) {
	c := middleware.ClientAddress{Trusted: clientAddressProxies, From: middleware.XForwardedFor, Host: true}
	for host, want := range map[string]bool{
		"azAZ09-._:1": true, "a:65535": true, "[2001:db8::1]": true, "[::1]:80": true, strings.Repeat("a", 255) + ":65535": true,
		"a:65536": false, "a:": false, ":80": false, "a:1:2": false, "a:+1": false, "a{": false, "a@b": false, "a`b": false, "a[b": false, "a/b": false,
		"[::1": false, "::1]": false, "a[::1]": false, "[]": false, "[192.0.2.1]": false, "[fe80::1%25eth0]": false, "[::1]a": false,
		"[::1]:": false, "[::1]:a": false, "[::1]080": false, "]": false, strings.Repeat("a", 262): false,
	} {
		req := raxx.Get("/").With("x-forwarded-host", host)
		req.Peer.Address = "10.0.0.1:1"
		if got := clientAddressSeen(c, req).Authority; (got == strings.ToLower(host)) != want {
			t.Errorf("%q: the host is %q", host, got)
		}
	}
}

// What was not used is gone, so that nobody believes it.
func TestClientAddressTakesOutWhatWasNotUsed(t *testing.T) {
	sent := raxx.Header{{Name: "accept", Value: "*/*"}}
	for _, name := range []string{
		"forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-prefix", "x-real-ip",
		"true-client-ip", "x-client-ip", "cf-connecting-ip", "X-Forwarded-Port", "x-cluster-client-ip", "x-original-forwarded-for",
		"x-original-host", "x-host", "x-url-scheme", "x-forwarded", "x-remote-ip", "x-remote-addr", "x-originating-ip", "client-ip",
		"wl-proxy-client-ip",
		"x_forwarded_for", "X_Real-IP", "x-forwarded_host", // which CGI takes for those with hyphens
	} {
		sent = append(sent, raxx.Field{Name: name, Value: "127.0.0.1"})
	}
	kept := func(names ...string) raxx.Header {
		h := sent[:1:1]
		for _, name := range names {
			h = append(h, raxx.Field{Name: name, Value: "127.0.0.1"})
		}
		return h
	}
	for _, test := range []struct {
		name string
		c    middleware.ClientAddress
		peer string
		want raxx.Header
	}{
		{"nobody is trusted", middleware.ClientAddress{}, "10.0.0.1:1", kept()},
		{"a stranger", middleware.ClientAddress{Trusted: clientAddressProxies, From: middleware.XForwardedFor}, "192.0.2.1:1", kept()},
		{"a proxy", middleware.ClientAddress{Trusted: clientAddressProxies, From: middleware.XForwardedFor}, "10.0.0.1:1", kept("x-forwarded-for")},
		{"a proxy that says all in one field", middleware.ClientAddress{Trusted: clientAddressProxies, From: middleware.Forwarded, Scheme: true, Host: true},
			"10.0.0.1:1", kept("forwarded")},
		{"a proxy that says all", middleware.ClientAddress{Trusted: clientAddressProxies, From: middleware.XRealIP, Scheme: true, Host: true},
			"10.0.0.1:1", kept("x-forwarded-proto", "x-forwarded-host", "x-real-ip")},
	} {
		t.Run(test.name, func(t *testing.T) {
			req := raxx.Get("/")
			req.Header, req.Peer.Address = sent, test.peer
			if diff := cmp.Diff(test.want, clientAddressSeen(test.c, req).Header); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestClientAddressThatCannotBeMeant(t *testing.T) {
	for name, c := range map[string]middleware.ClientAddress{
		"proxies, but no field":      {Trusted: clientAddressProxies},
		"a field, but no proxies":    {From: middleware.XForwardedFor},
		"a scheme from nobody":       {Scheme: true},
		"a host from nobody":         {Host: true},
		"a field that there is none": {From: 17, Trusted: clientAddressProxies},
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

// Whatever a client sends through a proxy that appends, the client is who the
// proxy says it is, or unknown.
func FuzzClientAddress(f *testing.F) {
	for _, s := range []string{"", "127.0.0.1", "evil", "10.0.0.2", `for=10.0.0.2`, `for="`, `for=1.2.3.4;x="`, ",", `"`, `\`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		if raxx.CheckField("forwarded", sent) != nil {
			return
		}
		for _, test := range []struct {
			from          middleware.Forwarding
			field, append string
		}{
			{middleware.XForwardedFor, "x-forwarded-for", "203.0.113.9"},
			{middleware.Forwarded, "forwarded", `for="203.0.113.9:80";proto=https;host="example.org"`},
		} {
			for _, header := range []raxx.Header{
				{{Name: test.field, Value: sent}, {Name: test.field, Value: test.append}},
				{{Name: test.field, Value: sent + ", " + test.append}},
			} {
				req := raxx.Get("/")
				req.Header, req.Peer.Address = header, "10.0.0.1:1"
				c := middleware.ClientAddress{Trusted: clientAddressProxies, From: test.from}
				ip := middleware.ClientIP.Get(clientAddressSeen(c, req))
				if ip.IsValid() && ip.String() != "203.0.113.9" {
					t.Errorf("%v makes the client %v", header, ip)
				}
			}
		}
	})
}

func BenchmarkClientAddress(b *testing.B) {
	handler := middleware.ClientAddress{Trusted: clientAddressProxies, From: middleware.XForwardedFor}.Middleware()(stackTestHandler)
	req := raxx.Get("/").With("x-forwarded-for", "9.9.9.9, 203.0.113.9")
	req.Peer.Address = "10.0.0.1:1024"
	b.ReportAllocs()
	for b.Loop() {
		handler(req)
	}
}
