package nethttp_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

func TestFromHTTPRequest(t *testing.T) {
	key := raxx.NewKey[string]("a")
	req := key.Set(raxx.Post("https://example.org/a%2Fb/c?d=%20", "text/plain", raxx.Data("hello")).Add("x-a", "1").Add("x-a", "2"), "value")
	req.Pattern, req.Params = "/:name/c", raxx.Params{{Name: "name", Value: "a/b"}}
	req.Peer = raxx.Peer{Address: "192.0.2.7:5000", Protocol: "HTTP/2.0", TLS: &raxx.TLS{Version: "TLS 1.3", CipherSuite: "TLS_AES_128_GCM_SHA256", ServerName: "example.org"}}
	from(func(_ http.ResponseWriter, r *http.Request) {
		got := fmt.Sprintln(r.Method, r.URL, r.URL.Path, r.Host, r.RequestURI, r.Proto, r.ProtoMajor, r.RemoteAddr, r.Pattern, r.PathValue("name"), r.ContentLength, r.Header)
		want := "POST /a%2Fb/c?d=%20 /a/b/c example.org /a%2Fb/c?d=%20 HTTP/2.0 2 192.0.2.7:5000 /:name/c a/b 5 map[Content-Type:[text/plain] X-A:[1 2]]\n"
		if got != want {
			t.Errorf("got  %swant %s", got, want)
		}
		if r.TransferEncoding != nil {
			t.Errorf("the coding is %v", r.TransferEncoding)
		}
		if r.TLS.Version != 0x304 || r.TLS.CipherSuite != 0x1301 || r.TLS.ServerName != "example.org" || !r.TLS.HandshakeComplete {
			t.Errorf("TLS is %+v", r.TLS)
		}
		if value, ok := key.From(r.Context()); value != "value" || !ok {
			t.Errorf("the context holds %q, %v", value, ok)
		}
		if body, err := io.ReadAll(r.Body); string(body) != "hello" || err != nil {
			t.Errorf("the body is %q, %v", body, err)
		}
	})(req)
}

// Code that was written for net/http knows by these what has become of a body.
func TestFromHTTPBodyThatBreaksOff(t *testing.T) {
	body := func(err error) raxx.Request {
		return get.WithBody(raxx.NewStream(-1, func(yield func([]byte, error) bool) { yield(nil, err) }))
	}
	early := &raxx.Error{Status: 400, Err: fmt.Errorf("gone: %w", io.ErrUnexpectedEOF)}
	late := &raxx.Error{Status: 408, Detail: "the body stopped coming"}
	large := &raxx.Error{Status: 413, Detail: "too large"}
	for _, row := range []struct {
		name       string
		sent, want error
		timeout    bool
	}{
		{name: "early", sent: early, want: io.ErrUnexpectedEOF},
		{name: "late", sent: late, want: late, timeout: true},
		{name: "too large", sent: large, want: large},
	} {
		t.Run(row.name, func(t *testing.T) {
			from(func(_ http.ResponseWriter, r *http.Request) {
				_, err := io.ReadAll(r.Body)
				if network, ok := err.(net.Error); ok != row.timeout || ok && !network.Timeout() || errors.Is(err, os.ErrDeadlineExceeded) != row.timeout {
					t.Errorf("got %#v; a time-out: %v", err, row.timeout)
				}
				if row.want == io.ErrUnexpectedEOF && err != row.want || !errors.Is(err, row.want) {
					t.Errorf("got %#v, want %v", err, row.want)
				}
			})(body(row.sent))
		})
	}
	t.Run("within a handler of raxx", func(t *testing.T) {
		limit := nethttp.FromMiddleware(func(h http.Handler) http.Handler { return http.MaxBytesHandler(h, 100) })
		h := limit(raxx.Complete(0)(func(raxx.Request) raxx.Response { return raxx.NoContent() }))
		for _, row := range []struct {
			err    error
			status int
		}{{early, 400}, {late, 408}, {large, 413}} {
			if got := h(body(row.err)); got.Status != row.status {
				t.Errorf("%v: got %d", row.err, got.Status)
			}
		}
	})
}

// certificate returns a certificate, in DER.
func certificate(t *testing.T) string {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "Ada"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	return string(der)
}

// Handlers take a chain that was verified for a proof of who the client is.
func TestFromHTTPCertificates(t *testing.T) {
	ada := raxx.Certificate{Raw: certificate(t)}
	for _, row := range []struct {
		name            string
		facts           raxx.TLS
		shown, verified int
	}{
		{"none", raxx.TLS{Verified: true}, 0, 0},
		{"one", raxx.TLS{Verified: true, Certificates: []raxx.Certificate{ada}}, 1, 1},
		{"one that nobody has checked", raxx.TLS{Certificates: []raxx.Certificate{ada}}, 1, 0},
		{"two", raxx.TLS{Verified: true, Certificates: []raxx.Certificate{ada, ada}}, 2, 1},
		{"one that is malformed", raxx.TLS{Verified: true, Certificates: []raxx.Certificate{{Raw: "x"}, ada}}, 0, 0},
		{"one behind it that is malformed", raxx.TLS{Verified: true, Certificates: []raxx.Certificate{ada, {Raw: "x"}}}, 0, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			req := raxx.Get("https://example.org/")
			req.Peer.TLS = &row.facts
			from(func(_ http.ResponseWriter, r *http.Request) {
				if shown, verified := len(r.TLS.PeerCertificates), len(r.TLS.VerifiedChains); shown != row.shown || verified != row.verified {
					t.Errorf("got %d certificates and %d chains, want %d and %d", shown, verified, row.shown, row.verified)
				} else if shown > 0 && r.TLS.PeerCertificates[0].Subject.CommonName != "Ada" {
					t.Errorf("got %v", r.TLS.PeerCertificates[0].Subject)
				}
			})(req)
		})
	}
}

func TestFromHTTPPathThatCantBeRead(t *testing.T) {
	resp := from(func(http.ResponseWriter, *http.Request) { t.Error("the handler was called") })(raxx.Get("/%zz"))
	if resp.Status != 400 {
		t.Errorf("got %d", resp.Status)
	}
}

// A request's trailer is there behind its body, as net/http has it.
func TestFromHTTPTrailerOfTheRequest(t *testing.T) {
	body := raxxtest.Chunks("a", "b").WithTrailer(func() raxx.Header { return raxx.Header{{Name: "x-sum", Value: "2"}} })
	req := raxx.Post("/", "text/plain", body).With("trailer", "X-Sum, X-Other")
	from(func(_ http.ResponseWriter, r *http.Request) {
		before := func() {
			if got := fmt.Sprint(r.Trailer, r.Header.Get("Trailer"), r.TransferEncoding, r.ContentLength); got != "map[X-Other:[] X-Sum:[]][chunked] -1" {
				t.Errorf("before: %s", got)
			}
		}
		before()
		r.Body.Read(make([]byte, 1))
		before()
		io.Copy(io.Discard, r.Body)
		if got := fmt.Sprint(r.Trailer); got != "map[X-Other:[] X-Sum:[2]]" {
			t.Errorf("behind the body: %s", got)
		}
		if _, err := r.Body.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("behind the end there is %v", err)
		}
		r.Body.Close()
		if _, err := r.Body.Read(make([]byte, 1)); err != http.ErrBodyReadAfterClose {
			t.Errorf("behind Close there is %v", err)
		}
	})(req)
}

// So is one behind a body that has turned out to be empty, when others have read it.
func TestFromHTTPTrailerBehindNoBody(t *testing.T) {
	req := raxx.Request{Method: "POST", Scheme: "http", Authority: "a", Path: "/", Trailer: raxx.Header{{Name: "x-sum", Value: "0"}}}
	for _, body := range []raxx.Body{nil, raxx.Data("")} {
		req.Body = body
		from(func(_ http.ResponseWriter, r *http.Request) {
			if got := fmt.Sprint(r.Trailer, r.ContentLength, r.Body == http.NoBody); got != "map[X-Sum:[0]] 0 true" {
				t.Errorf("behind %#v: %s", body, got)
			}
		})(req)
	}
}

// A body that is closed is let go of, before the handler has returned.
func TestFromHTTPClosesTheBody(t *testing.T) {
	left := false
	body := raxx.NewStream(-1, func(yield func([]byte, error) bool) {
		defer func() { left = true }()
		for yield([]byte("a"), nil) {
		}
	})
	nethttp.FromHTTP(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		r.Body.Read(make([]byte, 1))
		r.Body.Close()
		if _, err := r.Body.Read(make([]byte, 1)); !left || !errors.Is(err, http.ErrBodyReadAfterClose) {
			t.Errorf("the body goes on: %t; a read behind its end: %v", !left, err)
		}
	}))(raxx.Post("/", "text/plain", body))
}

// A body that is closed while another goroutine waits for a piece of it is let go of
// when that has come.
func TestFromHTTPClosesTheBodyUnderAReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		left, piece := false, make(chan []byte)
		body := raxx.NewStream(-1, func(yield func([]byte, error) bool) {
			defer func() { left = true }()
			for yield(<-piece, nil) {
			}
		})
		from(func(_ http.ResponseWriter, r *http.Request) {
			go r.Body.Read(make([]byte, 1))
			synctest.Wait()
			r.Body.Close()
			piece <- []byte("a")
			synctest.Wait()
			if !left {
				t.Error("the body goes on")
			}
		})(raxx.Post("/", "text/plain", body))
	})
}

// What a form was too large for in memory is on the disk for as long as its handler is
// at work.
func TestFromHTTPRemovesTheFilesOfForms(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	form := raxx.Data("--x\r\ncontent-disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\nhello\r\n--x--\r\n")
	for name, ending := range map[string]func(){
		"returns": func() {},
		"panics":  func() { panic(http.ErrAbortHandler) },
	} {
		from(func(w http.ResponseWriter, r *http.Request) {
			if err := r.ParseMultipartForm(0); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if files, err := os.ReadDir(folder); len(files) != 1 && runtime.GOOS != "windows" {
				t.Errorf("%s: the form is not in the folder: %v, %v", name, files, err)
			}
			w.WriteHeader(http.StatusNoContent)
			ending()
		})(raxx.Post("/", "multipart/form-data; boundary=x", form))
		if files, err := os.ReadDir(folder); len(files) != 0 || err != nil {
			t.Errorf("%s: it leaves %v, %v", name, files, err)
		}
	}
}
