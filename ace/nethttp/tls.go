package nethttp

import (
	"crypto/tls"
	"crypto/x509"
	"slices"

	"github.com/raxx-go/raxx/raxx"
)

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
			state.PeerCertificates = nil
			return state
		}
		state.PeerCertificates = append(state.PeerCertificates, certificate)
	}
	if facts.Verified && len(state.PeerCertificates) > 0 {
		state.VerifiedChains = [][]*x509.Certificate{state.PeerCertificates}
	}
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
