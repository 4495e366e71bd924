// Package acme gets certificates from an authority that speaks ACME (RFC 8555),
// such as Let's Encrypt, and renews them. It is a module of its own, so that
// nobody else has its dependencies.
//
//	config, err := acme.TLS(acme.Config{
//		Hosts:        []string{"example.com"},
//		Folder:       "/var/lib/app/certificates",
//		AgreeToTerms: true,
//	})
//	server := ace.New(app, ace.Config{TLS: config})
//
// The authority checks that the names are this server's by a TLS handshake of its
// own (TLS-ALPN-01, RFC 8737): it connects to port 443 of each, and whatever is
// on the way has to pass TLS on as it is. Nothing has to be served for it.
//
// A certificate is asked for when the first handshake for its name comes. If that
// takes longer than a handshake may, the connection is closed, the asking goes
// on, and a later handshake finds the certificate. It is renewed 30 days before it
// ends, or when a third of its time is left, if that is later.
package acme

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// A Config says which certificates to get.
type Config struct {
	// Hosts are the full names that certificates are for: at least one, and no
	// addresses or wildcards. A handshake for any other name is refused: it fails
	// closed, because else anybody could make the authority refuse this server by
	// asking for names without end.
	Hosts []string
	// Folder is where the certificates and their keys are kept, with a key of the
	// account. It has to be named. It is made if it is missing, when there is
	// something to keep, for this user only. Processes that share a folder share
	// its certificates.
	Folder string
	// AgreeToTerms says that you agree to the terms of the authority, which it
	// demands. Without it there is an error.
	AgreeToTerms bool
	// Email is where the authority may write to. It may be empty.
	Email string
	// Directory is the URL of the authority. If empty, that of Let's Encrypt. Whether
	// it answers there turns out with the first handshake.
	// For trying things out: "https://acme-staging-v02.api.letsencrypt.org/directory".
	Directory string
}

// TLS returns a config that gets its certificates as c says, for TLS 1.2 and later.
// It names the protocol of the authority's handshake (acme-tls/1); the server adds
// those of HTTP. TLS asks nobody yet: the error says what is wrong with c.
func TLS(c Config) (*tls.Config, error) {
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("acme: %w", err)
	}
	m := &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		Cache:      autocert.DirCache(c.Folder),
		HostPolicy: autocert.HostWhitelist(c.Hosts...),
		Email:      c.Email,
	}
	if c.Directory != "" {
		m.Client = &acme.Client{DirectoryURL: c.Directory}
	}
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: m.GetCertificate,
		NextProtos:     []string{acme.ALPNProto},
	}, nil
}

func (c *Config) check() error {
	switch {
	case len(c.Hosts) == 0:
		return errors.New("no hosts")
	case c.Folder == "":
		return errors.New("no folder: without it every start would ask for new certificates, until the authority refuses")
	case !c.AgreeToTerms:
		return errors.New("AgreeToTerms is not set: the authority demands that you agree to its terms")
	}
	for _, host := range c.Hosts {
		_, notAddress := netip.ParseAddr(host)
		if strings.ContainsAny(host, "*:/") || notAddress == nil || !strings.Contains(host, ".") || !isAsked(host) {
			return fmt.Errorf("%q is not the full name of a host, as clients write it; there are no certificates for wildcards, addresses and local names in this way", host)
		}
	}
	return nil
}

// isAsked reports whether a client can ask for the name. A whitelist leaves out in
// silence what is none, and no client writes the last dot of a name: every handshake
// would be refused.
func isAsked(host string) bool {
	if strings.Contains("."+host+".", "..") {
		return false
	}
	if strings.ContainsFunc(host, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return true // its ASCII form is not known here
	}
	return autocert.HostWhitelist(host)(context.Background(), strings.ToLower(host)) == nil
}
