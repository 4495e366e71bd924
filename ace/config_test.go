package ace_test

import (
	"context"
	"io"
	"math"
	"net"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/raxx"
)

// The largest value that there is means no less than one that is large: a sum with it
// must not become a time that has passed, or a number of HTTP/2 that has 32 bits.
func TestLimitsAsLargeAsCanBe(t *testing.T) {
	for i := range reflect.TypeFor[ace.Config]().NumField() {
		field := reflect.TypeFor[ace.Config]().Field(i)
		if !field.Type.ConvertibleTo(reflect.TypeFor[int64]()) || field.Name == "HeapFloor" {
			continue
		}
		t.Run(field.Name, func(t *testing.T) {
			config := ace.Config{DrainDelay: time.Second}
			reflect.ValueOf(&config).Elem().Field(i).SetInt(math.MaxInt64 >> (64 - field.Type.Bits()))
			synctest.Test(t, func(t *testing.T) { servesAtEase(t, config) })
		})
	}
}

// servesAtEase checks that a server with this config serves clients that take their
// time, and lets them end when it drains.
func servesAtEase(t *testing.T, config ace.Config) {
	l, served := memnet.Listen(), make(chan error, 1)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	server := ace.New(func(req raxx.Request) raxx.Response {
		time.Sleep(4 * time.Second)
		content, err := raxx.ReadAll(req.Body, 0)
		return raxx.Text(200, string(content)).WithCause(err)
	}, config)
	go func() { served <- server.RunEndpoints(ctx, ace.Endpoint{Listener: l}) }()

	conn, err := l.Dial()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for _, piece := range []string{"POST / HTTP/1.1\r\nHost: a\r\n", "Content-Length: 5\r\nConnection: close\r\n\r\n", "he", "llo"} {
			time.Sleep(4 * time.Second)
			io.WriteString(conn, piece)
		}
	}()
	if answer, err := io.ReadAll(conn); !strings.HasPrefix(string(answer), "HTTP/1.1 200 ") || !strings.HasSuffix(string(answer), "hello") || err != nil {
		t.Errorf("over HTTP/1.1: %q, %v", answer, err)
	}
	conn.Close()

	transport := &http.Transport{Protocols: new(http.Protocols), DialContext: func(context.Context, string, string) (net.Conn, error) { return l.Dial() }}
	transport.Protocols.SetUnencryptedHTTP2(true)
	client := &http.Client{Transport: transport}
	time.AfterFunc(time.Second, stop)
	resp, err := client.Post("http://a/", "text/plain", strings.NewReader("hello"))
	if err != nil {
		t.Errorf("over HTTP/2: %v", err)
		server.Close()
		<-served
		return
	}
	if content, err := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK || string(content) != "hello" || err != nil {
		t.Errorf("over HTTP/2: %d %q, %v", resp.StatusCode, content, err)
	}
	resp.Body.Close()
	client.CloseIdleConnections()
	if config.DrainDelay > time.Hour { // nobody waits for as long as that
		server.Close()
	}
	if err := <-served; err != nil {
		t.Errorf("Run returned %v", err)
	}
	time.Sleep(time.Second) // the server's timers stand still at their next tick
}
