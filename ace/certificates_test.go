package ace

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace/internal/memnet"
)

// An authority signs the certificates of a test.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pool *x509.CertPool
	made int64
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{pool: x509.NewCertPool()}
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	template := a.template("authority")
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.pool.AddCert(a.cert)
	return a
}

// template is what the certificates have in common. They are valid in fake time,
// too.
func (a *authority) template(name string) *x509.Certificate {
	a.made++
	return &x509.Certificate{
		SerialNumber: big.NewInt(a.made),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC),
	}
}

// issue returns a certificate for names, in PEM, for the key.
func (a *authority) issue(t *testing.T, key crypto.Signer, name string, dns ...string) []byte {
	t.Helper()
	template := a.template(name)
	template.DNSNames = dns
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// files writes a certificate for names to files of their own.
func (a *authority) files(t *testing.T, key crypto.Signer, name string, dns ...string) CertFile {
	t.Helper()
	folder := t.TempDir()
	f := CertFile{Cert: filepath.Join(folder, "cert.pem"), Key: filepath.Join(folder, "key.pem")}
	put(t, f.Cert, a.issue(t, key, name, dns...))
	put(t, f.Key, keyPEM(t, key))
	return f
}

func keyPEM(t *testing.T, key crypto.Signer) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func put(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// shakeHands does a handshake in memory and returns what the client sees.
func shakeHands(t *testing.T, server, client *tls.Config) (tls.ConnectionState, error) {
	t.Helper()
	a, b := memnet.Pipe()
	defer a.Close()
	defer b.Close()
	failed := make(chan error, 1)
	go func() {
		conn := tls.Server(b, server)
		err := conn.Handshake()
		if err == nil {
			_, err = conn.Write([]byte("x")) // with the session ticket
		}
		failed <- err
	}()
	conn := tls.Client(a, client)
	err := conn.Handshake()
	if err == nil {
		_, err = io.ReadFull(conn, make([]byte, 1))
	}
	a.Close()
	return conn.ConnectionState(), errors.Join(err, <-failed)
}

// servedName returns the common name of the certificate that a client is served.
func servedName(t *testing.T, store *CertificateStore, client *tls.Config) string {
	t.Helper()
	state, err := shakeHands(t, store.TLSConfig(), client)
	if err != nil {
		t.Fatal(err)
	}
	return state.PeerCertificates[0].Subject.CommonName
}

func TestCertificateByName(t *testing.T) {
	a := newAuthority(t)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	store, err := Certificates(
		a.files(t, newKey(t), "first", "first.test"),
		a.files(t, newKey(t), "wild", "*.wild.test"),
		a.files(t, newKey(t), "exact", "exact.wild.test", "other.test"),
		a.files(t, newKey(t), "both-ecdsa", "both.test"),
		a.files(t, rsaKey, "both-rsa", "both.test"),
		a.files(t, newKey(t), "old.test"),
		a.files(t, newKey(t), ""), // such as one for an IP address
	)
	if err != nil {
		t.Fatal(err)
	}
	oldClient := &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}}
	for _, tt := range []struct {
		ask    string
		client *tls.Config
		want   string
	}{
		{"first.test", nil, "first"},
		{"a.wild.test", nil, "wild"},
		{"exact.wild.test", nil, "exact"},
		{"EXACT.Wild.Test", nil, "exact"},
		{"other.test", nil, "exact"},
		{"a.b.wild.test", nil, "first"},
		{"wild.test", nil, "first"},
		{"unknown.test", nil, "first"},
		{"", nil, "first"},
		{"both.test", nil, "both-ecdsa"},
		{"both.test", oldClient, "both-rsa"},
		{"unknown.test", oldClient, "both-rsa"},
		{"old.test", nil, "old.test"}, // only its common name says so
	} {
		client := &tls.Config{}
		if tt.client != nil {
			client = tt.client.Clone()
		}
		client.ServerName, client.InsecureSkipVerify = tt.ask, true
		if got := servedName(t, store, client); got != tt.want {
			t.Errorf("a client that asks for %q got %q, want %q", tt.ask, got, tt.want)
		}
	}
	verifying := &tls.Config{ServerName: "a.wild.test", RootCAs: a.pool}
	if got := servedName(t, store, verifying); got != "wild" {
		t.Errorf("a client that verifies got %q", got)
	}
}

func TestCertificatesThatCannotBeRead(t *testing.T) {
	a := newAuthority(t)
	good, other := a.files(t, newKey(t), "a"), a.files(t, newKey(t), "b")
	for name, files := range map[string][]CertFile{
		"no files":           nil,
		"a missing file":     {good, {Cert: good.Cert, Key: filepath.Join(t.TempDir(), "missing")}},
		"a key of another":   {{Cert: good.Cert, Key: other.Key}},
		"a file that is not": {{Cert: good.Key, Key: good.Key}},
	} {
		if store, err := Certificates(files...); store != nil || err == nil {
			t.Errorf("%s: Certificates = %v, %v", name, store, err)
		}
	}
	_, err := Certificates(CertFile{Cert: "missing.pem", Key: good.Key})
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "missing.pem") {
		t.Errorf("the error is %v", err)
	}
	long := filepath.Join(t.TempDir(), "long.pem")
	content, err := os.ReadFile(good.Cert)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(long, append(content, strings.Repeat("\n", 1<<20)...), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Certificates(CertFile{Cert: long, Key: good.Key})
	if err == nil || !strings.Contains(err.Error(), "long.pem has more than") {
		t.Errorf("the error is %v", err)
	}
	_, err = Certificates(CertFile{Cert: good.Cert})
	if err == nil || !strings.Contains(err.Error(), "without a key") {
		t.Errorf("the error is %v", err)
	}
	_, err = Certificates(CertFile{Key: good.Key})
	if err == nil || !strings.Contains(err.Error(), "without a certificate") {
		t.Errorf("the error is %v", err)
	}
}

func TestCertificateInOneFile(t *testing.T) {
	a := newAuthority(t)
	key := newKey(t)
	file := filepath.Join(t.TempDir(), "all.pem")
	put(t, file, append(keyPEM(t, key), a.issue(t, key, "one", "one.test")...))
	store, err := Certificates(CertFile{file, file})
	if err != nil {
		t.Fatal(err)
	}
	if got := servedName(t, store, &tls.Config{ServerName: "one.test", RootCAs: a.pool}); got != "one" {
		t.Errorf("got %q", got)
	}
}

// A reloading is a store over one pair of files in fake time, with what its hook
// was told.
type reloading struct {
	*CertificateStore
	t     *testing.T
	a     *authority
	files CertFile
	told  []error
}

func reload(t *testing.T, test func(r *reloading)) {
	synctest.Test(t, func(t *testing.T) {
		r := &reloading{t: t, a: newAuthority(t)}
		r.files = r.a.files(t, newKey(t), "old")
		var err error
		if r.CertificateStore, err = Certificates(r.files); err != nil {
			t.Fatal(err)
		}
		r.Reloaded = func(f CertFile, err error) {
			if f != r.files {
				t.Errorf("the hook was told of %v", f)
			}
			r.told = append(r.told, err)
		}
		test(r)
	})
}

// want checks which certificate a handshake gets, and how often the hook was told
// of good and of bad ones since the last time.
func (r *reloading) want(name string, good, bad int) {
	r.t.Helper()
	cert, err := r.GetCertificate(&tls.ClientHelloInfo{})
	if err != nil || cert.Leaf.Subject.CommonName != name {
		r.t.Errorf("got the certificate %q, %v; want %q", cert.Leaf.Subject.CommonName, err, name)
	}
	for _, err := range r.told {
		if err == nil {
			good--
		} else {
			bad--
		}
	}
	if good != 0 || bad != 0 {
		r.t.Errorf("the hook was told %v", r.told)
	}
	r.told = nil
}

func TestCertificatesAreReloaded(t *testing.T) {
	reload(t, func(r *reloading) {
		time.Sleep(lookInterval)
		r.want("old", 0, 0)
		key := newKey(t)
		put(t, r.files.Cert, r.a.issue(t, key, "new"))
		put(t, r.files.Key, keyPEM(t, key))
		r.want("old", 0, 0) // at most once a second
		time.Sleep(lookInterval - time.Nanosecond)
		r.want("old", 0, 0)
		time.Sleep(time.Nanosecond)
		r.want("new", 1, 0)
		time.Sleep(lookInterval)
		r.want("new", 0, 0)
	})
}

// When the hook is told of a new certificate it is in use, also if the hook panics,
// as within a handshake.
func TestReloadedIsToldWhenItIsTrue(t *testing.T) {
	reload(t, func(r *reloading) {
		inUse := ""
		r.Reloaded = func(CertFile, error) {
			cert, _ := r.GetCertificate(&tls.ClientHelloInfo{})
			inUse = cert.Leaf.Subject.CommonName
			panic("on purpose")
		}
		key := newKey(t)
		put(t, r.files.Cert, r.a.issue(t, key, "new"))
		put(t, r.files.Key, keyPEM(t, key))
		func() {
			defer func() { recover() }()
			r.GetCertificate(&tls.ClientHelloInfo{})
		}()
		if inUse != "new" {
			t.Errorf("the hook was told while %q was in use", inUse)
		}
		r.want("new", 0, 0)
	})
}

func TestBrokenCertificatesKeepTheOld(t *testing.T) {
	reload(t, func(r *reloading) {
		key := newKey(t)
		put(t, r.files.Cert, r.a.issue(t, key, "new"))
		time.Sleep(lookInterval)
		r.want("old", 0, 1) // the key does not fit yet
		time.Sleep(lookInterval)
		r.want("old", 0, 0) // it is told once
		put(t, r.files.Key, nil)
		time.Sleep(lookInterval)
		r.want("old", 0, 1)
		os.Remove(r.files.Key)
		time.Sleep(lookInterval)
		r.want("old", 0, 1)
		put(t, r.files.Key, keyPEM(t, key))
		time.Sleep(lookInterval)
		r.want("new", 1, 0)
		os.Rename(r.files.Key, r.files.Key+"~")
		time.Sleep(lookInterval)
		r.want("new", 0, 1)
		os.Rename(r.files.Key+"~", r.files.Key)
		time.Sleep(lookInterval)
		r.want("new", 1, 0) // that it is well again is told, too
	})
}

// A link that is turned to another folder, as Kubernetes does it, to files of the
// same size and time.
func TestCertificatesBehindALink(t *testing.T) {
	a := newAuthority(t)
	key := newKey(t)
	base := t.TempDir()
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, name := range []string{"a", "b"} {
		folder := filepath.Join(base, name)
		os.Mkdir(folder, 0o700)
		for file, content := range map[string][]byte{"cert": a.issue(t, key, name), "key": keyPEM(t, key)} {
			put(t, filepath.Join(folder, file), content)
			os.Chtimes(filepath.Join(folder, file), at, at)
		}
	}
	link := filepath.Join(base, "now")
	if err := os.Symlink("a", link); err != nil {
		t.Skip(err)
	}
	store, err := Certificates(CertFile{filepath.Join(link, "cert"), filepath.Join(link, "key")})
	if err != nil {
		t.Fatal(err)
	}
	os.Remove(link)
	os.Symlink("b", link)
	store.nextLook.Store(0)
	if cert, _ := store.GetCertificate(&tls.ClientHelloInfo{}); cert.Leaf.Subject.CommonName != "b" {
		t.Errorf("got the certificate %q", cert.Leaf.Subject.CommonName)
	}
}

// While one handshake looks at the files the others are not held up.
func TestHandshakesDoNotWaitForReloads(t *testing.T) {
	reload(t, func(r *reloading) {
		inside, release := make(chan bool), make(chan bool)
		r.Reloaded = func(CertFile, error) { inside <- true; <-release }
		key := newKey(t)
		put(t, r.files.Key, keyPEM(t, key))
		put(t, r.files.Cert, r.a.issue(t, key, "new"))
		time.Sleep(lookInterval)
		done := make(chan bool)
		go func() {
			r.GetCertificate(&tls.ClientHelloInfo{})
			done <- true
		}()
		<-inside
		r.want("new", 0, 0)
		release <- true
		<-done
		r.want("new", 0, 0)
	})
}

func TestClientCertificates(t *testing.T) {
	a := newAuthority(t)
	store, err := Certificates(a.files(t, newKey(t), "server", "server.test"))
	if err != nil {
		t.Fatal(err)
	}
	server := store.TLSConfig()
	server.ClientAuth, server.ClientCAs = tls.RequireAndVerifyClientCert, a.pool
	client := &tls.Config{ServerName: "server.test", RootCAs: a.pool}
	if _, err := shakeHands(t, server, client); err == nil {
		t.Error("a client without a certificate was let in")
	}
	files := a.files(t, newKey(t), "client")
	cert, err := tls.LoadX509KeyPair(files.Cert, files.Key)
	if err != nil {
		t.Fatal(err)
	}
	client.Certificates = []tls.Certificate{cert}
	if _, err := shakeHands(t, server, client); err != nil {
		t.Errorf("a client with a certificate was refused: %v", err)
	}
}
