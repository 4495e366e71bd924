package nethttp

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// newRequest returns the request of the call as net/http would have made it.
func (c *call) newRequest() (*http.Request, error) {
	req := &c.req
	target, err := url.ParseRequestURI(req.Target())
	if err != nil {
		return nil, err
	}
	c.target = *target
	r := new(http.Request).WithContext(&c.ctx)
	r.Method, r.URL = req.Method, target
	r.Host, r.RemoteAddr, r.RequestURI = req.Authority, req.Peer.Address, req.Target()
	r.Proto, r.ProtoMajor, r.ProtoMinor = version(req.Peer.Protocol)
	r.TLS = tlsState(req.Peer.TLS)
	r.Pattern = req.Pattern
	for _, p := range req.Params {
		r.SetPathValue(p.Name, p.Value)
	}
	c.setHeader(r)
	c.setBody(r)
	return r, nil
}

// version returns the version of HTTP that a connection speaks, which is 1.1 if
// nobody has said.
func version(protocol string) (name string, major, minor int) {
	if major, minor, ok := http.ParseHTTPVersion(protocol); ok {
		return protocol, major, minor
	}
	return "HTTP/1.1", 1, 1
}

// A place is where a field stands in an http.Header.
type place struct {
	key string
	nth int // among the values of key
}

// setHeader gives r a header with the fields of the request, but for the one that
// tells of a trailer, which net/http keeps elsewhere.
func (c *call) setHeader(r *http.Request) {
	fields := c.req.Header
	r.Header = make(http.Header, len(fields))
	c.places = make([]place, len(fields))
	values := make([]string, len(fields))
	trailers := 0
	for i, f := range fields {
		key := http.CanonicalHeaderKey(f.Name)
		c.places[i], values[i] = place{key, len(r.Header[key])}, f.Value
		switch {
		case key == "Trailer":
			c.places[i].nth = trailers
			trailers++
			declareTrailers(r, f.Value)
		case r.Header[key] == nil:
			r.Header[key] = values[i : i+1 : i+1]
		default:
			r.Header[key] = append(r.Header[key], f.Value)
		}
	}
}

// declareTrailers makes a trailer without values, to be filled in at the end of
// the body.
func declareTrailers(r *http.Request, list string) {
	if r.Trailer == nil {
		r.Trailer = make(http.Header)
	}
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); raxx.IsToken(name) {
			r.Trailer[http.CanonicalHeaderKey(name)] = nil
		}
	}
}

// setBody gives r the body of the request.
func (c *call) setBody(r *http.Request) {
	r.Body = http.NoBody
	body, streamed := c.req.Body.(raxx.Stream)
	if r.Trailer == nil && (body.HasTrailer() || !streamed && len(c.req.Trailer) > 0) {
		r.Trailer = make(http.Header)
	}
	switch {
	case streamed && body.Length < 0 && r.ProtoMajor == 1:
		r.TransferEncoding = []string{"chunked"}
	case !streamed:
		setFields(r.Trailer, c.req.Trailer)
		if c.req.Body == nil || c.req.Body == raxx.Data("") {
			return
		}
	}
	c.body = &incoming{content: c.req.Body, trailer: r.Trailer, handled: true}
	r.Body, r.ContentLength = c.body, raxx.Length(c.req.Body)
}
