package middleware

import "strings"

// SecretName reports whether what goes by this name is likely to be a secret: a
// field such as cookie or authorization, or a value of a query or a form whose name
// speaks of a password, a token, a key, a session, or the like. It is what
// [AccessLog] and the development page of [Recover] leave out. In doubt it says
// yes.
func SecretName(name string) bool {
	name = strings.ToLower(name)
	for _, word := range secretWords {
		if strings.Contains(name, word) {
			return true
		}
	}
	switch name {
	case "code", "state", "sig", "sid", "pin", "otp", "nonce", "auth", "x-auth":
		return true
	}
	return strings.HasSuffix(name, "key")
}

var secretWords = [...]string{
	"pass", "pwd", "secret", "token", "cookie", "authorization", "auth_", "apikey", "-key", "_key",
	"session", "sessid", "signature", "credential", "csrf", "xsrf", "jwt", "assertion",
}

// redactedText stands where a secret stood.
const redactedText = "REDACTED"

// redactPairs returns a query, or a form, in which the values of secret names are
// replaced. It does not decode: what was malformed stays so. A name that is
// escaped counts as secret, since it could be one in disguise.
func redactPairs(query string, secret func(string) bool) string {
	if query == "" {
		return ""
	}
	var b strings.Builder
	first := true
	for pair := range strings.SplitSeq(query, "&") {
		if !first {
			b.WriteByte('&')
		}
		first = false
		name, value, has := strings.Cut(pair, "=")
		b.WriteString(name)
		switch {
		case !has:
		case value != "" && (secret(name) || strings.IndexByte(name, '%') >= 0):
			b.WriteString("=" + redactedText)
		default:
			b.WriteString("=" + value)
		}
	}
	return b.String()
}
