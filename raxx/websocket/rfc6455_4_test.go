package websocket

import (
	"errors"
	"fmt"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// upgrade answers req with an application that echoes.
func upgrade(req raxx.Request, config Config) raxx.Response {
	return Upgrade(req, config, raxx.NewMachine(struct{}{}, teller))
}

// switched is the response that opens a WebSocket, with more fields at its end.
func switched(config Config, agreed deflation, more ...raxx.Field) raxx.Response {
	return raxx.Response{
		Status: 101,
		Header: append(raxx.Header{
			{Name: "upgrade", Value: "websocket"},
			{Name: "sec-websocket-accept", Value: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
		}, more...),
		Body: socket(config, agreed, raxx.NewMachine(struct{}{}, teller)),
	}
}

// RFC 6455, Section 4: the requests that open a WebSocket.
func TestHandshake(t *testing.T) {
	get := Handshake("http://example.org/chat")
	protocol := func(value string) []raxx.Field { return []raxx.Field{{Name: "sec-websocket-protocol", Value: value}} }
	rows := []struct {
		name   string
		req    raxx.Request
		config Config
		want   []raxx.Field
	}{
		{"4.2.2 the key of the RFC", get, Config{}, nil},
		{"4.2.1 upgrade in other letters", get.With("upgrade", "WebSocket"), Config{}, nil},
		{"4.2.1 upgrade to something else as well", get.With("upgrade", "h2c, websocket"), Config{}, nil},
		{"4.2.1 upgrade in a second field", get.With("upgrade", "h2c").Add("upgrade", "websocket"), Config{}, nil},
		{"4.2.2 no subprotocol is asked for", get, Config{Protocols: []string{"a"}}, nil},
		{"4.2.2 the only subprotocol", get.With(fieldProtocol, "a"), Config{Protocols: []string{"a"}}, protocol("a")},
		{"4.2.2 the server's first subprotocol", get.With(fieldProtocol, "c, a, b"), Config{Protocols: []string{"b", "a"}}, protocol("b")},
		{"4.2.2 subprotocols in several fields", get.With(fieldProtocol, "c").Add(fieldProtocol, "a"), Config{Protocols: []string{"a"}}, protocol("a")},
		{"4.2.2 no subprotocol in common", get.With(fieldProtocol, "c, d"), Config{Protocols: []string{"a"}}, nil},
		{"4.2.2 a subprotocol in other letters is another", get.With(fieldProtocol, "A"), Config{Protocols: []string{"a"}}, nil},
		{"4.2.2 an extension that nobody knows", get.With(fieldExtensions, "x-webkit-deflate-frame"), Config{Compress: true}, nil},
		{"4.2.2 compression is off by default", get.With(fieldExtensions, "permessage-deflate"), Config{}, nil},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			diff(t, switched(r.config, deflation{}, r.want...), upgrade(r.req, r.config))
		})
	}
}

func TestHandshakeRefuses(t *testing.T) {
	get := Handshake("http://example.org/chat")
	required := upgradeRequired("there is nothing here but a WebSocket")
	oldVersion := upgradeRequired("the version of the WebSocket has to be 13 (RFC 6455, 4.4)").With(fieldVersion, "13")
	key := raxx.Problem(400, "Sec-WebSocket-Key is not 16 octets in base64 (RFC 6455, 4.2.1)")
	body := raxx.Problem(400, "a WebSocket is opened by a request without a body (RFC 6455, 4.1)")
	http10 := get
	http10.Peer.Protocol = "HTTP/1.0"
	post := get
	post.Method = "POST"
	rows := []struct {
		name string
		req  raxx.Request
		want raxx.Response
	}{
		{"4.2.1 no upgrade", get.Without("upgrade"), required},
		{"4.2.1 an upgrade to something else", get.With("upgrade", "h2c"), required},
		{"4.2.1 HTTP 1.0 has no upgrade", http10, required},
		{"4.2.1 another method", post, raxx.Problem(405, "a WebSocket is opened with GET (RFC 6455, 4.2.1)").With("allow", "GET")},
		{"4.4 no version", get.Without(fieldVersion), oldVersion},
		{"4.4 another version", get.With(fieldVersion, "8"), oldVersion},
		{"4.4 several versions", get.With(fieldVersion, "13, 8"), oldVersion},
		{"4.4 the version twice", get.Add(fieldVersion, "13"), oldVersion},
		{"4.2.1 no key", get.Without(fieldKey), key},
		{"4.2.1 an empty key", get.With(fieldKey, ""), key},
		{"4.2.1 a key that is too short", get.With(fieldKey, "dGhlIHNhbXBsZSBub25j"), key},
		{"4.2.1 a key that is too long", get.With(fieldKey, "dGhlIHNhbXBsZSBub25jZSEh"), key},
		{"4.2.1 a key that is not base64", get.With(fieldKey, "dGhlIHNhbXBsZSBub25j!Q=="), key},
		{"4.2.1 a key with something behind it", get.With(fieldKey, testKey+"!"), key},
		{"4.1 a body", get.WithBody(raxx.Data("x")), body},
		{"4.1 a body that has not come", get.WithBody(raxx.NewStream(-1, nil)), body},
		{"4.2.1 two keys", get.Add(fieldKey, testKey), key},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			diff(t, r.want, upgrade(r.req, Config{}))
		})
	}
}

// RFC 8441, Section 5: over HTTP/2 there is no key and no proof of it.
func TestHandshakeOverHTTP2(t *testing.T) {
	req := Handshake("https://example.org/chat").Without(fieldKey)
	req.Peer.Protocol = "HTTP/2.0"
	want := switched(Config{}, deflation{})
	want.Header = want.Header.Without(fieldAccept)
	diff(t, want, upgrade(req, Config{}))
	if got := upgrade(req.With(fieldVersion, "8"), Config{}); got.Status != 426 {
		t.Errorf("another version gets %d", got.Status)
	}
	if _, err := NewClient(req, want); err != nil {
		t.Error(err)
	}
}

// RFC 6455, Section 10.2: pages of others may not open a WebSocket.
func TestOrigins(t *testing.T) {
	rows := []struct {
		name    string
		target  string
		origin  string // "": there is none
		allowed []string
		want    bool
	}{
		{"10.2 a client that is no browser", "http://example.org/", "", nil, true},
		{"10.2 the same origin", "http://example.org/", "http://example.org", nil, true},
		{"10.2 the same origin with TLS", "https://example.org/", "https://example.org", nil, true},
		{"10.2 TLS ends at a proxy", "http://example.org/", "https://example.org", nil, true},
		{"10.2 a page that came without TLS", "https://example.org/", "http://example.org", nil, false},
		{"10.2 the same port", "http://localhost:8080/", "http://localhost:8080", nil, true},
		{"10.2 the default port", "https://example.org:443/", "https://example.org", nil, true},
		{"10.2 the default port without TLS", "http://example.org:80/", "http://example.org", nil, true},
		{"10.2 the port of the other scheme", "http://example.org:443/", "http://example.org", nil, false},
		{"10.2 another port", "http://localhost:8080/", "http://localhost:3000", nil, false},
		{"10.2 letters of either case", "http://example.org/", "http://EXAMPLE.org", nil, true},
		{"10.2 another host", "http://example.org/", "http://evil.example", nil, false},
		{"10.2 a host that ends alike", "http://example.org/", "http://evil-example.org", nil, false},
		{"10.2 a subdomain", "http://example.org/", "http://evil.example.org", nil, false},
		{"10.2 the origin null", "http://example.org/", "null", nil, false},
		{"10.2 an origin without a scheme", "http://example.org/", "example.org", nil, false},
		{"10.2 an origin of another scheme", "http://example.org/", "chrome-extension://example.org", nil, false},
		{"10.2 an origin without a host", "http://example.org/", "http://", nil, false},
		{"10.2 an origin that is allowed", "http://example.org/", "https://app.example", []string{"https://app.example"}, true},
		{"10.2 the second that is allowed", "http://example.org/", "https://b.example", []string{"https://a.example", "https://B.example"}, true},
		{"10.2 the origin null is allowed", "http://example.org/", "null", []string{"null"}, true},
		{"10.2 another scheme than is allowed", "http://example.org/", "http://app.example", []string{"https://app.example"}, false},
		{"10.2 any subdomain is allowed", "http://example.org/", "https://a.b.app.example", []string{"https://*.app.example"}, true},
		{"10.2 a subdomain is not the domain", "http://example.org/", "https://app.example", []string{"https://*.app.example"}, false},
		{"10.2 a port does not stand for a subdomain", "http://example.org/", "https://evil:1.app.example", []string{"https://*.app.example"}, false},
		{"10.2 an empty subdomain", "http://example.org/", "https://.app.example", []string{"https://*.app.example"}, false},
		{"10.2 a subdomain of another scheme", "http://example.org/", "http://a.app.example", []string{"https://*.app.example"}, false},
		{"10.2 any is allowed", "http://example.org/", "https://evil.example", []string{"*"}, true},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			req := Handshake(r.target)
			if r.origin != "" {
				req = req.With("origin", r.origin)
			}
			got := upgrade(req, Config{Origins: r.allowed})
			if r.want != (got.Status == 101) || !r.want && got.Status != 403 {
				t.Errorf("status %d", got.Status)
			}
		})
	}
	t.Run("10.2 neither host nor origin", func(t *testing.T) {
		req := Handshake("/").With("origin", "http://")
		req.Authority = ""
		if got := upgrade(req, Config{}); got.Status != 403 {
			t.Errorf("status %d", got.Status)
		}
	})
	t.Run("10.2 two origins", func(t *testing.T) {
		req := Handshake("http://example.org/").Add("origin", "http://example.org").Add("origin", "http://example.org")
		if got := upgrade(req, Config{}); got.Status != 403 {
			t.Errorf("status %d", got.Status)
		}
	})
}

// Origins that are in no list, and not that of the host, are for the application to
// decide on; but for those that no browser writes.
func TestAllowOrigin(t *testing.T) {
	down := errors.New("the database is down")
	rows := []struct {
		name, origin string
		asked        string // "": nobody was
		want         int
	}{
		{"10.2 an origin that the application allows", "https://a.org", "https://a.org", 101},
		{"10.2 the same in capitals", "HTTPS://A.org", "https://a.org", 101},
		{"10.2 an origin with a port", "https://a.org:8443", "https://a.org:8443", 403},
		{"10.2 an origin with an address", "http://[::1]:8080", "http://[::1]:8080", 403},
		{"10.2 an origin of an app", "app+x.1://a_b", "app+x.1://a_b", 403},
		{"10.2 another scheme than the application allows", "http://a.org", "http://a.org", 403},
		{"10.2 the application can't tell", "https://down.org", "https://down.org", 503},
		{"10.2 the application can't tell, and says what then", "https://blocked.org", "https://blocked.org", 451},
		{"10.2 no origin at all", "", "", 101},
		{"10.2 the host itself, without a question", "http://example.org", "", 101},
		{"10.2 an origin that is listed, without a question", "https://listed.org", "", 101},
		{"10.2 the origin null, without a question", "null", "", 403},
		{"10.2 a star", "*", "", 403},
		{"10.2 a path", "https://a.org/", "", 403},
		{"10.2 a user", "https://x@a.org", "", 403},
		{"10.2 the port of its scheme", "https://a.org:443", "", 403},
		{"10.2 the port of its scheme, without TLS", "http://a.org:80", "", 403},
		{"10.2 the port of the other scheme", "http://a.org:443", "http://a.org:443", 403},
		{"10.2 a port too long", "https://a.org:123456", "", 403},
		{"10.2 a port from nought", "https://a.org:080", "", 403},
		{"10.2 an empty port", "https://a.org:", "", 403},
		{"10.2 a port that is none", "https://a.org:x", "", 403},
		{"10.2 no host", "https://", "", 403},
		{"10.2 no scheme", "a.org", "", 403},
		{"10.2 an empty scheme", "://a.org", "", 403},
		{"10.2 a scheme of digits", "1s://a.org", "", 403},
		{"10.2 a scheme with a space", "ht tps://a.org", "", 403},
		{"10.2 an empty label", "https://a..org", "", 403},
		{"10.2 an empty first label", "https://.a.org", "", 403},
		{"10.2 half an address", "https://[::1", "", 403},
		{"10.2 an empty address", "https://[]", "", 403},
		{"10.2 an address that is none", "https://[::g]", "", 403},
		{"10.2 another script", "https://\u00e4.org", "", 403},
		{"10.2 a backslash", "https://a.org\\x", "", 403},
		{"10.2 two origins in one field", "https://a.org https://a.org", "", 403},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			req := Handshake("http://example.org/live")
			if r.origin != "" {
				req = req.With("origin", r.origin)
			}
			asked := ""
			got := upgrade(req, Config{Origins: []string{"https://listed.org"}, AllowOrigin: func(whole raxx.Request, origin string) (bool, error) {
				diff(t, req, whole)
				asked = origin
				switch origin {
				case "https://down.org":
					return true, down
				case "https://blocked.org":
					return true, fmt.Errorf("asked: %w", &raxx.Error{Status: 451})
				}
				return origin == "https://a.org", nil
			}})
			if got.Status != r.want || asked != r.asked {
				t.Errorf("status %d, asked for %q", got.Status, asked)
			}
			if r.want == 503 && !got.Cause.Equal(raxx.NewCause(down)) {
				t.Errorf("the cause is %v", got.Cause)
			}
		})
	}
	t.Run("10.2 two fields, without a question", func(t *testing.T) {
		req := Handshake("http://example.org/").Add("origin", "https://a.org").Add("origin", "https://a.org")
		if got := upgrade(req, Config{AllowOrigin: func(raxx.Request, string) (bool, error) { return true, nil }}); got.Status != 403 {
			t.Errorf("status %d", got.Status)
		}
	})
}
