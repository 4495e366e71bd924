package middleware

import (
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// singleValue returns the value of the field called name. ok is false if there are
// several: who else reads the message may take another one for the one that
// counts.
func singleValue(h raxx.Header, name string) (value string, ok bool) {
	n := 0
	for v := range h.Values(name) {
		if n++; n == 1 {
			value = v
		}
	}
	return value, n <= 1
}

// hasHead reports whether a response has its head already, and not a machine that
// is going to send it. Then a function of the head can be called at once, which
// is what [raxx.OnHead] would do, and needs no memory of its own.
func hasHead(resp *raxx.Response) bool {
	if resp.Status != 0 {
		return true
	}
	_, deferred := resp.Body.(raxx.Machine)
	return !deferred
}

// comingField holds a field that every reply to the request is going to get further
// out. Whoever makes a copy of a header anyway may add it at the end, which saves
// another copy.
var comingField = raxx.NewKey[raxx.Field]("coming field")

// withField is [raxx.Header.With] for a field that need not be checked.
func withField(h raxx.Header, f raxx.Field) raxx.Header {
	if h.Has(f.Name) {
		return h.With(f.Name, f.Value)
	}
	return addField(h, f)
}

// addField is [raxx.Header.Add] for a field that need not be checked.
func addField(h raxx.Header, f raxx.Field) raxx.Header {
	out := make(raxx.Header, len(h)+1)
	copy(out, h)
	out[len(h)] = f
	return out
}

// varyOn returns the response with these names of request fields in its vary
// field: those on which the choice of the response depends (RFC 9110, Section
// 12.5.5).
func varyOn(resp raxx.Response, names ...string) raxx.Response {
	missing := ""
	for _, name := range names {
		if !variesOn(resp.Header, name) {
			missing += ", " + name
		}
	}
	if missing == "" {
		return resp
	}
	return resp.Add("vary", missing[len(", "):])
}

func variesOn(h raxx.Header, name string) bool {
	for element := range h.Elements("vary") {
		if element == "*" || strings.EqualFold(element, name) {
			return true
		}
	}
	return false
}

// singleCookie returns the value of the cookie, if there is exactly one. A
// browser has only one "__Host-" cookie of a name; of others, a second one was
// planted by somebody, and which one that is can't be told. All are looked at: behind
// [raxx.MaxCookies] that were planted, too, may stand the one that was not.
func singleCookie(req raxx.Request, name string) (value string, ok bool) {
	n, begin := 0, name+"="
	for field := range req.Header.Values("cookie") {
		for pair := range strings.SplitSeq(field, ";") {
			if v, found := strings.CutPrefix(strings.Trim(pair, " \t"), begin); found {
				value = v
				n++
			}
		}
	}
	return value, n == 1
}

// isPublic reports whether the response says that it is the same for everybody.
func isPublic(head raxx.Response) bool {
	for directive := range head.Header.Elements("cache-control") {
		name, _, _ := strings.Cut(directive, "=")
		if strings.EqualFold(name, "public") || strings.EqualFold(name, "s-maxage") {
			return true
		}
	}
	return false
}

// keepPrivate returns a response that sets a cookie as one that shared caches don't
// keep. They keep the cookie with it (RFC 9111, Section 7.3), and "vary: cookie"
// does not tell two browsers apart that have none yet.
func keepPrivate(head raxx.Response) raxx.Response {
	if isPublic(head) {
		return head.With("cache-control", "private")
	}
	var said []string
	for directive := range head.Header.Elements("cache-control") {
		// RFC 9111, Section 5.2.2.7: with an argument, private goes for fields only.
		if strings.EqualFold(directive, "private") || strings.EqualFold(directive, "no-store") {
			return head
		}
		said = append(said, directive)
	}
	return head.With("cache-control", strings.Join(append(said, "private"), ", "))
}

// isHTML reports whether the content is HTML.
func isHTML(head raxx.Response) bool {
	essence, _, _ := strings.Cut(head.Header.Get("content-type"), ";")
	return strings.EqualFold(strings.TrimSpace(essence), "text/html")
}
