package acme

import (
	"crypto/tls"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// shakeHandsWith serves handshakes with a config, and returns where.
func shakeHandsWith(t *testing.T, config *tls.Config) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				tls.Server(conn, config).Handshake()
			}()
		}
	}()
	return l.Addr().String()
}

// connect shakes hands for a name, as a client that trusts the authority.
func (a *authority) connect(server, name string) error {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	conn, err := tls.DialWithDialer(dialer, "tcp", server, &tls.Config{ServerName: name, RootCAs: a.pool})
	if err == nil {
		conn.Close()
	}
	return err
}

func TestCertificateFromTheAuthority(t *testing.T) {
	a := newAuthority(t)
	folder := filepath.Join(t.TempDir(), "certificates")
	c := Config{Hosts: []string{"a.test", "b.test"}, Folder: folder, AgreeToTerms: true, Directory: a.URL + "/directory"}
	for range 2 { // the second one is a restart: it finds the certificates
		config, err := TLS(c)
		if err != nil {
			t.Fatal(err)
		}
		server := shakeHandsWith(t, config)
		a.mu.Lock()
		a.server = server
		a.mu.Unlock()
		for _, name := range []string{"a.test", "b.test", "A.Test"} {
			if err := a.connect(server, name); err != nil {
				t.Errorf("a handshake for %s: %v", name, err)
			}
		}
		for _, name := range []string{"c.test", "x.a.test", "localhost"} {
			if err := a.connect(server, name); err == nil {
				t.Errorf("a handshake for %s succeeded", name)
			}
		}
	}
	if a.issued != 2 {
		t.Errorf("%d certificates were asked for", a.issued)
	}
	if at, err := os.Stat(folder); err != nil || at.Mode().Perm() != 0o700 {
		t.Errorf("the folder has %v, %v", at.Mode(), err)
	}
	filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if at, _ := d.Info(); !d.IsDir() && at.Mode().Perm() != 0o600 {
			t.Errorf("%s has %v", path, at.Mode())
		}
		return err
	})
}

func TestTLSConfig(t *testing.T) {
	config, err := TLS(Config{Hosts: []string{"a.test"}, Folder: t.TempDir(), AgreeToTerms: true})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(config.NextProtos, []string{"acme-tls/1"}) || config.MinVersion != tls.VersionTLS12 {
		t.Errorf("protocols %q, version %x", config.NextProtos, config.MinVersion)
	}
}

func TestConfigErrors(t *testing.T) {
	good := Config{Hosts: []string{"a.test"}, Folder: "f", AgreeToTerms: true}
	for want, change := range map[string]func(c *Config){
		"no hosts":        func(c *Config) { c.Hosts = nil },
		"no folder":       func(c *Config) { c.Folder = "" },
		"AgreeToTerms":    func(c *Config) { c.AgreeToTerms = false },
		`"*.a.test"`:      func(c *Config) { c.Hosts = []string{"b.test", "*.a.test"} },
		`"localhost"`:     func(c *Config) { c.Hosts = []string{"localhost"} },
		`"192.0.2.1"`:     func(c *Config) { c.Hosts = []string{"192.0.2.1"} },
		`"a.test:443"`:    func(c *Config) { c.Hosts = []string{"a.test:443"} },
		`"https://a.com"`: func(c *Config) { c.Hosts = []string{"https://a.com"} },
		`"a.test."`:       func(c *Config) { c.Hosts = []string{"a.test."} },
		`".a.test"`:       func(c *Config) { c.Hosts = []string{".a.test"} },
		`"a..test"`:       func(c *Config) { c.Hosts = []string{"a..test"} },
		`" b.test"`:       func(c *Config) { c.Hosts = strings.Split("a.test, b.test", ",") },
		`"a_b.test"`:      func(c *Config) { c.Hosts = []string{"a_b.test"} },
	} {
		c := good
		change(&c)
		if config, err := TLS(c); config != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("TLS(%+v) = %v, %v; want an error with %s", c, config, err, want)
		}
	}
	c := good
	c.Hosts = []string{"A.test", "b\u00fccher.test", "xn--bcher-kva.test"}
	if _, err := TLS(c); err != nil {
		t.Errorf("TLS(%+v): %v", c, err)
	}
}
