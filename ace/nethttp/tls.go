package nethttp

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"slices"

	"github.com/raxx-go/raxx/raxx"
)

// tlsFacts returns what a handler is told of a handshake.
func tlsFacts(state *tls.ConnectionState) *raxx.TLS {
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

// tlsState returns the state of a connection that a server has told these facts
// of. There are no chains beyond what the client has sent, and nothing that only
// the two ends of the connection could know.
func tlsState(facts *raxx.TLS) *tls.ConnectionState {
	if facts == nil {
		return nil
	}
	state := &tls.ConnectionState{
		Version:            tlsVersions[facts.Version],
		HandshakeComplete:  true,
		DidResume:          facts.Resumed,
		CipherSuite:        cipherSuites[facts.CipherSuite],
		NegotiatedProtocol: facts.Protocol,
		ServerName:         facts.ServerName,
	}
	for _, c := range facts.Certificates {
		certificate, err := x509.ParseCertificate([]byte(c.Raw))
		if err != nil {
			// One that is missing would make the next one the client's own.
			return withoutCertificates(state)
		}
		state.PeerCertificates = append(state.PeerCertificates, certificate)
	}
	if facts.Verified && len(state.PeerCertificates) > 0 {
		state.VerifiedChains = [][]*x509.Certificate{state.PeerCertificates}
	}
	return state
}

func withoutCertificates(state *tls.ConnectionState) *tls.ConnectionState {
	state.PeerCertificates, state.VerifiedChains = nil, nil
	return state
}

var tlsVersions = func() map[string]uint16 {
	versions := make(map[string]uint16)
	for v := uint16(tls.VersionTLS10); v <= tls.VersionTLS13; v++ {
		versions[tls.VersionName(v)] = v
	}
	return versions
}()

var cipherSuites = func() map[string]uint16 {
	suites := make(map[string]uint16)
	for _, suite := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		suites[suite.Name] = suite.ID
	}
	return suites
}()
