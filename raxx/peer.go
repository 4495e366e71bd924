package raxx

import "time"

// A Peer is what the server knows of the connection that a request came on. All
// requests of a connection have the same.
type Peer struct {
	// Address is where the connection comes from, such as "192.0.2.7:51334". Behind
	// a proxy that is the proxy, unless the server has been told to believe what
	// the proxy says. Over a unix socket it is the name of the client's socket,
	// which is empty as a rule.
	Address string
	// Protocol is the version that the connection speaks: "HTTP/1.0",
	// "HTTP/1.1" or "HTTP/2.0". Handlers should not need it.
	Protocol string
	// TLS tells of the handshake. It is nil on a connection without TLS. All
	// requests of a connection share it, so it is not to be changed.
	TLS *TLS
}

// Certificate returns the certificate by which the client has proved who it is.
// ok is false if there was none, or nobody has checked that an authority signed
// it: it fails closed, because anybody can make a certificate of any name.
func (p Peer) Certificate() (c Certificate, ok bool) {
	if p.TLS == nil || !p.TLS.Verified || len(p.TLS.Certificates) == 0 {
		return Certificate{}, false
	}
	return p.TLS.Certificates[0], true
}

// A TLS is what the two ends of a connection have agreed on in the handshake of
// TLS, and what the client has shown of itself there.
type TLS struct {
	// Version is such as "TLS 1.3".
	Version string
	// CipherSuite is the name in the registry of IANA, such as
	// "TLS_AES_128_GCM_SHA256".
	CipherSuite string
	// ServerName is the host that the client has asked for (SNI); empty if it
	// has not. It need not be that of the request's Authority.
	ServerName string
	// Protocol is what was agreed on by ALPN, such as "http/1.1"; empty if the
	// client offered nothing.
	Protocol string
	// Resumed reports whether the handshake went on with an earlier session.
	// What is known of the client is then from that one's handshake.
	Resumed bool
	// Verified reports whether the client's certificate was checked against
	// the authorities that the server trusts.
	Verified bool
	// Certificates are those that the client has sent, its own first. Without
	// Verified they prove that it has the key of the first, and nothing else.
	Certificates []Certificate
}

// A Certificate is what an X.509 certificate says.
type Certificate struct {
	// Subject and Issuer are distinguished names as RFC 2253 writes them, such
	// as "CN=Ada,O=Analytical Engines".
	Subject, Issuer string
	// Serial is the serial number, in lower-case hexadecimal.
	Serial string
	// These are the alternative names of the subject. nil stands for none.
	DNSNames, EmailAddresses, IPAddresses, URIs []string
	// NotBefore and NotAfter are the first and last moment at which it is valid.
	NotBefore, NotAfter time.Time
	// SHA256 is the fingerprint: the hash of Raw, in lower-case hexadecimal.
	SHA256 string
	// Raw is all of the certificate, in DER.
	Raw string
}
