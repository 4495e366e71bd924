package ace

import (
	"crypto/tls"
	"crypto/x509"
	"testing"
	"time"
)

func TestDevelopmentCertificate(t *testing.T) {
	for _, tt := range []struct{ hosts, good, bad []string }{
		{nil, []string{"localhost", "127.0.0.1", "::1"}, []string{"example.com", "127.0.0.2"}},
		{[]string{"a.test", "192.0.2.1", "*.b.test"}, []string{"a.test", "192.0.2.1", "c.b.test"}, []string{"localhost", "127.0.0.1"}},
	} {
		cert, err := DevelopmentCertificate(tt.hosts...)
		if err != nil {
			t.Fatal(err)
		}
		server := &tls.Config{Certificates: []tls.Certificate{cert}}
		client := &tls.Config{RootCAs: x509.NewCertPool()}
		client.RootCAs.AddCert(cert.Leaf)
		for _, client.ServerName = range tt.good {
			if _, err := shakeHands(t, server, client); err != nil {
				t.Errorf("%q: %v", client.ServerName, err)
			}
		}
		for _, client.ServerName = range tt.bad {
			if _, err := shakeHands(t, server, client); err == nil {
				t.Errorf("%q is accepted", client.ServerName)
			}
		}
		left := time.Until(cert.Leaf.NotAfter)
		if cert.Leaf.IsCA || cert.Leaf.PublicKeyAlgorithm != x509.ECDSA || left.Round(time.Hour) != 7*24*time.Hour {
			t.Errorf("CA %t, %v, valid for %v", cert.Leaf.IsCA, cert.Leaf.PublicKeyAlgorithm, left)
		}
	}
}

func TestDevelopmentCertificatesDiffer(t *testing.T) {
	a, err := DevelopmentCertificate()
	if err != nil {
		t.Fatal(err)
	}
	b, err := DevelopmentCertificate()
	if err != nil || a.Leaf.SerialNumber.Cmp(b.Leaf.SerialNumber) == 0 {
		t.Errorf("two certificates have the same serial number; %v", err)
	}
}

func TestDevelopmentCertificateForWhatIsNoHost(t *testing.T) {
	for _, host := range []string{"", ":8443", "a.test:8443", "[::1]:8443", "[::1]", "https://a.test/", "a.test b.test", "bücher.test"} {
		if cert, err := DevelopmentCertificate("a.test", host); err == nil {
			t.Errorf("%q has got a certificate for %q", host, cert.Leaf.DNSNames)
		}
	}
}
