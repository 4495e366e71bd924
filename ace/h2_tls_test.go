package ace_test

import (
	"crypto/tls"
	"errors"
	"testing"

	"golang.org/x/net/http2"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// RFC 9113, Section 9.2: HTTP/2 goes over TLS 1.2 with a suite that is not in
// Appendix A, or over a later version.
func TestH2OverInadequateTLS(t *testing.T) {
	cert, err := ace.DevelopmentCertificate("localhost")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name    string
		version uint16
		suite   uint16 // of TLS 1.2
		section string // that it breaks
	}{
		{"9.2.2 a prohibited suite", tls.VersionTLS12, tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, "9.2.2"},
		{"9.2.2 the suite that must be there", tls.VersionTLS12, tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, ""},
		{"9.2.2 ChaCha20", tls.VersionTLS12, tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, ""},
		{"9.2 TLS 1.1", tls.VersionTLS11, 0, "9.2"},
		{"9.2 TLS 1.3", tls.VersionTLS13, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onHTTP2(t, func(t *testing.T, e engine) {
				if !e.tls {
					t.Skip("there is no TLS")
				}
				closed := make(chan error, 1)
				l, dial := e.listen(t)
				s := ace.New(func(raxx.Request) raxx.Response { return raxx.Text(200, "hello") }, ace.Config{
					TLS:   &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS10},
					Trace: ace.Trace{ConnectionClosed: func(e ace.ConnectionEvent) { closed <- e.Err }},
				})
				go s.Serve(l)
				defer s.Close()
				conn, err := dial()
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				p := newH2Peer(t, tls.Client(conn, &tls.Config{
					InsecureSkipVerify: true, NextProtos: []string{"h2"},
					MinVersion: tt.version, MaxVersion: tt.version, CipherSuites: []uint16{tt.suite, tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA},
				}))
				p.ask(1, "GET /")
				if tt.section == "" {
					p.want(1, "200", "hello")
					return
				}
				p.wantEnd(http2.ErrCodeInadequateSecurity)
				conn.Close()
				var broken *ace.ProtocolError
				if err := <-closed; !errors.As(err, &broken) || broken.Section != tt.section {
					t.Errorf("the trace was told %v, want a ProtocolError of %s", err, tt.section)
				}
			})
		})
	}
}
