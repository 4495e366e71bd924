package nethttp

import (
	"net/http"
	"slices"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// fieldsOf returns the fields of h, sorted by name: a map has no order. Fields
// that skip holds are left out, and those whose name is no token. What no value
// may hold becomes a space, as net/http does with line ends.
func fieldsOf(h http.Header, skip func(key string) bool) raxx.Header {
	n := 0
	for _, values := range h {
		n += len(values)
	}
	if n == 0 {
		return nil
	}
	fields := make(raxx.Header, 0, n)
	for key, values := range h {
		if skip != nil && skip(key) || !raxx.IsToken(key) {
			continue
		}
		name := lowerCase(key)
		for _, value := range values {
			fields = append(fields, raxx.Field{Name: name, Value: cleanValue(value)})
		}
	}
	if len(fields) == 0 {
		return nil
	}
	sortFields(fields)
	return fields
}

// trailerOf returns the fields of h that may stand behind content (RFC 9110, Section
// 6.5.1): net/http takes whatever comes.
func trailerOf(h http.Header) raxx.Header {
	return fieldsOf(h, func(key string) bool { return raxx.ForbiddenTrailer(lowerCase(key)) })
}

func sortFields(fields raxx.Header) {
	slices.SortStableFunc(fields, func(a, b raxx.Field) int { return strings.Compare(a.Name, b.Name) })
}

// lowerCase returns a name in lower case, for the common ones without making a
// new text.
func lowerCase(key string) string {
	if name, ok := commonNames[key]; ok {
		return name
	}
	return strings.ToLower(key)
}

// commonNames holds the names that most messages are made of, by their keys in an
// http.Header.
var commonNames = func() map[string]string {
	names := make(map[string]string)
	for name := range strings.FieldsSeq(`accept accept-encoding accept-language accept-ranges age authorization
		cache-control connection content-disposition content-encoding content-language content-length
		content-security-policy content-type cookie date etag expires forwarded host if-modified-since
		if-none-match if-range last-modified link location origin range referer sec-fetch-dest sec-fetch-mode
		sec-fetch-site server set-cookie strict-transport-security trailer upgrade user-agent vary
		x-content-type-options x-forwarded-for x-forwarded-proto x-frame-options x-request-id`) {
		names[http.CanonicalHeaderKey(name)] = name
	}
	return names
}()

// cleanValue returns a value that can be sent.
func cleanValue(value string) string {
	for i := range len(value) {
		if !raxx.IsValueByte(value[i]) {
			value = replaceUnsendable(value)
			break
		}
	}
	return strings.Trim(value, " \t")
}

func replaceUnsendable(value string) string {
	b := []byte(value)
	for i, c := range b {
		if !raxx.IsValueByte(c) {
			b[i] = ' '
		}
	}
	return string(b)
}

// setFields puts fields into h. They take the place of those of the same name,
// but for the ones that every layer adds to: cookies, vary and links.
func setFields(h http.Header, fields raxx.Header) {
	values := make([]string, len(fields))
	for i, f := range fields {
		key := http.CanonicalHeaderKey(f.Name)
		values[i] = f.Value
		if isAdded(f.Name) || repeats(fields[:i], f.Name) {
			h[key] = append(h[key], f.Value)
			continue
		}
		h[key] = values[i : i+1 : i+1]
	}
}

func isAdded(name string) bool { return name == "set-cookie" || name == "vary" || name == "link" }

func repeats(before raxx.Header, name string) bool {
	return slices.ContainsFunc(before, func(f raxx.Field) bool { return f.Name == name })
}

// layFields returns the fields of a reply on top of those that layers around its
// handler had set before: what setFields does, for values.
func layFields(below, fields raxx.Header) raxx.Header {
	all := make(raxx.Header, 0, len(below)+len(fields))
	for _, f := range below {
		if isAdded(f.Name) || !repeats(fields, f.Name) {
			all = append(all, f)
		}
	}
	return append(all, fields...)
}

// connectionKeys are the keys, in an http.Header, of fields that concern the
// connection and the framing, which are the server's.
var connectionKeys = [...]string{"Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding"}

// isConnectionField reports whether a field is one of them.
func isConnectionField(key string) bool { return slices.Contains(connectionKeys[:], key) }
