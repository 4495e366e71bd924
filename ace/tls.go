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
// that are not, and with TLS 1.2 as the least version unless c says which. It is
// made once and not for each connection, since the keys of session tickets belong
// to it.
func serverTLS(c *tls.Config, offered ...string) *tls.Config {
	c = c.Clone()
	if c.MinVersion == 0 {
		c.MinVersion = tls.VersionTLS12
	}
	named := func(p string) bool { return slices.Contains(offered, p) }
	c.NextProtos = slices.DeleteFunc(slices.Clone(c.NextProtos), func(p string) bool {
		return (p == "h2" || p == "http/1.1") && !named(p)
	})
	if !slices.ContainsFunc(c.NextProtos, named) {
		c.NextProtos = slices.Concat(offered, c.NextProtos)
	}
	return c
}
