package raxx

import (
	"slices"
	"strings"
)

// Accepts returns which of the offered media types the client likes best, by its
// accept field (RFC 9110, Section 12.5.1): for each offer the most specific range
// that covers it counts; of offers that are liked equally the first one wins. It is
// "" if none is acceptable (reply 406, or what you have), and the first offer if
// there is no such field. Malformed members of the field do not count, as if they
// were not there, nor do those behind the first 100; but "*" is read as "*/*", as
// clients in Java before 19 mean it. A range with the charset UTF-8 covers an offer
// that names none. A response that was chosen so needs "vary: accept".
func Accepts(r Request, offers ...string) string {
	return choose(mediaRanges(r.Header), offers, func(offer string) func(preference) int {
		m, err := ParseMediaType(offer)
		if err != nil {
			return func(preference) int { return 0 }
		}
		return func(p preference) int { return p.specificity(m) }
	})
}

// mediaRanges returns the members of the accept field that are media ranges.
func mediaRanges(h Header) []preference {
	list := preferences(h, "accept")
	for i := range list {
		if list[i].value == "*" {
			list[i].value = "*/*"
		}
	}
	return slices.DeleteFunc(list, func(p preference) bool { return !strings.Contains(p.value, "/") })
}

// specificity returns how closely the media range p describes m, or 0 if it
// does not cover it: any type, any subtype, the type itself, with parameters.
func (p preference) specificity(m MediaType) int {
	for _, want := range p.params {
		have, ok := m.Param(want.Name)
		if !ok && want.Name == "charset" {
			// Many clients that take JSON say so, which knows no other one.
			have, ok = "utf-8", true
		}
		if !ok || !strings.EqualFold(have, want.Value) {
			return 0
		}
	}
	switch p.value {
	case "*/*":
		return 1
	case m.Type + "/*":
		return 2
	case m.Essence():
		return 3 + len(p.params)
	}
	return 0
}

// AcceptsEncoding returns which of the offered content codings ("br", "gzip",
// "identity") the client likes best, by its accept-encoding field (RFC 9110,
// Section 12.5.3). A client that mentions neither identity nor "*" takes identity,
// but likes anything that it mentions better. Without the field the RFC allows every
// coding, but a client that does not ask often can't decode: then it is
// identity, if that was offered. It is "" if nothing is acceptable, which means
// identity where that was not offered. Members behind the first 100 do not count.
// A response that was chosen so needs "vary: accept-encoding".
func AcceptsEncoding(r Request, offers ...string) string {
	codings := preferences(r.Header, "accept-encoding")
	return best(offers, func(offer string) int { return codingWeight(codings, offer) })
}

// codingWeight returns twice the weight of offer, so that there is room below
// the lowest for an identity which is not mentioned.
func codingWeight(codings []preference, offer string) int {
	offer = strings.ToLower(offer)
	weight := 0
	if offer == "identity" {
		weight = 1
	}
	for _, p := range codings {
		// RFC 9110, Section 8.4.1: x-gzip and x-compress are the same as the
		// names without x-.
		if p.value == offer || p.value == "x-"+offer {
			return 2 * p.weight
		}
		if p.value == "*" {
			weight = 2 * p.weight
		}
	}
	return weight
}

// AcceptsLanguage returns which of the offered languages ("en", "de-CH") the client
// likes best, by its accept-language field. A range covers the languages that begin
// with it (RFC 4647, Section 3.3.1), and fits a language that it begins with
// (Section 3.4): who reads "de-CH" reads "de". The range that shares most subtags
// with a language counts, and of two that share equally many the one that covers
// it; of offers that are liked equally the first one wins. It is "" if none is
// acceptable, and the first offer if there is no such field. Members that are
// malformed do not count, nor do those behind the first 100.
func AcceptsLanguage(r Request, offers ...string) string {
	return choose(preferences(r.Header, "accept-language"), offers, func(offer string) func(preference) int {
		tag := strings.ToLower(offer)
		return func(p preference) int { return p.fit(tag) }
	})
}

// fit returns how closely the language range p describes tag, or 0. A range
// that covers the tag fits better than one which the tag is the begin of; both
// fit better the more subtags they share.
func (p preference) fit(tag string) int {
	switch {
	case p.value == "*":
		return 1
	case tag == p.value, beginsWith(tag, p.value):
		return 3 + 2*strings.Count(p.value, "-")
	case p.weight > 0 && beginsWith(p.value, tag):
		// A range that is refused does not refuse what it is a part of.
		return 2 + 2*strings.Count(tag, "-")
	}
	return 0
}

// beginsWith reports whether the first subtags of tag are those of begin.
func beginsWith(tag, begin string) bool {
	return len(tag) > len(begin) && tag[len(begin)] == '-' && strings.HasPrefix(tag, begin)
}
