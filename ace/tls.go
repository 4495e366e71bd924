package ace

import (
	"crypto/tls"
	"slices"
)

// protocols are those that a server offers by ALPN, the best first.
var protocols = []string{"http/1.1"}

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
	}
	return c
}
