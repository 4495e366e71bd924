package raxx

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"unsafe"
)

// An ETag names one version of what a request asks for (RFC 9110, Section
// 8.8.3). A weak one stays the same while the meaning does; a strong one
// changes with every byte. The zero ETag stands for none.
type ETag struct {
	Weak bool
	Tag  string // without the quotes: visible ASCII but for quotes, or over 127
}

// StrongETag returns a strong entity tag for data: 128 bits of its SHA-256.
func StrongETag(data Data) ETag {
	// A string's bytes, which nobody may write to: a hash only reads.
	sum := sha256.Sum256(unsafe.Slice(unsafe.StringData(string(data)), len(data)))
	return ETag{Tag: base64.RawURLEncoding.EncodeToString(sum[:16])}
}

// ParseETag reads the value of an etag field. The error is an [*Error] of
// status 400.
func ParseETag(s string) (ETag, error) {
	e, rest, ok := cutETag(s)
	if !ok || rest != "" {
		return ETag{}, &Error{Status: StatusBadRequest, Detail: fmt.Sprintf("%q is no entity tag (RFC 9110, 8.8.3)", clip(s))}
	}
	return e, nil
}

// ETags returns the entity tags in the fields called name, if-match or
// if-none-match, and reports with all whether one of the fields is "*" (RFC 9110,
// Sections 13.1.1 and 13.1.2). Behind a member that is malformed the rest of its
// field is not read.
func ETags(h Header, name string) (list []ETag, all bool) {
	for field := range h.Values(name) {
		all = all || trimOWS(field) == "*"
		for field != "" {
			e, rest, ok := cutETag(strings.TrimLeft(field, ", \t"))
			rest = strings.TrimLeft(rest, " \t")
			if !ok || rest != "" && rest[0] != ',' {
				break
			}
			list = append(list, e)
			field = rest
		}
	}
	return list, all
}

// cutETag reads the entity tag that s begins with.
func cutETag(s string) (e ETag, rest string, ok bool) {
	s, e.Weak = strings.CutPrefix(s, "W/")
	s, ok = strings.CutPrefix(s, `"`)
	end := strings.IndexByte(s, '"')
	if !ok || end < 0 {
		return ETag{}, "", false
	}
	e.Tag = s[:end]
	for i := range end {
		if c := s[i]; c <= ' ' || c == 0x7f {
			return ETag{}, "", false
		}
	}
	return e, s[end+1:], true
}

// String returns the tag as it stands in a field: in quotes, with W/ in front
// if it is weak.
func (e ETag) String() string {
	if e.Weak {
		return `W/"` + e.Tag + `"`
	}
	return `"` + e.Tag + `"`
}

// StrongMatch reports whether both are strong and the same (RFC 9110, Section
// 8.8.3.2): what a change or a part of a body needs.
func (e ETag) StrongMatch(f ETag) bool { return e == f && !e.Weak }

// WeakMatch reports whether both are the same but for being weak (RFC 9110,
// Section 8.8.3.2): what a cache needs.
func (e ETag) WeakMatch(f ETag) bool { return e.Tag == f.Tag }
