package nethttp

import (
	"context"
	"net/http"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// restore returns the request of the call as r says it now, when middleware of
// net/http may have changed it. What has not been changed is as it was, so that
// the order of fields and the spelling of the path are kept. body is set if
// somebody has put another one in the place of the call's, or has read from that.
func (c *call) restore(r *http.Request) (req raxx.Request, body *requestBody) {
	req = c.req
	req.Method = r.Method
	req.Peer.Address = r.RemoteAddr
	req.Scheme = schemeOf(r.URL, req.Scheme)
	if r.Host != c.req.Authority {
		req.Authority = lowerHost(r.Host)
	}
	if r.URL.Path != c.target.Path || r.URL.RawPath != c.target.RawPath {
		req.Path = pathOf(r.URL)
	}
	if r.URL.RawQuery != c.target.RawQuery {
		req.Query = r.URL.RawQuery
	}
	if !c.hasFields(r.Header) {
		req.Header = c.changedFields(r.Header)
	}
	if r.Pattern != c.req.Pattern {
		req.Pattern, req.Params = r.Pattern, paramsOf(r)
	}
	if ctx := r.Context(); ctx != context.Context(&c.ctx) {
		req = req.WithContext(ctx)
	}
	if c.hasBody(r) {
		return req, nil
	}
	req.Body, req.Trailer = nil, nil
	if body = newRequestBody(r, c.lengthLeft(r)); c.body == nil && body.isEmpty() {
		return req, nil // somebody has put a reader around nothing
	}
	req.Body = body.body()
	return req, body
}

// hasBody reports whether r has the body of the call, and nobody has read any of
// it.
func (c *call) hasBody(r *http.Request) bool {
	if c.body == nil {
		return r.Body == nil || r.Body == http.NoBody
	}
	own, ok := r.Body.(*incoming)
	return ok && own == c.body && !own.begun.Load()
}

// lengthLeft returns the length of what is left of the body of r.
func (c *call) lengthLeft(r *http.Request) int64 {
	own, ok := r.Body.(*incoming)
	switch {
	case ok && own == c.body, r.ContentLength == 0: // somebody has read a part of it, or has not said
		return -1
	case r.ContentLength == raxx.Length(c.req.Body) && mayBeDecoded(r):
		return -1
	}
	return r.ContentLength
}

// hasFields reports whether h holds what the header of the call does.
func (c *call) hasFields(h http.Header) bool {
	n := 0
	for _, values := range h {
		n += len(values)
	}
	for i, f := range c.req.Header {
		if c.places[i].key == "Trailer" {
			continue
		}
		if v, ok := c.value(h, i); !ok || v != f.Value {
			return false
		}
		n--
	}
	return n == 0
}

// value returns the value in h of the field that is the ith of the call, and
// reports whether there is one.
func (c *call) value(h http.Header, i int) (string, bool) {
	p := c.places[i]
	values := h[p.key]
	if p.nth >= len(values) {
		return "", false
	}
	return values[p.nth], true
}

// changedFields returns the fields of h: first those that the call has, in its
// order, then what has come, sorted.
func (c *call) changedFields(h http.Header) raxx.Header {
	var fields raxx.Header
	taken := make(map[string]int)
	for i, f := range c.req.Header {
		if v, ok := c.value(h, i); ok {
			fields = append(fields, raxx.Field{Name: f.Name, Value: cleanValue(v)})
			taken[c.places[i].key]++
		} else if c.places[i].key == "Trailer" {
			fields = append(fields, f)
		}
	}
	more := make(http.Header)
	for key, values := range h {
		if n := taken[key]; n < len(values) {
			more[key] = values[n:]
		}
	}
	return append(fields, fieldsOf(more, isConnectionField)...)
}

// paramsOf returns the path values that the pattern of a router names: "{id}" and
// "{rest...}" of net/http, and what others make of that.
func paramsOf(r *http.Request) (params raxx.Params) {
	rest := r.Pattern
	for {
		_, after, ok := strings.Cut(rest, "{")
		if !ok {
			return params
		}
		name, behind, ok := strings.Cut(after, "}")
		if !ok {
			return params
		}
		rest = behind
		name, _, _ = strings.Cut(strings.TrimSuffix(name, "..."), ":")
		if name != "" && name != "$" {
			params = append(params, raxx.Param{Name: name, Value: r.PathValue(name)})
		}
	}
}
