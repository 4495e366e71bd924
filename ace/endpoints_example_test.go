package ace_test

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

func helloPeer(req raxx.Request) raxx.Response { return raxx.Text(200, "hello "+req.Peer.Address) }

func ExampleListenConfig() {
	folder, err := os.MkdirTemp("", "ace")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "app.sock")
	l, err := ace.ListenConfig{Mode: 0o600}.Listen("unix:" + path)
	if err != nil {
		log.Fatal(err)
	}
	server := ace.New(func(raxx.Request) raxx.Response { return raxx.Text(200, "hello") }, ace.Config{})
	go server.Serve(l)
	defer server.Close()

	dial := func(context.Context, string, string) (net.Conn, error) { return net.Dial("unix", path) }
	client := &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
	resp, err := client.Get("http://app/")
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	fmt.Println(resp.Status, string(body))
	// Output: 200 OK hello
}

// A counter, over bare TCP: each connection has a state of its own. A client that
// says nothing for a minute is sent away.
func ExampleEndpoint_machine() {
	count := func(total int, event raxx.Event) (int, []raxx.Part) {
		silence := raxx.After{Name: "silence", Delay: time.Minute}
		switch event := event.(type) {
		case raxx.Open:
			return total, []raxx.Part{silence}
		case raxx.Data: // a piece of what is sent, however it was cut on its way
			total += strings.Count(string(event), "\n")
			return total, []raxx.Part{raxx.Data(fmt.Sprintln(total)), silence}
		case raxx.Timer, raxx.Tail, raxx.Drain:
			return total, []raxx.Part{raxx.Data("bye\n"), raxx.Tail{}}
		}
		return total, nil
	}
	l, err := ace.Listen("127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := ace.New(nil, ace.Config{})
	go server.ServeEndpoints(ace.Endpoint{Listener: l, Machine: raxx.NewMachine(0, count)})
	defer server.Close()

	for _, text := range []string{"a\nb\n", "c\n"} {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			log.Fatal(err)
		}
		fmt.Fprint(conn, text)
		conn.(*net.TCPConn).CloseWrite()
		reply, _ := io.ReadAll(conn)
		conn.Close()
		fmt.Printf("%q\n", reply)
	}
	// Output:
	// "2\nbye\n"
	// "1\nbye\n"
}

// HTTPS for everybody, and the same in the clear on a unix socket that only this
// user may open.
func ExampleServer_RunEndpoints() {
	folder, err := os.MkdirTemp("", "ace")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	cert, err := ace.DevelopmentCertificate()
	if err != nil {
		log.Fatal(err)
	}
	opened := make(chan ace.EndpointEvent, 2)
	server := ace.New(func(req raxx.Request) raxx.Response { return raxx.Text(200, req.Scheme) }, ace.Config{
		TLS:   &tls.Config{Certificates: []tls.Certificate{cert}},
		Trace: ace.Trace{EndpointOpened: func(e ace.EndpointEvent) { opened <- e }},
	})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- server.RunEndpoints(ctx,
			ace.Endpoint{Name: "web", Address: "127.0.0.1:0"},
			ace.Endpoint{Address: "unix:" + folder + "/app.sock", Options: ace.ListenConfig{Mode: 0o600}, Cleartext: true},
		)
	}()

	for range 2 {
		e := <-opened
		client := http.Client{Transport: &http.Transport{
			DialContext: func(context.Context, string, string) (net.Conn, error) {
				return net.Dial(e.Addr.Network(), e.Addr.String())
			},
			TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, // nobody knows the certificate
			DisableKeepAlives: true,
		}}
		url := "http://localhost/"
		if e.TLS {
			url = "https://localhost/"
		}
		resp, err := client.Get(url)
		if err != nil {
			log.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		fmt.Println(resp.Status, string(body))
	}
	stop()
	fmt.Println(<-done)
	// Unordered output:
	// 200 OK https
	// 200 OK http
	// <nil>
}

// A page for those who run the site, on an endpoint that nobody else can reach.
func ExampleEndpoint_handler() {
	public, err := ace.Listen("127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	private, err := ace.Listen("127.0.0.1:0") // or "unix:/run/app/admin.sock"
	if err != nil {
		log.Fatal(err)
	}
	server := ace.New(func(raxx.Request) raxx.Response { return raxx.Text(200, "hello") }, ace.Config{})
	admin := func(raxx.Request) raxx.Response {
		return raxx.Text(200, fmt.Sprint("connections: ", len(server.Workers())))
	}
	go server.ServeEndpoints(ace.Endpoint{Listener: public}, ace.Endpoint{Listener: private, Handler: admin})
	defer server.Close()

	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for _, l := range []net.Listener{public, private} {
		resp, err := client.Get("http://" + l.Addr().String() + "/")
		if err != nil {
			log.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		fmt.Println(strings.TrimRight(string(body), "0123456789"))
	}
	// Output:
	// hello
	// connections:
}

// A proxy on this machine tells for whom it asks.
func ExampleProxyProtocol() {
	l, err := ace.Listen("127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := ace.New(helloPeer, ace.Config{})
	go server.Serve(ace.ProxyProtocol(l, netip.MustParsePrefix("127.0.0.0/8")))
	defer server.Close()

	proxy, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		log.Fatal(err)
	}
	defer proxy.Close()
	fmt.Fprint(proxy, "PROXY TCP4 192.0.2.1 192.0.2.11 56324 443\r\n")
	fmt.Fprint(proxy, "GET / HTTP/1.0\r\nHost: example.com\r\n\r\n")
	reply, _ := io.ReadAll(proxy)
	fmt.Printf("%s", reply[len(reply)-len("hello 192.0.2.1:56324"):])
	// Output: hello 192.0.2.1:56324
}

// HTTPS with the certificates of two names, and a log of their renewal.
func ExampleCertificates() {
	store, err := ace.Certificates(
		ace.CertFile{Cert: "/etc/app/example.com.pem", Key: "/etc/app/example.com.key"},
		ace.CertFile{Cert: "/etc/app/example.org.pem", Key: "/etc/app/example.org.key"},
	)
	if err != nil {
		log.Fatal(err)
	}
	store.Reloaded = func(f ace.CertFile, err error) { log.Printf("%s changed: %v", f.Cert, err) }
	server := ace.New(helloPeer, ace.Config{TLS: store.TLSConfig()})
	log.Fatal(server.Run(context.Background(), ":https"))
}

// HTTPS for trying things out: curl -k https://localhost:8443/
func ExampleDevelopmentCertificate() {
	cert, err := ace.DevelopmentCertificate()
	if err != nil {
		log.Fatal(err)
	}
	server := ace.New(helloPeer, ace.Config{TLS: &tls.Config{Certificates: []tls.Certificate{cert}}})
	log.Fatal(server.Run(context.Background(), "localhost:8443"))
}

// A program that, on SIGHUP, starts its newest version in its place, and ends when
// that one has said that it is ready.
func ExampleHandOver() {
	addr := flag.String("listen", "127.0.0.1:8080", "address")
	flag.Parse()
	l, err := ace.Listen(*addr)
	if err != nil {
		log.Fatal(err)
	}
	server := ace.New(helloPeer, ace.Config{})
	go server.Serve(l)
	if fd, err := strconv.Atoi(os.Getenv("READY_FD")); err == nil {
		os.NewFile(uintptr(fd), "ready").Write([]byte{1})
	}

	replace := make(chan os.Signal, 1)
	signal.Notify(replace, syscall.SIGHUP)
	for range replace {
		if err := startNext(l); err != nil {
			log.Print("staying: ", err)
			continue
		}
		server.Shutdown(context.Background())
		return
	}
}

// startNext returns when the new process serves.
func startNext(l net.Listener) error {
	ready, tell, err := os.Pipe()
	if err != nil {
		return err
	}
	defer ready.Close()
	next := exec.Command(os.Args[0], "-listen", "systemd:web")
	next.Stdout, next.Stderr = os.Stdout, os.Stderr
	next.ExtraFiles = []*os.File{tell} // behind the socket, which is descriptor 3
	next.Env = append(os.Environ(), "READY_FD=4")
	err = ace.HandOver(next, map[string]net.Listener{"web": l})
	tell.Close()
	if err != nil {
		return err
	}
	go next.Wait()
	if n, _ := ready.Read(make([]byte, 1)); n == 0 {
		return errors.New("the new process ended before it was ready")
	}
	return nil
}
