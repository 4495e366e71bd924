package ace

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"strings"
	"time"
)

// developmentDays is how long a development certificate is valid.
const developmentDays = 7

// DevelopmentCertificate makes a certificate for host names and IP addresses;
// without any, for localhost, 127.0.0.1 and ::1. Nobody but this process has its
// key, which is nowhere but in memory, and it is valid for a week: it is for
// trying things out. A host that is neither, such as one with a port, is an error.
//
//	cert, err := ace.DevelopmentCertificate()
//	server := ace.New(app, ace.Config{TLS: &tls.Config{Certificates: []tls.Certificate{cert}}})
//
// It has signed itself, so clients refuse it unless they are told not to
// (curl -k) or to trust it: its Leaf can be put into a [x509.CertPool].
func DevelopmentCertificate(hosts ...string) (tls.Certificate, error) {
	if len(hosts) == 0 {
		hosts = []string{"localhost", "127.0.0.1", "::1"}
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: hosts[0], Organization: []string{"development certificate"}},
		NotBefore:             time.Now().Add(-time.Hour), // clocks differ
		NotAfter:              time.Now().AddDate(0, 0, developmentDays),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, // with IsCA false: it can't sign others
	}
	for _, host := range hosts {
		ip := net.ParseIP(host)
		switch {
		case ip != nil:
			template.IPAddresses = append(template.IPAddresses, ip)
		case host == "" || strings.ContainsAny(host, ":/[] "):
			// No client would ask for it: an address to listen on, or a URL.
			return tls.Certificate{}, fmt.Errorf("ace: development certificate: %q is neither the name of a host nor an IP address", host)
		default:
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	cert, err := selfSigned(template)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("ace: development certificate: %w", err)
	}
	return cert, nil
}

// selfSigned makes a key and a certificate that it signs.
func selfSigned(template *x509.Certificate) (cert tls.Certificate, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return cert, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return cert, err
	}
	leaf, err := x509.ParseCertificate(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
}
