package compress

import (
	"slices"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// mark stands between a strong tag and the coding of the variant.
const mark = "~"

// outward returns the tag of a variant: weak, since the same content does not
// always become the same bytes (RFC 9110, Section 8.8.1), and with the coding,
// if the content has a strong tag to come back to.
func outward(e raxx.ETag, coding string) raxx.ETag {
	if e.Weak {
		return e
	}
	return raxx.ETag{Weak: true, Tag: e.Tag + mark + coding}
}

// original returns the tag that outward made e of.
func original(e raxx.ETag) (raxx.ETag, bool) {
	end := strings.LastIndex(e.Tag, mark)
	if !e.Weak || end < 0 {
		return e, false
	}
	if !slices.Contains(codings[:], codingOf(e)) {
		return e, false
	}
	return raxx.ETag{Tag: e.Tag[:end]}, true
}

// inward returns the request with the tags of variants replaced by those of
// what they are variants of, and the tags of variants that the client holds and
// takes.
func inward(req raxx.Request) (own raxx.Request, held []raxx.ETag) {
	for i := range req.Header {
		f := &req.Header[i]
		if (f.Name == "if-none-match" || f.Name == "if-match") && strings.Contains(f.Value, mark) {
			taken := takes(&req)
			req.Header, held = replaced(req.Header, "if-none-match", func(variant raxx.ETag) bool { return slices.Contains(taken, codingOf(variant)) })
			req.Header, _ = replaced(req.Header, "if-match", func(raxx.ETag) bool { return true })
			break
		}
	}
	return req, held
}

// takes returns the codings of variants whose tags a 304 may have. A cache asks
// with all that it holds, and would hand the one of the 304 to a client that can't
// decode it (RFC 9110, Section 15.4.5; RFC 9111, Section 4.1).
func takes(req *raxx.Request) []string {
	if req.Method != raxx.MethodGet && req.Method != raxx.MethodHead {
		return codings[:]
	}
	var taken []string
	for _, coding := range codings {
		if raxx.AcceptsEncoding(*req, coding) != "" {
			taken = append(taken, coding)
		}
	}
	return taken
}

// codingOf returns the coding that the tag of a variant names.
func codingOf(variant raxx.ETag) string {
	return variant.Tag[strings.LastIndex(variant.Tag, mark)+len(mark):]
}

// replaced returns the header with the tags in the fields called name replaced
// if they may be, and those that were. If there are none, it is the header as it
// was.
func replaced(h raxx.Header, name string, may func(variant raxx.ETag) bool) (raxx.Header, []raxx.ETag) {
	tags, all := raxx.ETags(h, name)
	var variants []raxx.ETag
	members := make([]string, 0, len(tags))
	for _, tag := range tags {
		if plain, ok := original(tag); ok && may(tag) {
			variants = append(variants, tag)
			tag = plain
		}
		members = append(members, tag.String())
	}
	if len(variants) == 0 || all {
		return h, nil
	}
	return h.With(name, strings.Join(members, ", ")), variants
}
