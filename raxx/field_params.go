package raxx

import "strings"

// cutParams splits a field value before the first semicolon.
func cutParams(s string) (value, params string) {
	end := strings.IndexByte(s, ';')
	if end < 0 {
		end = len(s)
	}
	return trimOWS(s[:end]), s[end:]
}

// parseParams reads ";name=value;name=value" (RFC 9110, Section 5.6.6). Names
// come in lower case. Within quotes a backslash is dropped from before the
// octet that it escapes; if loose is set, only from before a quote or another
// backslash, since browsers send file names with backslashes that escape
// nothing. If s is malformed, want says what should have been there.
func parseParams(s string, loose bool) (params []Pair, want string) {
	for s != "" {
		if s[0] != ';' {
			return nil, `";" before a parameter`
		}
		s = strings.TrimLeft(s[1:], " \t")
		if s == "" || s[0] == ';' {
			continue // RFC 9110, Section 5.6.6: a parameter may be missing.
		}
		var p Pair
		if p, s, want = parseParam(s, loose); want != "" {
			return nil, want
		}
		if _, twice := Values(params).Lookup(p.Name); twice || len(params) == maxParams {
			return nil, "each parameter once, and 32 at the most"
		}
		params = append(params, p)
	}
	return params, ""
}

// parseParam reads one parameter and returns what stands behind it.
func parseParam(s string, loose bool) (p Pair, rest, want string) {
	n := tokenEnd(s)
	if n == 0 || n == len(s) || s[n] != '=' {
		return p, "", "a parameter's name and \"=\""
	}
	p.Name, s = strings.ToLower(s[:n]), s[n+1:]
	if strings.HasPrefix(s, `"`) {
		end := quotedEnd(s)
		if end < 0 {
			return p, "", "a quote at the end of a value"
		}
		p.Value, rest = unquote(s[1:end-1], loose), s[end:]
	} else {
		n = tokenEnd(s)
		if n == 0 {
			return p, "", "a parameter's value"
		}
		p.Value, rest = s[:n], s[n:]
	}
	return p, strings.TrimLeft(rest, " \t"), ""
}

// tokenEnd returns the length of the token that s begins with.
func tokenEnd(s string) int {
	n := 0
	for n < len(s) && IsTokenByte(s[n]) {
		n++
	}
	return n
}

// quotedEnd returns the length of the quoted string that s begins with, or -1
// if it does not end or holds what none may (RFC 9110, Section 5.6.4).
func quotedEnd(s string) int {
	escaped := false
	for i := 1; i < len(s) && IsValueByte(s[i]); i++ {
		if s[i] == '"' && !escaped {
			return i + 1
		}
		escaped = s[i] == '\\' && !escaped
	}
	return -1
}

// unquote drops the backslashes of a quoted string's inside; for loose see
// [parseParams].
func unquote(s string, loose bool) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && (!loose || s[i+1] == '"' || s[i+1] == '\\') {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// quote returns s as a quoted string.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
