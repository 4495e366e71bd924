package compress

import (
	"strconv"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// A client is what has to be known of a request to answer it.
type client struct {
	method   string
	coding   string      // for content that is there, or is pulled
	machine  string      // for a machine
	variants []raxx.ETag // that it holds already
}

// client reads the request. It is called only where something can be
// compressed.
func (c *compressor) client(req *raxx.Request, held []raxx.ETag) client {
	cl := client{req.Method, "identity", "identity", held}
	if !c.crossSite && isForged(req) {
		return cl
	}
	if coding := raxx.AcceptsEncoding(*req, c.offers...); coding != "" {
		cl.coding, cl.machine = coding, coding
	}
	if cl.coding != "identity" && cl.coding != "gzip" {
		cl.machine = raxx.AcceptsEncoding(*req, c.machines...)
	}
	return cl
}

// isForged reports whether another site has made a browser send this request
// with what tells who its user is. Credentials that a program sets, such as a
// bearer token, are none that another site can borrow.
func isForged(req *raxx.Request) bool {
	if req.Header.Get("sec-fetch-site") != "cross-site" {
		return false
	}
	scheme, _, _ := strings.Cut(req.Header.Get("authorization"), " ")
	return req.Header.Has("cookie") || scheme != "" && !strings.EqualFold(scheme, "bearer")
}

// respond returns what to send in place of resp.
func (c *compressor) respond(req *raxx.Request, held []raxx.ETag, resp raxx.Response) raxx.Response {
	m, isMachine := resp.Body.(raxx.Machine)
	switch {
	case isMachine && resp.Status == 0:
		resp.Body = raxx.NewMachine(machine{c: c, client: c.client(req, held), inner: m, phase: waits}, machine.step)
	case resp.Status == raxx.StatusNotModified:
		return notModified(held, resp)
	default:
		var ok bool
		if resp, ok = c.candidate(req.Method, resp, length(req.Method, resp)); ok {
			resp = c.encode(c.client(req, held), resp)
		}
	}
	return resp
}

// length returns how long the content is, by the body or by what the head says
// of it, or -1. A handler may leave the content out in reply to HEAD.
func length(method string, resp raxx.Response) int64 {
	if resp.Body == nil && method == raxx.MethodHead {
		return max(declared(resp), 0)
	}
	if n := raxx.Length(resp.Body); n >= 0 {
		return n
	}
	return declared(resp)
}

// declared returns the length that the head promises, or -1.
func declared(resp raxx.Response) int64 {
	n, err := strconv.ParseInt(resp.Header.Get("content-length"), 10, 64)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// encode returns resp, which is a candidate, in the coding that the client
// likes.
func (c *compressor) encode(cl client, resp raxx.Response) raxx.Response {
	promised, size := declared(resp), raxx.Length(resp.Body)
	if promised >= 0 && size >= 0 && promised != size && resp.Body != nil {
		return resp // the server refuses it
	}
	switch body := resp.Body.(type) {
	case nil: // see length
		if cl.coding != "identity" {
			return labelled(resp, cl.coding)
		}
	case raxx.Data:
		if cl.coding == "identity" {
			return resp
		}
		if coded := c.data(cl.coding, body); coded != "" {
			resp.Body = coded
			return labelled(resp, cl.coding)
		}
	case raxx.File, raxx.Stream:
		// How many are open is looked up before one more is, so it may be
		// passed by as many as begin at once.
		if cl.coding == "identity" || c.streams >= 0 && c.open.Load() >= c.streams {
			return resp
		}
		if f, ok := body.(raxx.File); ok && !opens(f) {
			return resp
		}
		resp.Body = c.stream(cl.coding, body, max(promised, size))
		return labelled(resp, cl.coding)
	case raxx.Machine:
		if cl.machine == "gzip" {
			resp.Body = raxx.NewMachine(machine{c: c, inner: body, phase: codes, left: left(cl.method, promised)}, machine.step)
			return labelled(resp, "gzip")
		}
	}
	return resp
}

// candidate reports whether resp, whose content has this length (-1: unknown),
// may be compressed, by everything but what the client likes. It returns resp
// with what it has to say to caches, and without the mark of [Secret].
func (c *compressor) candidate(method string, resp raxx.Response, length int64) (raxx.Response, bool) {
	worth, coded, fixed := false, false, false
	for i := range resp.Header {
		switch f := &resp.Header[i]; f.Name {
		case "content-type":
			worth = worth || c.types(f.Value) || isOfParts(resp.Status, f.Value)
		case "content-encoding":
			coded = true
		case "content-range":
			if length = 0; resp.Status == raxx.StatusPartialContent {
				length = wholeLength(f.Value)
			}
		case "content-md5", "content-digest", "repr-digest", "digest":
			// What was computed for this content would be wrong for another.
			fixed = true
		case "cache-control":
			fixed = fixed || hasMember(resp.Header[i:i+1], "cache-control", "no-transform")
		}
	}
	switch {
	case coded:
		return withoutMark(resp), false
	case !worth, fixed, length == 0, length > 0 && length < c.minSize:
		return resp, false
	case resp.Status == raxx.StatusPartialContent:
		// RFC 9110, Section 15.3.7: what the whole says to caches, a part does.
		return varied(resp), false
	case !mayHaveContent(method, resp.Status):
		return resp, false
	}
	return varied(resp), true
}

// wholeLength returns how long the whole is that a content-range field tells of, or
// -1 (RFC 9110, Section 14.4).
func wholeLength(contentRange string) int64 {
	n, err := strconv.ParseInt(contentRange[strings.LastIndexByte(contentRange, '/')+1:], 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// isOfParts reports whether content is several parts of something, of which the
// type is not told here.
func isOfParts(status int, contentType string) bool {
	return status == raxx.StatusPartialContent && strings.HasPrefix(contentType, "multipart/byteranges")
}

// mayHaveContent reports whether the status is one of a whole reply with
// content. Behind a 101, and in a tunnel, there is none (RFC 9110, Sections
// 9.3.6 and 15.2.2).
func mayHaveContent(method string, status int) bool {
	switch status {
	case 204, 205, 206, 304:
		return false
	}
	return status >= 200 && method != raxx.MethodConnect
}

// labelled returns resp with the fields of content in a coding.
func labelled(resp raxx.Response, coding string) raxx.Response {
	h := make(raxx.Header, 0, len(resp.Header)+1)
	for _, f := range resp.Header {
		switch f.Name {
		case "content-length", "accept-ranges":
			continue
		case "etag":
			if e, err := raxx.ParseETag(f.Value); err == nil {
				f.Value = outward(e, coding).String()
			}
		}
		h = append(h, f)
	}
	resp.Header = append(h, raxx.Field{Name: "content-encoding", Value: coding})
	return resp
}

// notModified gives a 304 the tag and the vary that the client got with the
// content that it has (RFC 9110, Section 15.4.5). Without them a cache would not
// find what to refresh.
func notModified(held []raxx.ETag, resp raxx.Response) raxx.Response {
	resp = varied(withoutMark(resp))
	tag, err := raxx.ParseETag(resp.Header.Get("etag"))
	if err != nil {
		return resp
	}
	for _, variant := range held {
		if plain, _ := original(variant); plain == tag {
			return resp.With("etag", variant.String())
		}
	}
	return resp
}

// varied returns resp with "accept-encoding" in its vary.
func varied(resp raxx.Response) raxx.Response {
	if hasMember(resp.Header, "vary", "accept-encoding") || hasMember(resp.Header, "vary", "*") {
		return resp
	}
	return resp.Add("vary", "accept-encoding")
}

// hasMember reports whether the list field called name has the member, in
// letters of either case.
func hasMember(h raxx.Header, name, member string) bool {
	if !h.Has(name) {
		return false
	}
	for m := range h.Elements(name) {
		if strings.EqualFold(m, member) {
			return true
		}
	}
	return false
}
