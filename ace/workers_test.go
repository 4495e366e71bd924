package ace

import (
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/raxx"
)

// only returns what the only worker does, when it has nothing to do for now.
func only(t *testing.T, s *Server) WorkerInfo {
	t.Helper()
	synctest.Wait()
	all := s.Workers()
	if len(all) != 1 {
		t.Fatalf("there are %d workers, want 1", len(all))
	}
	return all[0]
}

// What a worker does, from the first byte to the last, over a connection in
// memory.
func TestWorkersTellWhatTheyDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan bool)
		l := memnet.Listen()
		s := New(func(req raxx.Request) raxx.Response {
			switch req.Path {
			case "/block":
				<-release
			case "/large":
				return raxx.Text(200, strings.Repeat("x", 1<<20))
			}
			return hello(req)
		}, Config{})
		served := make(chan error, 1)
		go func() { served <- s.ServeEndpoints(Endpoint{Name: "web", Listener: l}) }()
		conn, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		p, began := newPeer(t, conn), time.Now()
		want := WorkerInfo{Endpoint: "web", Peer: raxx.Peer{Address: "client"}, Opened: began}
		expect := func(state WorkerState, requests int, running ...RunningExchange) {
			t.Helper()
			want.State, want.Requests, want.Exchanges = state, requests, running
			if diff := cmp.Diff(want, only(t, s)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		}
		expect(WorkerWaits, 0)
		p.send("POST /block?q HTTP/1.1\r\n")
		expect(WorkerReadsHead, 0)
		p.send("Host: t\r\n\r\n")
		want.Peer.Protocol = "HTTP/1.1"
		begun := only(t, s).Exchanges
		if len(begun) != 1 || begun[0].Begun.Sub(began).Abs() > 200*time.Millisecond {
			t.Fatalf("it is in %v", begun)
		}
		block := RunningExchange{"POST", "/block", begun[0].Begun}
		time.Sleep(3 * time.Second)
		expect(WorkerServes, 0, block)
		release <- true
		p.want(200, "hello")
		expect(WorkerWaits, 1)
		p.send("GET /large HTTP/1.1\r\nHost: t\r\n\r\n")
		large := only(t, s).Exchanges[0]
		expect(WorkerWrites, 1, RunningExchange{"GET", "/large", large.Begun})
		p.receive()
		expect(WorkerWaits, 2)
		p.send("GET /large HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\nmore")
		p.receive()
		expect(WorkerLingers, 3)
		p.Close()
		synctest.Wait()
		if all := s.Workers(); len(all) != 0 {
			t.Errorf("%v are left", all)
		}
		s.Close()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
}

func TestWorkersInAHandshakeAndADrain(t *testing.T) {
	server, client := testTLS(t)
	synctest.Test(t, func(t *testing.T) {
		l := memnet.Listen()
		s := New(hello, Config{TLS: server})
		served := make(chan error, 1)
		go func() { served <- s.Serve(l) }()
		conn, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		if w := only(t, s); w.State != WorkerHandshake || w.Peer.TLS != nil {
			t.Errorf("a silent client: %+v", w)
		}
		p := newPeer(t, tls.Client(conn, client))
		p.send(get)
		p.want(200, "hello")
		if w := only(t, s); w.State != WorkerWaits || w.Peer.TLS == nil || w.Peer.TLS.ServerName != "test" {
			t.Errorf("after the handshake: %+v", w)
		}
		down := make(chan error, 1)
		go func() { down <- s.Shutdown(t.Context()) }()
		if w := only(t, s); w.State != WorkerDrains {
			t.Errorf("while the server drains: %v", w.State)
		}
		p.send(get[:10])
		if w := only(t, s); w.State != WorkerReadsHead {
			t.Errorf("while a head comes, and the server drains: %v", w.State)
		}
		p.send(get[10:])
		p.want(200, "hello")
		p.Close()
		if err := <-down; err != nil {
			t.Error(err)
		}
		<-served
	})
}

// Over sockets and streams, with PROXY headers: the client is the one in the
// header.
func TestWorkersBehindAProxy(t *testing.T) {
	proxiedEndpoints(t, Config{}, func(t *testing.T, s *Server, dial func() net.Conn, ended <-chan ConnectionEvent) {
		p := newPeer(t, dial())
		for s.Connections() == 0 {
			<-time.After(time.Millisecond)
		}
		if w := s.Workers()[0]; w.State != WorkerHandshake || !strings.HasPrefix(w.Peer.Address, "127.0.0.1:") {
			t.Errorf("before the header: %+v", w)
		}
		p.send(proxyHeader + get)
		p.want(200, "192.0.2.1:56324")
		for s.Workers()[0].State != WorkerWaits {
			<-time.After(time.Millisecond)
		}
		if w := s.Workers()[0]; w.Peer.Address != "192.0.2.1:56324" || w.Requests != 1 {
			t.Errorf("behind the header: %+v", w)
		}
	})
}

// A client that does not read, on a socket.
func TestWorkersThatWrite(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		s, dial := start(t, n, func(raxx.Request) raxx.Response {
			return raxx.Text(200, strings.Repeat("x", 16<<20))
		}, Config{})
		p := dial()
		p.send(get)
		for {
			if all := s.Workers(); len(all) == 1 && all[0].State == WorkerWrites && len(all[0].Exchanges) == 1 {
				break
			}
			<-time.After(time.Millisecond)
		}
		p.receive()
		for s.Workers()[0].State != WorkerWaits {
			<-time.After(time.Millisecond)
		}
	})
}

// Whoever looks while everything moves sees true pairs of method and path, and
// no exchange twice. (The race detector looks, too.)
func TestWorkersWhileTheyWork(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		s, dial := start(t, n, hello, Config{})
		var clients, watchers sync.WaitGroup
		for i := range 8 {
			p := dial()
			clients.Go(func() {
				for j := range 200 {
					method := []string{"GET", "POST", "DELETE"}[(i+j)%3]
					fmt.Fprintf(p.Conn, "%s /%s/%d HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n", method, method, j)
					p.want(200, "hello")
				}
			})
		}
		stop := make(chan bool)
		for range 3 {
			watchers.Go(func() {
				for seen := 0; ; seen++ {
					select {
					case <-stop:
						return
					default:
					}
					for _, w := range s.Workers() {
						if len(w.Exchanges) > 0 && !strings.HasPrefix(w.Exchanges[0].Path, "/"+w.Exchanges[0].Method+"/") {
							t.Errorf("an exchange of %s", w.Exchanges[0])
						}
					}
					if seen%100 == 0 { // and nobody looks for a while
						<-time.After(time.Millisecond)
					}
				}
			})
		}
		clients.Wait()
		close(stop)
		watchers.Wait()
		for _, w := range s.Workers() {
			if w.Requests != 200 {
				t.Errorf("a worker has answered %d requests, want 200", w.Requests)
			}
		}
	})
}

func TestWorkersAsATable(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	all := Workers{
		{Endpoint: ":https", Peer: raxx.Peer{Address: "192.0.2.1:40000", Protocol: "HTTP/1.1", TLS: &raxx.TLS{Version: "TLS 1.3"}},
			Opened: ago(90 * time.Second), State: WorkerServes, Requests: 12,
			Exchanges: []RunningExchange{{"POST", "/orders", ago(31 * time.Second)}}},
		{Endpoint: "web", Opened: ago(time.Second + 30*time.Millisecond)},
		{Endpoint: "web", Peer: raxx.Peer{Address: "a"}, Opened: now.Add(time.Second), State: WorkerWrites,
			Exchanges: []RunningExchange{{"GET", "/" + strings.Repeat("x", 100), now}, {"GET", "/b", now}}},
	}
	long := "/" + strings.Repeat("x", 79) + "…"
	want := "" +
		"ENDPOINT  PEER             PROTOCOL          AGE    REQUESTS  STATE         FOR  EXCHANGE\n" +
		":https    192.0.2.1:40000  HTTP/1.1 TLS 1.3  1m30s  12        in a handler  31s  POST /orders\n" +
		"web       -                -                 1s     0         waiting       -    -\n" +
		"web       a                -                 0s     0         writing       0s   GET " + long + "\n" +
		"web       a                -                 0s     0         writing       0s   GET /b\n"
	if diff := cmp.Diff(want, all.table(now)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := WorkerState(99).String(); got != "WorkerState(99)" {
		t.Errorf("a state that there is not is called %q", got)
	}
}

// A debugging page is a handler like any other.
func TestWorkersSeeTheirOwnExchange(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		var s *Server
		ready := make(chan bool)
		s, dial := start(t, n, func(raxx.Request) raxx.Response {
			<-ready
			return raxx.Text(200, s.Workers().String())
		}, Config{})
		close(ready)
		p := dial()
		p.send("GET /debug/workers HTTP/1.1\r\nHost: t\r\n\r\n")
		if _, body := p.receive(); !strings.Contains(body, "in a handler") || !strings.Contains(body, "GET /debug/workers") {
			t.Errorf("the page shows\n%s", body)
		}
	})
}

// A path is a piece of a whole head, which a connection that waits must not keep
// in memory; but while somebody looks it is left alone.
func TestWaitingWorkersHoldNoPath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := memnet.Listen()
		s := New(hello, Config{})
		served := make(chan error, 1)
		go func() { served <- s.Serve(l) }()
		conn, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		p := newPeer(t, conn)
		for _, looking := range []int32{0, 1, 0} {
			s.looking.Store(looking)
			p.send(get)
			p.want(200, "hello")
			synctest.Wait()
			status := &s.workers.status
			if status.note != (exchangeNote{}) || (status.copied.Load() != nil) != (looking > 0) {
				t.Errorf("while %d look, it holds %v and %v", looking, status.note, status.copied.Load())
			}
		}
		s.Close()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
}
