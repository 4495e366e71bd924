// Package tlsfacts says in plain values what two ends of a connection have agreed on.
package tlsfacts

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"slices"

	"github.com/raxx-go/raxx/raxx"
)

// Of returns what a handler is told of a handshake; nil, if there was none.
func Of(state *tls.ConnectionState) *raxx.TLS {
	if state == nil {
		return nil
	}
	facts := &raxx.TLS{
		Version:     tls.VersionName(state.Version),
		CipherSuite: tls.CipherSuiteName(state.CipherSuite),
		ServerName:  state.ServerName,
		Protocol:    state.NegotiatedProtocol,
		Resumed:     state.DidResume,
		Verified:    len(state.VerifiedChains) > 0,
	}
	for _, c := range state.PeerCertificates {
		facts.Certificates = append(facts.Certificates, ofCertificate(c))
	}
	return facts
}

// ofCertificate returns what a certificate says, as plain values.
func ofCertificate(c *x509.Certificate) raxx.Certificate {
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
