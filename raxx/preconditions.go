package raxx

import (
	"slices"
	"time"
)

// Precondition evaluates the conditions of a request against the current
// version of what it asks for, in the order of RFC 9110, Section 13.2.2. It
// returns 0 to go on, 304 to tell the client that it has the current version,
// or 412 if the version is not the one that the client means to change. Call it
// before you change anything, and only where the reply would be 2xx (13.2.1).
//
// etag and modified are those of the current version; the zero value of either
// means that there is none. If both are zero, there is no current version: a PUT
// with "if-none-match: *" goes on, one with "if-match: *" does not. A malformed tag
// in the request matches nothing; a condition with a malformed date does not count.
func Precondition(r Request, etag ETag, modified time.Time) int {
	switch r.Method {
	case MethodConnect, MethodOptions, MethodTrace:
		return 0 // RFC 9110, Section 13.2.1: they select no version.
	}
	if !meant(r.Header, etag, modified) {
		return StatusPreconditionFailed
	}
	if !known(r, etag, modified) {
		return 0
	}
	if r.Method == MethodGet || r.Method == MethodHead {
		return StatusNotModified
	}
	return StatusPreconditionFailed
}

// meant evaluates steps 1 and 2: whether the version is the one that the client
// knows, or it does not care.
func meant(h Header, etag ETag, modified time.Time) bool {
	if h.Has("if-match") {
		return matches(h, "if-match", etag, modified, ETag.StrongMatch)
	}
	since, ok := dateField(h, "if-unmodified-since")
	return !ok || modified.IsZero() || !isAfter(modified, since)
}

// known evaluates steps 3 and 4: whether the client has the version already.
func known(r Request, etag ETag, modified time.Time) bool {
	if r.Header.Has("if-none-match") {
		return matches(r.Header, "if-none-match", etag, modified, ETag.WeakMatch)
	}
	if r.Method != MethodGet && r.Method != MethodHead {
		return false // RFC 9110, Section 13.1.3
	}
	since, ok := dateField(r.Header, "if-modified-since")
	return ok && !modified.IsZero() && !isAfter(modified, since)
}

// matches reports whether one of the tags in the fields called name is etag, or
// there is a "*" and a version.
func matches(h Header, name string, etag ETag, modified time.Time, same func(ETag, ETag) bool) bool {
	list, all := ETags(h, name)
	none := etag == ETag{}
	if all {
		return !none || !modified.IsZero()
	}
	return !none && slices.ContainsFunc(list, func(e ETag) bool { return same(e, etag) })
}

// isAfter compares in whole seconds, which is all that a field can say.
func isAfter(modified, date time.Time) bool { return modified.Truncate(time.Second).After(date) }

// dateField returns the date in the one field called name.
func dateField(h Header, name string) (time.Time, bool) {
	value, ok := single(h, name)
	if !ok {
		return time.Time{}, false
	}
	t, err := ParseDate(value)
	return t, err == nil
}

// Conditional returns what to send in place of resp, the response to a GET or HEAD:
// a 304 or a 412 if the conditions of the request ask for it, by the etag and
// last-modified fields of resp. The effects of resp stay. A response of another
// status than 200, or with neither of the two fields, stays as it is, and so does
// one to another method.
func Conditional(r Request, resp Response) Response {
	if r.Method != MethodGet && r.Method != MethodHead || resp.Status != StatusOK {
		return resp
	}
	etag, modified := resp.etag(), resp.modified()
	if etag == (ETag{}) && modified.IsZero() {
		return resp
	}
	switch Precondition(r, etag, modified) {
	case StatusNotModified:
		return notModified(resp)
	case StatusPreconditionFailed:
		return Problem(StatusPreconditionFailed, "").WithDo(resp.Do...)
	}
	return resp
}

// notModified makes a 304 of resp: without the body and the fields that
// describe it (RFC 9110, Section 15.4.5).
func notModified(resp Response) Response {
	resp.Status, resp.Body, resp.Trailer = StatusNotModified, nil, nil
	for _, name := range []string{
		"content-type", "content-length", "content-encoding", "content-language", "content-range", "content-digest",
	} {
		resp.Header = resp.Header.Without(name)
	}
	return resp
}

// etag returns the entity tag of the response, or the zero ETag.
func (r Response) etag() ETag {
	e, _ := ParseETag(r.Header.Get("etag"))
	return e
}

// modified returns when what the response shows was changed, or the zero time.
func (r Response) modified() time.Time {
	t, _ := dateField(r.Header, "last-modified")
	return t
}
