package tracing

import (
	"net/netip"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
)

// other is how the conventions call a method that is not known.
const other = "_OTHER"

// method returns the name of a method for attributes.
func (t *tracer) method(name string) string {
	if known, ok := t.methods[name]; ok {
		return known // which is not a piece of the request's head
	}
	return other
}

// scheme returns the name of a scheme for attributes: a server knows two.
func scheme(name string) string {
	switch name {
	case "http":
		return "http"
	case "https":
		return "https"
	}
	return other
}

// protocolVersion returns the version of HTTP as the conventions write it; "" for one
// that nobody knows.
func protocolVersion(protocol string) string {
	switch protocol {
	case "HTTP/1.0":
		return "1.0"
	case "HTTP/1.1":
		return "1.1"
	case "HTTP/2.0":
		return "2"
	case "HTTP/3.0":
		return "3"
	}
	return ""
}

// spanName is the name of the span of an exchange.
func (s *series) spanName() string {
	name := s.method
	if name == other {
		name = "HTTP"
	}
	if s.route == "" {
		return name
	}
	return name + " " + s.route
}

// attributes returns what is known of a request. A sampler may decide by it.
func (t *tracer) attributes(req *raxx.Request, of *series) []attribute.KeyValue {
	host := strings.TrimSuffix(strings.TrimPrefix(req.Host(), "["), "]")
	query := ""
	if t.Query {
		query = redact(req.Query, t.Secret)
	}
	text := [...]string{clip(req.Method), clip(req.Path), clip(query), clip(host), clip(req.Header.Get("user-agent"))}
	own(text[:])
	attrs := make([]attribute.KeyValue, 0, 12)
	add := func(key attribute.Key, value string) {
		if value != "" {
			attrs = append(attrs, key.String(value))
		}
	}
	add(semconv.HTTPRequestMethodKey, of.method)
	if of.method == other {
		add(semconv.HTTPRequestMethodOriginalKey, text[0])
	}
	add(semconv.HTTPRouteKey, of.route)
	add(semconv.URLSchemeKey, of.scheme)
	add(semconv.URLPathKey, text[1])
	add(semconv.URLQueryKey, text[2])
	if add(semconv.ServerAddressKey, text[3]); host != "" {
		if port, err := strconv.ParseUint(req.Port(), 10, 16); err == nil {
			attrs = append(attrs, semconv.ServerPort(int(port)))
		}
	}
	peer, port := splitAddress(req.Peer.Address)
	add(semconv.NetworkPeerAddressKey, peer)
	if port != 0 {
		attrs = append(attrs, semconv.NetworkPeerPort(port))
	}
	if ip, known := middleware.ClientIP.Lookup(*req); !known {
		add(semconv.ClientAddressKey, peer)
	} else if ip.IsValid() {
		add(semconv.ClientAddressKey, ip.String())
	}
	add(semconv.NetworkProtocolVersionKey, of.version)
	add(semconv.UserAgentOriginalKey, text[4])
	return attrs
}

// splitAddress returns the two parts of a peer's address; a port of 0 if it has none.
func splitAddress(address string) (host string, port int) {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return clip(address), 0
	}
	return ap.Addr().Unmap().String(), int(ap.Port())
}

// maxText bounds what a client's text takes of a span.
const maxText = 512

// clip returns the beginning of s in valid UTF-8: of anything else, an exporter drops
// all spans that it was about to send with this one.
func clip(s string) string {
	s = strings.ToValidUTF8(s[:min(len(s), maxText)], "\uFFFD")
	if len(s) > maxText { // what stands for a byte is three
		s = strings.ToValidUTF8(s[:maxText], "")
	}
	return s
}

// own puts texts into memory of their own: a text of a request is a piece of its whole
// head, and a span may last for hours.
func own(texts []string) {
	all := strings.Join(texts, "")
	for i, text := range texts {
		texts[i], all = all[:len(text)], all[len(text):]
	}
}

// redact returns a query in which the values of secret names are replaced. A name that
// is escaped counts as secret, since it could be one in disguise.
func redact(query string, secret func(string) bool) string {
	if len(query) > 8*maxText {
		query = query[:8*maxText] // the rest would be cut off anyway
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		if value != "" && (secret(name) || strings.Contains(name, "%")) {
			pairs[i] = name + "=REDACTED"
		}
	}
	return strings.Join(pairs, "&")
}

// A carrier is the fields of a request for a propagator.
type carrier raxx.Header

// Get returns the value of a field. One that was sent in several lines is one list, as
// tracestate is; of traceparent, which is none, nothing is believed then.
func (c carrier) Get(key string) string {
	value, n := "", 0
	for _, f := range c {
		if strings.EqualFold(f.Name, key) {
			if n++; n > 1 {
				return strings.Join(c.Values(key), ",")
			}
			value = f.Value
		}
	}
	return strings.Clone(value)
}

// Values returns the value of each line of a field.
func (c carrier) Values(key string) (values []string) {
	for _, f := range c {
		if strings.EqualFold(f.Name, key) {
			values = append(values, strings.Clone(f.Value))
		}
	}
	return values
}

// Keys returns the names of all fields.
func (c carrier) Keys() []string {
	names := make([]string, len(c))
	for i, f := range c {
		names[i] = f.Name
	}
	return names
}

// Set does nothing: a request is a value.
func (c carrier) Set(string, string) {}
