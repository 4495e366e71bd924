package ace

import (
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// inadequate says which section of RFC 9113 keeps HTTP/2 from what a handshake has
// agreed on, and why. It is empty if nothing does. A client that offers a better
// suite gets that; what is refused here it has asked for.
func inadequate(facts *raxx.TLS) (section, reason string) {
	switch {
	case facts == nil || facts.Version == "TLS 1.3":
		return "", ""
	case facts.Version != "TLS 1.2":
		return "9.2", facts.Version + " is older than TLS 1.2"
	case isProhibited(facts.CipherSuite):
		return "9.2.2", "the cipher suite " + facts.CipherSuite
	}
	return "", ""
}

// isProhibited reports whether a suite of TLS 1.2 is in Appendix A of RFC 9113.
// There are those without keys of their own for each connection, and those that
// encrypt and authenticate in two steps.
func isProhibited(suite string) bool {
	aead := strings.Contains(suite, "_GCM_") || strings.Contains(suite, "_CHACHA20_POLY1305_")
	return !strings.HasPrefix(suite, "TLS_ECDHE_") || !aead
}
