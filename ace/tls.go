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

// rawTLS returns the config for an endpoint that speaks no HTTP: c, without the
// protocols of HTTP.
func rawTLS(c *tls.Config) *tls.Config {
	c = serverTLS(c)
	c.NextProtos = slices.DeleteFunc(c.NextProtos, func(p string) bool { return p == "h2" || p == "http/1.1" })
	return c
}

// serverTLS returns the config that a server shakes hands with: c, with the
// protocols that the server speaks unless c names one of them, and with TLS 1.2
// as the least version unless c says which. It is made once
// and not for each connection, since the keys of session tickets belong to it.
func serverTLS(c *tls.Config, offered ...string) *tls.Config {
	c = c.Clone()
	if c.MinVersion == 0 {
		c.MinVersion = tls.VersionTLS12
	}
	named := func(p string) bool { return slices.Contains(offered, p) }
	if !slices.ContainsFunc(c.NextProtos, named) {
		c.NextProtos = slices.Concat(offered, c.NextProtos)
	} else {
		c.NextProtos = slices.Clone(c.NextProtos)
	}
	return c
}

// lacksCertificate reports whether every handshake by c would fail for want of a
// certificate.
func lacksCertificate(c *tls.Config) bool {
	return len(c.Certificates) == 0 && c.GetCertificate == nil && c.GetConfigForClient == nil
}
