package ace

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/raxx"
)

// testTLS returns the configs of a server and of a client that trusts it.
func testTLS(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"test"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}},
		&tls.Config{RootCAs: roots, ServerName: "test", NextProtos: []string{"http/1.1"}}
}

func TestTLS(t *testing.T) {
	server, client := testTLS(t)
	overClear(t, func(t *testing.T, n network) {
		_, dial := start(t, n, func(req raxx.Request) raxx.Response {
			return raxx.Text(200, req.Scheme)
		}, Config{TLS: server})
		p := dial()
		conn := tls.Client(p.Conn, client)
		p.Conn = conn
		p.r.Reset(conn)
		for range 3 {
			p.send(get)
			p.want(200, "https")
		}
		if got := conn.ConnectionState().NegotiatedProtocol; got != "http/1.1" {
			t.Errorf("negotiated %q", got)
		}
	})
}

// A hundred of them stopped the ancestor of this server.
func TestSilentTLSClient(t *testing.T) {
	server, client := testTLS(t)
	synctest.Test(t, func(t *testing.T) {
		l := memnet.Listen()
		ended := make(chan error, 100)
		s := New(hello, Config{TLS: server, Trace: Trace{
			ConnectionClosed: func(e ConnectionEvent) { ended <- e.Err },
		}})
		go s.Serve(l)
		began := time.Now()
		for range 100 {
			conn, err := l.Dial()
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
		}
		synctest.Wait()
		conn, _ := l.Dial()
		good := tls.Client(conn, client)
		io.WriteString(good, get)
		if n, err := good.Read(make([]byte, 1)); n != 1 {
			t.Errorf("not served beside silent clients: %v", err)
		}
		for range 100 {
			if err := <-ended; !errors.Is(err, ErrTimeout) {
				t.Errorf("a silent client ended with %v", err)
			}
		}
		if took := time.Since(began); took < 9*time.Second || took > 11*time.Second {
			t.Errorf("silent clients were cut off after %v, want 10 s", took)
		}
		good.Close()
		s.Shutdown(t.Context())
	})
}

func TestCleartextOnTLSPort(t *testing.T) {
	server, _ := testTLS(t)
	overClear(t, func(t *testing.T, n network) {
		_, dial := start(t, n, hello, Config{TLS: server})
		p := dial()
		p.send(get)
		resp, err := http.ReadResponse(p.r, nil)
		if err != nil || resp.StatusCode != 400 {
			t.Fatalf("got %v, %v, want 400", resp, err)
		}
		if body, _ := io.ReadAll(resp.Body); !strings.Contains(string(body), "HTTPS") {
			t.Errorf("got %q", body)
		}
	})
}

// A reply that only the end of its connection ends must not end as if it were
// whole, within TLS either (RFC 9112, Section 9.8).
func TestBrokenReplyWithinTLS(t *testing.T) {
	server, client := testTLS(t)
	overClear(t, func(t *testing.T, n network) {
		_, dial := start(t, n, func(raxx.Request) raxx.Response {
			return raxx.Response{Status: 200, Body: raxx.NewStream(-1, func(yield func([]byte, error) bool) {
				if yield([]byte("half"), nil) {
					yield(nil, errors.New("no more"))
				}
			})}
		}, Config{TLS: server})
		conn := tls.Client(dial().Conn, client)
		io.WriteString(conn, "GET / HTTP/1.0\r\n\r\n")
		if got, err := io.ReadAll(conn); err == nil {
			t.Errorf("%q has come to a regular end", got)
		}
	})
}
