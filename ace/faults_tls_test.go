package ace_test

import (
	"crypto/tls"
	"io"
	"sync"
	"time"

	"github.com/raxx-go/raxx/ace"
)

// faultsTLS is the config of a server of the scripts.
var faultsTLS = sync.OnceValue(func() *tls.Config {
	cert, err := ace.DevelopmentCertificate("localhost")
	if err != nil {
		panic(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}}
})

// talkWithinTLS is talk for a client that speaks TLS. What it gets is known only
// when the connection has come to its end.
func (s *script) talkWithinTLS(tc *testConn) (got string) {
	config := &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}}
	if s.http2 {
		config.NextProtos[0] = "h2"
	}
	conn := tls.Client(tc.conn, config)
	if conn.Handshake() != nil {
		return ""
	}
	all := make(chan string)
	go func() {
		got, _ := io.ReadAll(conn)
		all <- string(got)
	}()
	for _, piece := range s.send {
		io.WriteString(conn, piece)
		tc.advance(pace)
	}
	tc.advance(10 * time.Second)
	conn.CloseWrite()
	tc.halfClose()
	tc.advance(2 * time.Minute)
	tc.conn.Close()
	return <-all
}
