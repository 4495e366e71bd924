package ace

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"slices"

	"github.com/raxx-go/raxx/raxx"
)

// tlsFacts returns what a handler is told of a handshake.
func tlsFacts(state tls.ConnectionState) *raxx.TLS {
	facts := &raxx.TLS{
		Version:     tls.VersionName(state.Version),
		CipherSuite: tls.CipherSuiteName(state.CipherSuite),
		ServerName:  state.ServerName,
		Protocol:    state.NegotiatedProtocol,
		Resumed:     state.DidResume,
		Verified:    len(state.VerifiedChains) > 0,
	}
	for _, c := range state.PeerCertificates {
		facts.Certificates = append(facts.Certificates, certificateFacts(c))
	}
	return facts
}

// certificateFacts returns what a certificate says, as plain values.
func certificateFacts(c *x509.Certificate) raxx.Certificate {
	sum := sha256.Sum256(c.Raw)
	facts := raxx.Certificate{
		Subject:        c.Subject.String(),
		Issuer:         c.Issuer.String(),
		Serial:         c.SerialNumber.Text(16),
		DNSNames:       slices.Clone(c.DNSNames),
		EmailAddresses: slices.Clone(c.EmailAddresses),
		NotBefore:      c.NotBefore,
		NotAfter:       c.NotAfter,
		SHA256:         hex.EncodeToString(sum[:]),
		Raw:            string(c.Raw),
	}
	for _, ip := range c.IPAddresses {
		facts.IPAddresses = append(facts.IPAddresses, ip.String())
	}
	for _, uri := range c.URIs {
		facts.URIs = append(facts.URIs, uri.String())
	}
	return facts
}
