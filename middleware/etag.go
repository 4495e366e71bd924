package middleware

import (
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// ETag gives complete replies an entity tag, and answers conditional requests: a
// client that has the current version gets a 304 in place of it, and one that asks
// for another version by if-match a 412 (RFC 9110, Section 13). The zero ETag is
// ready for use.
//
// It belongs outside of handlers, and of [CacheControl], whose field a 304 has
// to have, too; and inside of compression, which makes tags of variants out of
// the one that it sees.
//
// It looks at replies to GET and HEAD with status 200 only. What it does for
// each kind:
//
//   - complete: if it has no etag field, one is made of a hash of its content. None
//     is made if the content is empty or longer than MaxSize, or if the tag would
//     be of no use (cache-control: no-store). A page with the token of a form, or
//     with a nonce, differs each time, and so does its tag.
//   - [raxx.File], [raxx.Stream]: the handler's own etag or last-modified field
//     is used if there is one. A stream that becomes a 304 is never pulled.
//   - [raxx.Machine], deferred or not, and whatever has another status: nothing.
//
// It needs no memory between requests. It saves sending the content, not computing
// it: to save that, let the handler call [raxx.Precondition] first.
type ETag struct {
	// Weak makes weak tags: for replies that a proxy compresses, which must not
	// leave a strong tag as it is.
	Weak bool
	// MaxSize is how many bytes of content are hashed at the most; longer content
	// gets no tag. If zero, 1 MiB. If negative, there is no limit.
	MaxSize int
}

// defaultETagSize is what can be hashed in less than a millisecond.
const defaultETagSize = 1 << 20

// Middleware returns the middleware.
func (e ETag) Middleware() raxx.Middleware {
	if e.MaxSize == 0 {
		e.MaxSize = defaultETagSize
	}
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			resp := next(req)
			if resp.Status != raxx.StatusOK || req.Method != raxx.MethodGet && req.Method != raxx.MethodHead {
				return resp
			}
			return e.answer(&req, resp)
		}
	}
}

// answer returns what to send in place of resp, which may have a tag.
func (e *ETag) answer(req *raxx.Request, resp raxx.Response) raxx.Response {
	switch body := resp.Body.(type) {
	case raxx.Machine:
		return resp
	case raxx.Data:
		if (e.MaxSize < 0 || len(body) <= e.MaxSize) && !resp.Header.Has("etag") && !isUnstored(resp.Header) {
			tag := raxx.StrongETag(body)
			tag.Weak = e.Weak
			resp = resp.Add("etag", tag.String())
		}
	}
	if !isConditional(req.Header) {
		return resp
	}
	return raxx.Conditional(*req, resp)
}

// isConditional reports whether there is a precondition (RFC 9110, Section
// 13.1).
func isConditional(h raxx.Header) bool {
	for i := range h {
		switch h[i].Name {
		case "if-none-match", "if-modified-since", "if-match", "if-unmodified-since":
			return true
		}
	}
	return false
}

// isUnstored reports whether nobody may keep the reply.
func isUnstored(h raxx.Header) bool {
	if !h.Has("cache-control") {
		return false
	}
	for directive := range h.Elements("cache-control") {
		if strings.EqualFold(directive, "no-store") {
			return true
		}
	}
	return false
}
