package ace

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/raxx"
)

const (
	proxyHeader       = "PROXY TCP4 192.0.2.1 192.0.2.11 56324 443\r\n"
	proxyHeaderBinary = "\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c\xc0\x00\x02\x01\xc0\x00\x02\x0b\xdc\x04\x01\xbb"
)

// proxied returns a connection of which a header is expected, and the proxy's end.
func proxied(t *testing.T) (c *proxyConn, proxy *memnet.Conn) {
	client, server := memnet.Pipe()
	t.Cleanup(func() {
		client.Close()
		server.Close()
	})
	return newProxyConn(server), client
}

func TestProxyHeaderTellsTheAddresses(t *testing.T) {
	unixBody := strings.Repeat("\x00", 108) + "/run/app.sock" + strings.Repeat("\x00", 95)
	for _, tt := range []struct{ name, header, remote, local string }{
		{"version 1", proxyHeader, "192.0.2.1:56324", "192.0.2.11:443"},
		{"version 2", proxyHeaderBinary, "192.0.2.1:56324", "192.0.2.11:443"},
		{"IPv6", "PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\n", "[2001:db8::1]:1", "[2001:db8::2]:2"},
		{"unix", "\r\n\r\n\x00\r\nQUIT\n\x21\x31\x00\xd8" + unixBody, "", "/run/app.sock"},
		{"UNKNOWN keeps those of the socket", "PROXY UNKNOWN\r\n", "client", "server"},
		{"LOCAL keeps those of the socket", "\r\n\r\n\x00\r\nQUIT\n\x20\x00\x00\x00", "client", "server"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, proxy := proxied(t)
			io.WriteString(proxy, tt.header+"hello")
			if got := c.RemoteAddr().String(); got != tt.remote {
				t.Errorf("RemoteAddr = %q, want %q", got, tt.remote)
			}
			if got := c.LocalAddr().String(); got != tt.local {
				t.Errorf("LocalAddr = %q, want %q", got, tt.local)
			}
			proxy.CloseWrite()
			if got, err := io.ReadAll(c); string(got) != "hello" || err != nil {
				t.Errorf("read %q, %v behind the header", got, err)
			}
		})
	}
}

// The header comes in any pieces, and what is behind it is read in any pieces.
func TestProxyHeaderInPieces(t *testing.T) {
	content := strings.Repeat("content ", 200)
	for _, header := range []string{proxyHeader, proxyHeaderBinary, "\r\n\r\n\x00\r\nQUIT\n\x21\x11\x0f\xf0" + proxyHeaderBinary[16:] + strings.Repeat("x", 4096-28)} {
		in := header + content
		for cut := 0; cut < len(header)+2; cut += 1 + len(header)/100 {
			c, proxy := proxied(t)
			go func() {
				io.WriteString(proxy, in[:cut])
				io.WriteString(proxy, in[cut:])
				proxy.CloseWrite()
			}()
			read := io.Reader(c)
			if cut%2 == 0 {
				read = iotest.OneByteReader(c)
			}
			got, err := io.ReadAll(read)
			if string(got) != content || err != nil || c.RemoteAddr().String() != "192.0.2.1:56324" {
				t.Fatalf("cut at %d: %q, %v from %v", cut, got, err, c.RemoteAddr())
			}
			if c.in != nil || c.rest != nil {
				t.Fatalf("cut at %d: holds %q, %q after the header", cut, c.in, c.rest)
			}
		}
	}
}

// It fails closed: without a header nothing is read and nothing is sent.
func TestProxyHeaderIsDemanded(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     []error
	}{
		{"a request in its place", "GET / HTTP/1.1\r\n\r\n", []error{ErrProxyHeader}},
		{"a malformed header", "PROXY TCP4 192.0.2.1 192.0.2.11 56324\r\n", []error{ErrProxyHeader}},
		{"half a header", proxyHeader[:20], []error{ErrProxyHeader, io.ErrUnexpectedEOF}},
		{"nothing", "", []error{io.EOF}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, proxy := proxied(t)
			io.WriteString(proxy, tt.in)
			proxy.CloseWrite()
			if n, err := c.Write([]byte("hello")); n > 0 || err == nil {
				t.Errorf("Write = %d, %v", n, err)
			}
			for range 2 {
				n, err := c.Read(make([]byte, 100))
				for _, want := range tt.want {
					if n > 0 || !errors.Is(err, want) {
						t.Errorf("Read = %d, %v; want %v", n, err, want)
					}
				}
				if isTimeout(err) {
					t.Errorf("%v looks like a time-out", err)
				}
			}
			if c.RemoteAddr().String() != "client" {
				t.Errorf("RemoteAddr = %v, want that of the socket", c.RemoteAddr())
			}
			if got, _ := io.ReadAll(proxy); len(got) > 0 {
				t.Errorf("the proxy got %q", got)
			}
		})
	}
}

func TestProxyHeaderTimeouts(t *testing.T) {
	const half = len(proxyHeader) / 2
	run := func(name string, test func(t *testing.T, c *proxyConn, proxy *memnet.Conn)) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, proxy := proxied(t)
				test(t, c, proxy)
			})
		})
	}
	run("5 seconds from accept", func(t *testing.T, c *proxyConn, proxy *memnet.Conn) {
		begun := time.Now()
		io.WriteString(proxy, proxyHeader[:half])
		time.Sleep(2 * time.Second)
		_, err := c.Read(make([]byte, 1))
		if took := time.Since(begun); took != proxyTimeout || !errors.Is(err, ErrProxyHeader) || !errors.Is(err, ErrTimeout) || isTimeout(err) {
			t.Errorf("after %v: %v", took, err)
		}
		if _, err := proxy.Write([]byte("x")); err == nil {
			t.Error("the connection was left open")
		}
	})
	run("no reader deadline moves them", func(t *testing.T, c *proxyConn, proxy *memnet.Conn) {
		begun := time.Now()
		c.SetDeadline(time.Time{})
		go func() {
			time.Sleep(time.Second)
			c.SetReadDeadline(begun.Add(time.Minute))
		}()
		c.RemoteAddr()
		if took := time.Since(begun); took != proxyTimeout {
			t.Errorf("RemoteAddr returned after %v", took)
		}
	})
	run("ReadHeader moves them", func(t *testing.T, c *proxyConn, proxy *memnet.Conn) {
		begun := time.Now()
		err := c.ReadHeader(begun.Add(7 * time.Second))
		if took := time.Since(begun); took != 7*time.Second || !errors.Is(err, ErrTimeout) {
			t.Errorf("after %v: %v", took, err)
		}
	})
	run("a deadline of the reader's is no end", func(t *testing.T, c *proxyConn, proxy *memnet.Conn) {
		io.WriteString(proxy, proxyHeader[:half])
		for range 3 {
			c.SetReadDeadline(time.Now().Add(time.Second))
			if _, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("Read returned %v", err)
			}
		}
		io.WriteString(proxy, proxyHeader[half:])
		begun := time.Now()
		c.SetReadDeadline(begun.Add(time.Hour))
		_, err := c.Read(make([]byte, 1)) // waits for content, with the reader's deadline
		if took := time.Since(begun); took != time.Hour || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("after %v: %v", took, err)
		}
		if c.RemoteAddr().String() != "192.0.2.1:56324" {
			t.Errorf("RemoteAddr = %v", c.RemoteAddr())
		}
	})
	run("no deadline of the header's is left", func(t *testing.T, c *proxyConn, proxy *memnet.Conn) {
		io.WriteString(proxy, proxyHeader)
		go func() {
			time.Sleep(time.Hour)
			io.WriteString(proxy, "x")
		}()
		c.RemoteAddr()
		c.SetReadDeadline(time.Time{})
		if n, err := c.Read(make([]byte, 1)); n != 1 {
			t.Errorf("Read = %d, %v", n, err)
		}
	})
	run("a deadline that is set meanwhile wakes", func(t *testing.T, c *proxyConn, proxy *memnet.Conn) {
		begun := time.Now()
		go func() {
			time.Sleep(time.Second)
			c.SetReadDeadline(past)
		}()
		_, err := c.Read(make([]byte, 1))
		if took := time.Since(begun); took != time.Second || !isTimeout(err) {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

func TestProxyTrust(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fe80::/10")}
	l := ProxyProtocol(memnet.Listen(), trusted...).(*proxyListener)
	tcp := func(addr string) net.Addr { return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(addr)) }
	for _, tt := range []struct {
		addr net.Addr
		want bool
	}{
		{tcp("10.1.2.3:4"), true},
		{tcp("[::ffff:10.1.2.3]:4"), true}, // on a socket for IPv6 and IPv4
		{&net.TCPAddr{IP: net.IPv4(10, 1, 2, 3).To16()}, true},
		{tcp("11.1.2.3:4"), false},
		{tcp("[fe80::1%eth0]:4"), true},
		{tcp("[2001:db8::1]:4"), false},
		{&net.TCPAddr{}, false},
		{&net.UnixAddr{Name: ""}, true},
		{&net.UDPAddr{IP: net.IPv4(10, 1, 2, 3)}, false},
		{memnet.Addr("10.1.2.3:4"), false},
		{nil, false},
	} {
		if got := l.trusts(tt.addr); got != tt.want {
			t.Errorf("trusts(%v) = %t, want %t", tt.addr, got, tt.want)
		}
	}
	trusted[0] = netip.MustParsePrefix("11.0.0.0/8")
	if l.trusts(tcp("11.1.2.3:4")) {
		t.Error("the list can be changed from outside")
	}
}

// behindProxies serves on a TCP endpoint for proxies at the trusted addresses,
// with a handler that tells the client's address.
func behindProxies(t *testing.T, c Config, trusted ...string) (dial func(header string) net.Conn) {
	t.Helper()
	inner, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var prefixes []netip.Prefix
	for _, p := range trusted {
		prefixes = append(prefixes, netip.MustParsePrefix(p))
	}
	s := New(func(req raxx.Request) raxx.Response { return raxx.Text(200, req.Peer.Address) }, c)
	served := make(chan error, 1)
	go func() { served <- s.Serve(ProxyProtocol(inner, prefixes...)) }()
	t.Cleanup(func() {
		s.Close()
		if err := <-served; err != nil {
			t.Errorf("Serve returned %v", err)
		}
	})
	return func(header string) net.Conn {
		t.Helper()
		conn, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		conn.SetDeadline(time.Now().Add(20 * time.Second))
		io.WriteString(conn, header)
		return conn
	}
}

// answerTo returns the body of the response to a request, or what came instead.
func answerTo(conn net.Conn) string {
	io.WriteString(conn, "GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
	all, err := io.ReadAll(conn)
	_, body, ok := bytes.Cut(all, []byte("\r\n\r\n"))
	if !ok {
		return fmt.Sprintf("%q, %v", all, err)
	}
	return string(body)
}

func TestServerBehindProxies(t *testing.T) {
	t.Run("trusted", func(t *testing.T) {
		dial := behindProxies(t, Config{}, "127.0.0.0/8")
		for _, header := range []string{proxyHeader, proxyHeaderBinary} {
			if got := answerTo(dial(header)); got != "192.0.2.1:56324" {
				t.Errorf("the handler was told %s", got)
			}
		}
		if got := answerTo(dial("PROXY UNKNOWN\r\n")); !strings.HasPrefix(got, "127.0.0.1:") {
			t.Errorf("the handler was told %s", got)
		}
	})
	t.Run("trusted without a header is closed", func(t *testing.T) {
		dial := behindProxies(t, Config{}, "127.0.0.0/8")
		if got := answerTo(dial("")); !strings.HasPrefix(got, `""`) {
			t.Errorf("got %s", got)
		}
	})
	t.Run("others can't make up an address", func(t *testing.T) {
		dial := behindProxies(t, Config{}, "10.0.0.0/8")
		if got := answerTo(dial("")); !strings.HasPrefix(got, "127.0.0.1:") {
			t.Errorf("got %s", got)
		}
		if got := answerTo(dial(proxyHeader)); !strings.Contains(got, "request line") && !strings.Contains(got, `"status":400`) {
			t.Errorf("got %s, want a refusal", got)
		}
	})
	t.Run("silent proxies do not stop the service", func(t *testing.T) {
		dial := behindProxies(t, Config{}, "127.0.0.0/8")
		for range 300 {
			dial("")
		}
		if got := answerTo(dial(proxyHeader)); got != "192.0.2.1:56324" {
			t.Errorf("the handler was told %s", got)
		}
	})
}

// The header stands before the TLS handshake.
func TestProxyHeaderBeforeTLS(t *testing.T) {
	cert, err := DevelopmentCertificate()
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert.Leaf)
	dial := behindProxies(t, Config{TLS: &tls.Config{Certificates: []tls.Certificate{cert}}}, "127.0.0.1/32")
	conn := tls.Client(dial(proxyHeaderBinary), &tls.Config{RootCAs: roots, ServerName: "localhost"})
	if got := answerTo(conn); got != "192.0.2.1:56324" {
		t.Errorf("the handler was told %s", got)
	}
}

// A gluedConn sends something with its first write.
type gluedConn struct {
	net.Conn
	first string
}

func (c *gluedConn) Write(p []byte) (int, error) {
	all := c.first + string(p)
	c.first = ""
	_, err := io.WriteString(c.Conn, all)
	return len(p), err
}

// What comes with the header is the beginning of the handshake.
func TestProxyHeaderWithAHandshake(t *testing.T) {
	server, client := testTLS(t)
	conn := behindProxies(t, Config{TLS: server}, "127.0.0.1/32")("")
	if got := answerTo(tls.Client(&gluedConn{conn, proxyHeader}, client)); got != "192.0.2.1:56324" {
		t.Errorf("the handler was told %s", got)
	}
}

// The listener serves others than this package's server.
func TestProxyProtocolUnderNetHTTP(t *testing.T) {
	inner, err := Listen("unix:" + socketPath(t))
	if err != nil {
		t.Skip(err)
	}
	var told atomic.Pointer[string]
	server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { told.Store(&r.RemoteAddr) })}
	defer server.Close()
	go server.Serve(ProxyProtocol(inner))
	conn, err := net.Dial("unix", inner.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, proxyHeader)
	answerTo(conn)
	if got := told.Load(); got == nil || *got != "192.0.2.1:56324" {
		t.Errorf("the handler was told %v", got)
	}
}
