package ace

import (
	"crypto/tls"
	"slices"
)

// protocols returns those that the server offers by ALPN, the best first.
func (c *Config) protocols() []string {
	if c.DisableHTTP2 {
		return []string{"http/1.1"}
	}
	return []string{"h2", "http/1.1"}
}

// serverTLS returns the config that a server shakes hands with: c, with the
// protocols of HTTP that are offered unless c names one of them, without those
// that are not, or that it can't carry, and with TLS 1.2 as the least version
// unless c says which. Where HTTP/1.1 is spoken, so is HTTP/1.0: a client that
// offers nothing else would be refused by package tls. It is made once and not for
// each connection, since the keys of session tickets belong to it.
func serverTLS(c *tls.Config, offered ...string) *tls.Config {
	c = c.Clone()
	if c.MinVersion == 0 {
		c.MinVersion = tls.VersionTLS12
	}
	if !carriesH2(c) {
		offered = slices.DeleteFunc(slices.Clone(offered), func(p string) bool { return p == "h2" })
	}
	named := func(p string) bool { return slices.Contains(offered, p) }
	c.NextProtos = slices.DeleteFunc(slices.Clone(c.NextProtos), func(p string) bool {
		return (p == "h2" || p == "http/1.1" || p == "http/1.0") && !named(p)
	})
	if !slices.ContainsFunc(c.NextProtos, named) {
		c.NextProtos = slices.Concat(offered, c.NextProtos)
	}
	if i := slices.Index(c.NextProtos, "http/1.1"); i >= 0 {
		c.NextProtos = slices.Insert(c.NextProtos, i+1, "http/1.0")
	}
	return c
}

// carriesH2 reports whether a handshake with this config can lead to what HTTP/2
// may go over: see [inadequate].
func carriesH2(c *tls.Config) bool {
	adequate := func(id uint16) bool { return !isProhibited(tls.CipherSuiteName(id)) }
	switch {
	case c.MaxVersion == 0 || c.MaxVersion > tls.VersionTLS12:
		return true
	case c.MaxVersion < tls.VersionTLS12:
		return false
	}
	return c.CipherSuites == nil || slices.ContainsFunc(c.CipherSuites, adequate)
}

// lacksCertificate reports whether every handshake by c would fail for want of a
// certificate.
func lacksCertificate(c *tls.Config) bool {
	return len(c.Certificates) == 0 && c.GetCertificate == nil && c.GetConfigForClient == nil
}
