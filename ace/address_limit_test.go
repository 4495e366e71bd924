package ace

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace/internal/memnet"
)

func TestAddressLimit(t *testing.T) {
	for _, tt := range []struct {
		name       string
		free       []netip.Prefix
		in         []string // one after the other; at most two of a site
		turnedAway string   // the last of in, or nobody
	}{
		{"an IPv4 address", nil, []string{"192.0.2.1", "192.0.2.1", "192.0.2.1"}, "192.0.2.1"},
		{"its neighbours", nil, []string{"192.0.2.1", "192.0.2.1", "192.0.2.2"}, ""},
		{"an IPv4 address on a socket for both", nil, []string{"192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1"}, "192.0.2.1"},
		{"a network of 64 bits", nil, []string{"2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::3"}, "2001:db8:0:0:ffff::3"},
		{"the next network of 64 bits", nil, []string{"2001:db8::1", "2001:db8::1", "2001:db8:0:1::1"}, ""},
		{"this machine", nil, []string{"127.0.0.1", "127.0.0.1", "127.0.0.1"}, ""},
		{"this machine on IPv6", nil, []string{"::1", "::1", "::1"}, ""},
		{"this machine on a socket for both", nil, []string{"::ffff:127.0.0.1", "::ffff:127.0.0.1", "::ffff:127.0.0.1"}, ""},
		{"private networks", nil, []string{"10.0.0.1", "10.0.0.1", "10.0.0.1", "172.31.0.1", "172.31.0.1", "172.31.0.1",
			"192.168.0.1", "192.168.0.1", "192.168.0.1", "fd00::1", "fd00::1", "fd00::1"}, ""},
		{"links", nil, []string{"169.254.0.1", "169.254.0.1", "169.254.0.1", "fe80::1%1", "fe80::1%1", "fe80::1%1"}, ""},
		{"shared address space", nil, []string{"100.127.0.1", "100.127.0.1", "100.127.0.1"}, ""},
		{"what is not shared any more", nil, []string{"100.128.0.1", "100.128.0.1", "100.128.0.1"}, "100.128.0.1"},
		{"no address at all", nil, []string{"", "", ""}, ""},
		{"nobody is free", []netip.Prefix{}, []string{"127.0.0.1", "127.0.0.1", "127.0.0.1"}, "127.0.0.1"},
		{"who is named is free", []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, []string{"192.0.2.1", "192.0.2.1", "192.0.2.1"}, ""},
		{"nobody else is", []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, []string{"10.0.0.1", "10.0.0.1", "10.0.0.1"}, "10.0.0.1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := addressLimit{most: 2, free: tt.free}
			var sites []*site
			for i, text := range tt.in {
				ip, _ := netip.ParseAddr(text)
				from, ok := l.enter(ip)
				if want := tt.turnedAway == "" || i < len(tt.in)-1; ok != want {
					t.Errorf("number %d, %s: let in is %t", i+1, text, ok)
				}
				if ok {
					sites = append(sites, from)
				}
			}
			for _, from := range sites {
				l.leave(from)
			}
			if len(l.sites) > 0 {
				t.Errorf("%v is left behind", l.sites)
			}
		})
	}
}

func TestAddressLimitByDefault(t *testing.T) {
	for _, tt := range []struct {
		config Config
		want   int
	}{
		{Config{MaxConnections: 1000}, 250},
		{Config{MaxConnections: 2}, 1},
		{Config{MaxConnections: 1000, MaxConnectionsPerAddress: 10}, 10},
		{Config{MaxConnections: 1000, MaxConnectionsPerAddress: -1}, 1<<31 - 1},
	} {
		if got := tt.config.limits().perAddress; got != tt.want {
			t.Errorf("%d with %d in all: the limit is %d, want %d", tt.config.MaxConnectionsPerAddress, tt.config.MaxConnections, got, tt.want)
		}
	}
}

// refusals returns a config in which nobody is free, and what its trace is told.
func refusals(most int) (Config, chan ConnectionEvent) {
	told := make(chan ConnectionEvent, 1000)
	return Config{
		MaxConnectionsPerAddress: most, UnlimitedAddresses: []netip.Prefix{},
		Trace: Trace{ConnectionRefused: func(e ConnectionEvent) { told <- e }},
	}, told
}

// wantRefused checks that a connection is closed without a word.
func (p *peer) wantRefused() {
	p.t.Helper()
	if got, _ := io.ReadAll(p.r); len(got) > 0 {
		p.t.Errorf("one connection too many got %q", got)
	}
}

func TestConnectionsBeyondTheLimitOfAnAddressAreClosed(t *testing.T) {
	for name, wrap := range map[string]func(net.Listener) net.Listener{
		"socket": func(l net.Listener) net.Listener { return l },
		"stream": func(l net.Listener) net.Listener { return hidden{l} },
	} {
		t.Run(name, func(t *testing.T) {
			config, told := refusals(2)
			s, dial := start(t, network{listen: func(t *testing.T) (net.Listener, func() (net.Conn, error)) {
				l, dial := networks[0].listen(t)
				return wrap(l), dial
			}}, hello, config)
			first, second := dial(), dial()
			for _, p := range []*peer{first, second} {
				p.send(get)
				p.want(200, "hello")
			}
			for range 20 {
				if conn, err := net.Dial("tcp", s.Addrs()[0].String()); err == nil { // the reset may be there before
					if n, err := conn.Read(make([]byte, 1)); n > 0 || err == io.EOF {
						t.Errorf("one connection too many got %d octets, and was not reset: %v", n, err)
					}
					conn.Close()
				}
				if e := <-told; !errors.Is(e.Err, ErrAddressLimit) || e.Peer.Address == "" || e.Endpoint != s.Addrs()[0].String() {
					t.Errorf("the trace was told %+v", e)
				}
			}
			first.Close()
			for s.Connections() > 1 {
				<-time.After(time.Millisecond)
			}
			third := dial()
			third.send(get)
			third.want(200, "hello")
			third.Close()
			second.Close()
			if err := s.Shutdown(t.Context()); err != nil || len(s.addresses.sites) > 0 {
				t.Errorf("Shutdown returned %v, and %v is left behind", err, s.addresses.sites)
			}
		})
	}
}

// Behind a proxy the clients are counted, and the proxy is not.
func TestAddressLimitBehindAProxy(t *testing.T) {
	config, told := refusals(1)
	proxiedEndpoints(t, config, func(t *testing.T, s *Server, dial func() net.Conn, ended <-chan ConnectionEvent) {
		from := func(client string) *peer {
			p := newPeer(t, dial())
			p.send("PROXY TCP4 " + client + " 192.0.2.11 56324 443\r\n" + get)
			return p
		}
		silent := []net.Conn{dial(), dial(), dial()}
		first, other := from("192.0.2.1"), from("192.0.2.2")
		first.want(200, "192.0.2.1:56324")
		other.want(200, "192.0.2.2:56324")
		from("192.0.2.1").wantRefused()
		if e := <-told; !errors.Is(e.Err, ErrAddressLimit) || e.Peer.Address != "192.0.2.1:56324" {
			t.Errorf("the trace was told %+v", e)
		}
		if e := <-ended; !errors.Is(e.Err, ErrAddressLimit) || e.Peer.Address != "192.0.2.1:56324" {
			t.Errorf("the trace was told that %+v ended", e)
		}
		health := newPeer(t, dial())
		health.send("PROXY UNKNOWN\r\n" + get)
		health.receive()
		for _, conn := range append(silent, first, other, health) {
			conn.Close()
		}
		if err := s.Shutdown(t.Context()); err != nil || len(s.addresses.sites) > 0 {
			t.Errorf("Shutdown returned %v, and %v is left behind", err, s.addresses.sites)
		}
	})
}

// A street is a network in memory in which everybody has an address.
type street struct{ *memnet.Listener }

// An inhabitant is a connection with the address of who dialled.
type inhabitant struct {
	net.Conn
	addr net.Addr
}

func (c *inhabitant) RemoteAddr() net.Addr { return c.addr }

// Accept takes the address from the first byte.
func (l street) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	house := make([]byte, 1)
	conn.Read(house)
	return &inhabitant{conn, &net.TCPAddr{IP: net.IPv4(192, 0, 2, house[0]), Port: 1}}, nil
}

func (l street) dial(house byte) net.Conn {
	conn, err := l.Dial()
	if err == nil {
		_, err = conn.Write([]byte{house})
	}
	if err != nil {
		panic(err)
	}
	return conn
}

// One address that opens as many connections as it can takes nothing from the
// others, although the server holds no more than ten in all.
func TestOneAddressDoesNotTakeAllConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := street{memnet.Listen()}
		var mu sync.Mutex
		refused := 0
		s := New(hello, Config{MaxConnections: 10, Trace: Trace{ConnectionRefused: func(ConnectionEvent) {
			mu.Lock()
			defer mu.Unlock()
			refused++
		}}})
		served := make(chan error, 1)
		go func() { served <- s.Serve(l) }()
		for range 500 {
			defer l.dial(1).Close()
		}
		synctest.Wait()
		mu.Lock()
		if refused != 498 {
			t.Errorf("%d connections were refused, want 498", refused)
		}
		mu.Unlock()
		for house := byte(2); house < 5; house++ {
			p := newPeer(t, l.dial(house))
			p.send(get)
			p.want(200, "hello")
			defer p.Close()
		}
		s.Close()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
}

// A governor that still waits in accept has the last permit: the limit is not
// reached before that is used.
func TestTraceIsNotToldTooEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := memnet.Listen()
		told := make(chan AcceptEvent, 100)
		s := New(hello, Config{MaxConnections: manyPermits, Trace: Trace{LimitReached: func(e AcceptEvent) { told <- e }}})
		served := make(chan error, 1)
		go func() { served <- s.Serve(l) }()
		for i := range manyPermits {
			if synctest.Wait(); len(told) > 0 {
				t.Errorf("the trace was told with %d connections of %d", i, manyPermits)
			}
			conn, err := l.Dial()
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
		}
		if synctest.Wait(); len(told) != 1 {
			t.Errorf("the trace was told %d times", len(told))
		}
		s.Close()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
}

// The trace is told once that no more connections are let in, and again when that
// has been over.
func TestTraceTellsOfTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := memnet.Listen()
		told := make(chan AcceptEvent, 100)
		s := New(hello, Config{MaxConnections: 3, Trace: Trace{LimitReached: func(e AcceptEvent) { told <- e }}})
		served := make(chan error, 1)
		go func() { served <- s.ServeEndpoints(Endpoint{Name: "web", Listener: l}) }()
		for round := range 3 {
			var conns []net.Conn
			for range 10 {
				conn, err := l.Dial()
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprint(conn, get)
				conns = append(conns, conn)
			}
			synctest.Wait()
			if s.Connections() != 3 || len(told) != 1 {
				t.Errorf("round %d: %d connections, and the trace was told %d times", round, s.Connections(), len(told))
			}
			if e := <-told; e.Endpoint != "web" || e.Addr != l.Addr() || !errors.Is(e.Err, ErrConnectionLimit) {
				t.Errorf("the trace was told %+v", e)
			}
			for _, conn := range conns {
				conn.Close()
			}
			synctest.Wait()
			for len(told) > 0 { // those that waited came and went meanwhile
				<-told
			}
		}
		s.Close()
		if err := <-served; err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second) // the server's timers stand still at their next tick
	})
}
