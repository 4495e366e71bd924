package acetest

import (
	"crypto/tls"
	"net/http"
)

// HTTP1 returns a client that speaks HTTP/1.1 to the server, whatever host a URL
// names, and over TLS if it begins with "https". It keeps connections and follows
// redirects, as any [http.Client]. Its Transport is an [*http.Transport] of its
// own, to be changed before it is used: a certificate of the client, for example,
// goes into TLSClientConfig. It does not check the server's, since nobody is in
// between; a response has it in its field TLS.
func (e *Endpoint) HTTP1() *http.Client {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return e.client(protocols)
}

// HTTP2 is HTTP1 for HTTP/2. To a URL with "http" it speaks that from the first
// byte (RFC 9113, Section 3.3).
func (e *Endpoint) HTTP2() *http.Client {
	protocols := new(http.Protocols)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	return e.client(protocols)
}

func (e *Endpoint) client(protocols *http.Protocols) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext:     e.DialContext,
		Protocols:       protocols,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}}
}
