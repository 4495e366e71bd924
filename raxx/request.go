package raxx

import (
	"context"
	"strings"
)

// A Request is what a client asks for. It is a value: copy it, change the copy,
// keep it for as long as you like. The With methods return a changed copy.
type Request struct {
	// Method is the method's name, in the case in which it was sent: methods
	// are case-sensitive (RFC 9110, Section 9.1).
	Method string
	// Scheme is "http" or "https", by the connection that the request came on.
	Scheme string
	// Authority is the host, and the port if it was given, that the client believes
	// it is talking to, in lower case: the Host field or the authority of an
	// absolute target over HTTP/1.1, and :authority over HTTP/2.
	Authority string
	// Path is the path as it was sent, still escaped; see [Request.Segments].
	// It begins with "/", but for OPTIONS of the whole server, where it is "*",
	// and for CONNECT, where it is empty.
	Path string
	// Query is what stood behind the "?", still escaped; see [Request.Values].
	Query string
	// Header holds the fields in the order in which they came. There is no Host
	// field: it is in Authority. Connection, keep-alive, proxy-connection and
	// transfer-encoding are taken out, since they concern the connection only, and
	// so is an upgrade that connection does not name (RFC 9110, Section 7.8). Only
	// a connection field that names other fields stays: whoever passes the request
	// on has to leave those out (Section 7.6.1).
	Header Header
	// Body is nil if there is none. A server hands it over as a [Stream];
	// behind [Complete], which a router puts around its routes, it is [Data].
	Body Body
	// Trailer holds the fields that came behind a body that has been completed.
	Trailer Header
	// Pattern is the route that a router chose, such as "/users/:id".
	Pattern string
	// Params are the parts of the path that the pattern names.
	Params Params
	// Peer says where the request comes from.
	Peer Peer
	// Scope holds the context of the exchange and the values of middleware.
	Scope Scope
}

// New returns a request for target, which is a path with or without a query
// ("/users?page=2"), or an absolute URI ("https://example.org/users"). Without
// one, the scheme is "http" and the authority "localhost". It is for tests and
// for clients.
func New(method, target string, body Body) Request {
	target, _, _ = strings.Cut(target, "#")
	r := Request{Method: method, Scheme: "http", Authority: "localhost", Body: withoutEmpty(body)}
	if scheme, rest, ok := strings.Cut(target, "://"); ok && !strings.ContainsAny(scheme, "/?") {
		r.Scheme = strings.ToLower(scheme)
		end := strings.IndexAny(rest, "/?")
		if end < 0 {
			end = len(rest)
		}
		r.Authority, target = strings.ToLower(rest[:end]), rest[end:]
	}
	r.Path, r.Query, _ = strings.Cut(target, "?")
	if r.Path == "" {
		r.Path = "/"
	}
	return r
}

// Get returns a GET request for target; see [New].
func Get(target string) Request { return New("GET", target, nil) }

// Head returns a HEAD request for target; see [New].
func Head(target string) Request { return New("HEAD", target, nil) }

// Delete returns a DELETE request for target; see [New].
func Delete(target string) Request { return New("DELETE", target, nil) }

// Post returns a POST request with a body of the given media type, if it has one; see
// [New].
func Post(target, contentType string, body Body) Request {
	return newTyped("POST", target, contentType, body)
}

// Put returns a PUT request with a body of the given media type, if it has one; see
// [New].
func Put(target, contentType string, body Body) Request {
	return newTyped("PUT", target, contentType, body)
}

// Patch returns a PATCH request with a body of the given media type, if it has one; see
// [New].
func Patch(target, contentType string, body Body) Request {
	return newTyped("PATCH", target, contentType, body)
}

// newTyped is New for a body of a media type. An empty one is none.
func newTyped(method, target, contentType string, body Body) Request {
	r := New(method, target, body)
	if contentType != "" {
		r = r.With("content-type", contentType)
	}
	return r
}

// With returns the request with the field name set to value; see [Header.With].
func (r Request) With(name, value string) Request {
	r.Header = r.Header.With(name, value)
	return r
}

// Add returns the request with one more field; see [Header.Add].
func (r Request) Add(name, value string) Request {
	r.Header = r.Header.Add(name, value)
	return r
}

// Without returns the request without the fields called name.
func (r Request) Without(name string) Request {
	r.Header = r.Header.Without(name)
	return r
}

// WithBody returns the request with another body.
func (r Request) WithBody(body Body) Request {
	r.Body = withoutEmpty(body)
	return r
}

// WithParams returns the request with these path parameters: what a router
// does, for tests of handlers that stand behind one.
func (r Request) WithParams(params ...Param) Request {
	r.Params = append(Params(nil), params...)
	return r
}

// WithContext returns the request with ctx as its context. The values that
// middleware set stay.
func (r Request) WithContext(ctx context.Context) Request {
	r.Scope.source, r.Scope.id = fixedContext{ctx, r.Scope}, 0
	return r
}

// Context returns a context that ends when the client has gone away or the
// exchange is over. Asking for it is what makes a server watch the connection,
// so a handler that does not ask does not pay. It may be called from any
// goroutine, also after the handler has returned.
//
// Over HTTP/1.1 the end of a connection comes behind the body of the request: that
// a client has gone away while it was sending a long one is noticed only when the
// body is read.
func (r Request) Context() context.Context { return r.Scope.Context() }

// Target returns path and query, as they were sent; of an empty query the question
// mark is left out.
func (r Request) Target() string {
	if r.Query == "" {
		return r.Path
	}
	return r.Path + "?" + r.Query
}

// URL returns the absolute URI of the request. That of a whole server, whose
// path is "*", has none (RFC 9112, Section 3.2.4).
func (r Request) URL() string {
	if r.Path == "*" {
		return r.Scheme + "://" + r.Authority
	}
	return r.Scheme + "://" + r.Authority + r.Target()
}

// Host returns the authority without its port. An IPv6 address stays in
// brackets.
func (r Request) Host() string {
	host, _ := splitPort(r.Authority)
	return host
}

// Port returns the port of the authority, or that of the scheme: "80" or "443".
func (r Request) Port() string {
	if _, port := splitPort(r.Authority); port != "" {
		return port
	}
	if r.Scheme == "https" {
		return "443"
	}
	return "80"
}

// splitPort splits an authority at the colon that begins the port, which is not
// one of those within the brackets of an IPv6 address.
func splitPort(authority string) (host, port string) {
	colon := strings.LastIndexByte(authority, ':')
	if colon < 0 || colon < strings.LastIndexByte(authority, ']') {
		return authority, ""
	}
	return authority[:colon], authority[colon+1:]
}
