package ace

import (
	"crypto/tls"
	"slices"
	"testing"
)

// Of what crypto/tls knows for TLS 1.2 these are not in Appendix A of RFC 9113.
func TestProhibitedSuites(t *testing.T) {
	adequate := []string{
		"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
		"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
		"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
	}
	var got []string
	for _, suite := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		if slices.Contains(suite.SupportedVersions, tls.VersionTLS12) && !isProhibited(suite.Name) {
			got = append(got, suite.Name)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, adequate) {
		t.Errorf("got %q, want %q", got, adequate)
	}
}
