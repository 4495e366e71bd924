package acme

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"
)

// An authority is a small one of RFC 8555. It believes every signature, but
// issues nothing for a name before it has shaken hands with its server.
type authority struct {
	*httptest.Server
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pool *x509.CertPool

	mu     sync.Mutex
	server string // where the names are
	name   string // of the order that is going on
	proved bool
	chain  []byte
	issued int
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, pool: x509.NewCertPool()}
	a.key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour * 24 * 365),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.pool.AddCert(a.cert)
	a.Server = httptest.NewServer(a)
	t.Cleanup(a.Close)
	return a
}

type object map[string]any

func (a *authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	w.Header().Set("Replay-Nonce", fmt.Sprint(time.Now().UnixNano()))
	w.Header().Set("Location", a.URL+r.URL.Path)
	answer := func(status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(v)
	}
	switch r.URL.Path {
	case "/directory":
		answer(200, object{"newNonce": a.URL + "/nonce", "newAccount": a.URL + "/account", "newOrder": a.URL + "/order",
			"revokeCert": a.URL + "/none", "keyChange": a.URL + "/none", "meta": object{"termsOfService": a.URL + "/terms"}})
	case "/account":
		answer(201, object{"status": "valid"})
	case "/order":
		order := payload(r)
		if len(order) == 0 { // it asks how it is going
			answer(200, a.order())
			return
		}
		a.name = order["identifiers"].([]any)[0].(object)["value"].(string)
		a.proved, a.chain = false, nil
		answer(201, a.order())
	case "/authorization":
		answer(200, object{"status": a.status("pending", "valid"), "identifier": object{"type": "dns", "value": a.name},
			"challenges": []object{a.challenge()}})
	case "/challenge":
		if err := a.prove(); err != nil {
			a.t.Error(err)
		}
		answer(200, a.challenge())
	case "/finalize":
		if err := a.issue(payload(r)["csr"].(string)); err != nil {
			a.t.Error(err)
		}
		w.Header().Set("Location", a.URL+"/order")
		answer(200, a.order())
	case "/certificate":
		w.Header().Set("Content-Type", "application/pem-certificate-chain")
		w.Write(a.chain)
	}
}

// payload returns what is within the signature of a request.
func payload(r *http.Request) object {
	var signed struct{ Payload string }
	json.NewDecoder(r.Body).Decode(&signed)
	text, _ := base64.RawURLEncoding.DecodeString(signed.Payload)
	var in map[string]any
	json.Unmarshal(text, &in)
	return convert(in).(object)
}

// convert makes objects of maps.
func convert(v any) any {
	switch v := v.(type) {
	case map[string]any:
		o := object{}
		for key, value := range v {
			o[key] = convert(value)
		}
		return o
	case []any:
		for i := range v {
			v[i] = convert(v[i])
		}
	}
	return v
}

func (a *authority) status(before, after string) string {
	if a.proved {
		return after
	}
	return before
}

func (a *authority) order() object {
	o := object{"status": a.status("pending", "ready"), "authorizations": []string{a.URL + "/authorization"}, "finalize": a.URL + "/finalize",
		"identifiers": []object{{"type": "dns", "value": a.name}}}
	if a.chain != nil {
		o["status"], o["certificate"] = "valid", a.URL+"/certificate"
	}
	return o
}

func (a *authority) challenge() object {
	return object{"type": "tls-alpn-01", "url": a.URL + "/challenge", "token": "token", "status": a.status("pending", "valid")}
}

// prove shakes hands as RFC 8737 says.
func (a *authority) prove() error {
	conn, err := net.Dial("tcp", a.server)
	if err != nil {
		return err
	}
	defer conn.Close()
	client := tls.Client(conn, &tls.Config{ServerName: a.name, NextProtos: []string{"acme-tls/1"}, InsecureSkipVerify: true})
	if err := client.Handshake(); err != nil {
		return err
	}
	state := client.ConnectionState()
	cert := state.PeerCertificates[0]
	identifier := asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 31}
	has := slices.ContainsFunc(cert.Extensions, func(e pkix.Extension) bool { return e.Critical && e.Id.Equal(identifier) })
	if state.NegotiatedProtocol != "acme-tls/1" || !has || !slices.Equal(cert.DNSNames, []string{a.name}) {
		return errors.New("the server did not prove that it has the name")
	}
	a.proved = true
	return nil
}

func (a *authority) issue(request string) error {
	der, err := base64.RawURLEncoding.DecodeString(request)
	if err != nil {
		return err
	}
	csr, err := x509.ParseCertificateRequest(der)
	if err != nil {
		return err
	}
	if !a.proved || !slices.Equal(csr.DNSNames, []string{a.name}) {
		return fmt.Errorf("asked for %q, proved is %t", csr.DNSNames, a.proved)
	}
	a.issued++
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(a.issued)), DNSNames: csr.DNSNames,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(0, 0, 90),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if der, err = x509.CreateCertificate(rand.Reader, template, a.cert, csr.PublicKey, a.key); err != nil {
		return err
	}
	a.chain = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return nil
}
