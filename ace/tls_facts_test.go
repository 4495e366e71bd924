package ace

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/raxx"
)

// A tlsAsker asks a server over TLS what it knows of the client.
type tlsAsker struct {
	t     *testing.T
	dial  func() (net.Conn, error)
	peers chan raxx.Peer
}

func newTLSAsker(t *testing.T, server *tls.Config) *tlsAsker {
	t.Helper()
	l := memnet.Listen()
	a := &tlsAsker{t, l.Dial, make(chan raxx.Peer, 10)}
	s := New(func(req raxx.Request) raxx.Response {
		a.peers <- req.Peer
		return hello(req)
	}, Config{TLS: server})
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return a
}

// ask returns what the handler was told of a client, which asks twice.
func (a *tlsAsker) ask(client *tls.Config) raxx.Peer {
	a.t.Helper()
	conn, err := a.dial()
	if err != nil {
		a.t.Fatal(err)
	}
	defer conn.Close()
	p := newPeer(a.t, tls.Client(conn, client))
	p.send(get)
	p.want(200, "hello")
	p.send(get)
	p.want(200, "hello")
	first, second := <-a.peers, <-a.peers
	if first != second {
		a.t.Error("two requests of a connection have different peers")
	}
	return first
}

// refused checks that a client is not answered.
func (a *tlsAsker) refused(client *tls.Config) {
	a.t.Helper()
	conn, err := a.dial()
	if err != nil {
		a.t.Fatal(err)
	}
	defer conn.Close()
	over := tls.Client(conn, client)
	over.Write([]byte(get))
	if n, err := over.Read(make([]byte, 1)); err == nil || n > 0 || len(a.peers) > 0 {
		a.t.Error("a client without a certificate was answered")
	}
}

// clientCertificate returns the certificate of a client, with a name of every
// kind, and what a handler is told of it.
func clientCertificate(t *testing.T, a *authority) (tls.Certificate, raxx.Certificate) {
	t.Helper()
	key := newKey(t)
	template := a.template("Ada")
	template.Subject = pkix.Name{CommonName: "Ada", Organization: []string{"Engines, Analytical"}}
	template.SerialNumber = big.NewInt(0xabcdef)
	template.DNSNames, template.EmailAddresses = []string{"ada.test"}, []string{"ada@ada.test"}
	template.IPAddresses = []net.IP{net.IPv4(192, 0, 2, 1)}
	template.URIs = []*url.URL{{Scheme: "spiffe", Host: "test", Path: "/ada"}}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, raxx.Certificate{
		Subject: `CN=Ada,O=Engines\, Analytical`, Issuer: "CN=authority", Serial: "abcdef",
		DNSNames: []string{"ada.test"}, EmailAddresses: []string{"ada@ada.test"},
		IPAddresses: []string{"192.0.2.1"}, URIs: []string{"spiffe://test/ada"},
		NotBefore: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC),
		SHA256: fmt.Sprintf("%x", sha256.Sum256(der)), Raw: string(der),
	}
}

// What a handler is told of clients, over both versions of TLS, and of what it is
// told the second time, when they resume.
func TestClientCertificatesInPeer(t *testing.T) {
	a := newAuthority(t)
	store, err := Certificates(a.files(t, newKey(t), "server", "server.test"))
	if err != nil {
		t.Fatal(err)
	}
	cert, facts := clientCertificate(t, a)
	stranger, strangerFacts := clientCertificate(t, newAuthority(t))
	for _, tt := range []struct {
		name     string
		auth     tls.ClientAuthType
		certs    []tls.Certificate
		refused  bool
		verified bool
		want     []raxx.Certificate
	}{
		{"required and given", tls.RequireAndVerifyClientCert, []tls.Certificate{cert}, false, true, []raxx.Certificate{facts}},
		{"required and not given", tls.RequireAndVerifyClientCert, nil, true, false, nil},
		{"required and a stranger's", tls.RequireAndVerifyClientCert, []tls.Certificate{stranger}, true, false, nil},
		{"wanted and given", tls.VerifyClientCertIfGiven, []tls.Certificate{cert}, false, true, []raxx.Certificate{facts}},
		{"wanted and not given", tls.VerifyClientCertIfGiven, nil, false, false, nil},
		{"wanted and a stranger's", tls.VerifyClientCertIfGiven, []tls.Certificate{stranger}, true, false, nil},
		{"not checked", tls.RequireAnyClientCert, []tls.Certificate{stranger}, false, false, []raxx.Certificate{strangerFacts}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := store.TLSConfig()
			server.ClientAuth, server.ClientCAs = tt.auth, a.pool
			asker := newTLSAsker(t, server)
			for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
				client := &tls.Config{
					ServerName: "server.test", RootCAs: a.pool, MaxVersion: version,
					GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
						if len(tt.certs) == 0 {
							return &tls.Certificate{}, nil
						}
						return &tt.certs[0], nil
					},
					ClientSessionCache: tls.NewLRUClientSessionCache(1),
				}
				if tt.refused {
					asker.refused(client)
					continue
				}
				for _, resumed := range []bool{false, true} {
					peer := asker.ask(client)
					want := &raxx.TLS{
						Version: tls.VersionName(version), CipherSuite: peer.TLS.CipherSuite, ServerName: "server.test",
						Resumed: resumed, Verified: tt.verified, Certificates: tt.want,
					}
					if diff := cmp.Diff(want, peer.TLS); diff != "" {
						t.Errorf("version %x (-want +got):\n%s", version, diff)
					}
					if c, ok := peer.Certificate(); ok != tt.verified || ok && c.Subject != facts.Subject {
						t.Errorf("the proven certificate is %q, %t", c.Subject, ok)
					}
				}
			}
		})
	}
}

func TestHandshakeInPeer(t *testing.T) {
	server, client := testTLS(t)
	asker := newTLSAsker(t, server)
	for _, tt := range []struct {
		name   string
		change func(*tls.Config)
		want   raxx.TLS
	}{
		{"what a client asks for", func(*tls.Config) {},
			raxx.TLS{Version: "TLS 1.3", CipherSuite: "TLS_AES_128_GCM_SHA256", ServerName: "test", Protocol: "http/1.1"}},
		{"another name than the certificate's", func(c *tls.Config) { c.ServerName, c.InsecureSkipVerify = "other.test", true },
			raxx.TLS{Version: "TLS 1.3", CipherSuite: "TLS_AES_128_GCM_SHA256", ServerName: "other.test", Protocol: "http/1.1"}},
		{"no name and no protocol", func(c *tls.Config) { c.ServerName, c.InsecureSkipVerify, c.NextProtos = "", true, nil },
			raxx.TLS{Version: "TLS 1.3", CipherSuite: "TLS_AES_128_GCM_SHA256"}},
		{"an older version", func(c *tls.Config) {
			c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384}
		}, raxx.TLS{Version: "TLS 1.2", CipherSuite: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", ServerName: "test", Protocol: "http/1.1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := client.Clone()
			tt.change(c)
			got := *asker.ask(c).TLS
			if got.Version == "TLS 1.3" {
				got.CipherSuite = tt.want.CipherSuite // which of the three it is depends on the machine
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNoHandshakeInPeer(t *testing.T) {
	overClear(t, func(t *testing.T, n network) {
		peers := make(chan raxx.Peer, 1)
		_, dial := start(t, n, func(req raxx.Request) raxx.Response {
			peers <- req.Peer
			return hello(req)
		}, Config{})
		p := dial()
		p.send(get)
		p.want(200, "hello")
		if got := <-peers; got.TLS != nil {
			t.Errorf("a connection in the clear has %+v", got.TLS)
		}
	})
}
