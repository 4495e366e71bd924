package ace

import (
	"crypto/tls"
	"errors"
	"testing"
	"time"
)

// A certificate that does not come keeps no connection for longer than a handshake
// may take: whoever looks for it is told.
func TestHandshakeTimeoutReachesCallbacks(t *testing.T) {
	server, client := testTLS(t)
	server.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		select {
		case <-hello.Context().Done():
			return nil, hello.Context().Err()
		case <-time.After(10 * time.Second):
			return nil, errors.New("it was not told")
		}
	}
	overClear(t, func(t *testing.T, n network) {
		ended := make(chan error, 1)
		_, dial := start(t, n, hello, Config{TLS: server, HandshakeTimeout: 200 * time.Millisecond, Trace: Trace{
			HandshakeEnded: func(e HandshakeEvent) { ended <- e.Err },
		}})
		go tls.Client(dial().Conn, client).Handshake()
		if err := <-ended; !errors.Is(err, ErrTimeout) {
			t.Errorf("the handshake ended with %v", err)
		}
	})
}
