package ace

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/ace/internal/scheduler"
	"github.com/raxx-go/raxx/raxx"
)

// A sealer makes the records of a client of TLS 1.3 (RFC 8446, Section 5.2) that
// has done its handshake by crypto/tls, which never updates keys.
type sealer struct {
	t      *testing.T
	secret []byte
	aead   cipher.AEAD
	iv     []byte
	seq    uint64
}

// newSealer takes over from a connection that has sent nothing since its
// handshake.
func newSealer(t *testing.T, conn *tls.Conn, keyLog string) *sealer {
	t.Helper()
	if conn.ConnectionState().CipherSuite != tls.TLS_AES_128_GCM_SHA256 {
		t.Skip("this machine prefers another cipher suite")
	}
	_, line, _ := strings.Cut(keyLog, "CLIENT_TRAFFIC_SECRET_0 ")
	secret, err := hex.DecodeString(strings.TrimSpace(strings.Fields(line)[1]))
	if err != nil {
		t.Fatal(err)
	}
	s := &sealer{t: t}
	s.use(secret)
	return s
}

// expand is HKDF-Expand-Label (RFC 8446, Section 7.1) without a context.
func (s *sealer) expand(label string, n int) []byte {
	info := append([]byte{0, byte(n), byte(len("tls13 " + label))}, "tls13 "+label...)
	out, err := hkdf.Expand(sha256.New, s.secret, string(append(info, 0)), n)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

func (s *sealer) use(secret []byte) {
	s.secret, s.seq = secret, 0
	block, err := aes.NewCipher(s.expand("key", 16))
	if err != nil {
		s.t.Fatal(err)
	}
	if s.aead, err = cipher.NewGCM(block); err != nil {
		s.t.Fatal(err)
	}
	s.iv = s.expand("iv", 12)
}

// seal appends a record.
func (s *sealer) seal(dst []byte, kind byte, data []byte) []byte {
	nonce := bytes.Clone(s.iv)
	for i, b := range binary.BigEndian.AppendUint64(nil, s.seq) {
		nonce[4+i] ^= b
	}
	s.seq++
	inner := append(bytes.Clone(data), kind)
	head := []byte{23, 3, 3, 0, byte(len(inner) + 16)}
	return s.aead.Seal(append(dst, head...), nonce, inner, head)
}

// update appends the update of a key that asks for one of the other side (RFC
// 8446, Section 4.6.3).
func (s *sealer) update(dst []byte) []byte {
	dst = s.seal(dst, 22, []byte{24, 0, 0, 1, 1})
	s.use(s.expand("traffic upd", 32))
	return dst
}

// A client that asks for new keys again and again, and takes none of the answers,
// does not fill the memory with them.
func TestKeyUpdatesThatNobodyReads(t *testing.T) {
	server, config := testTLS(t)
	read := make(chan error, 1)
	_, dial := start(t, networks[0], func(req raxx.Request) raxx.Response {
		_, err := raxx.ReadAll(req.Body, 0)
		read <- err
		return raxx.NoContent()
	}, Config{TLS: server, HeadTimeout: time.Hour, IdleTimeout: time.Hour}) // to seal so much takes long on a slow machine
	raw := dial().Conn
	raw.(*net.TCPConn).SetReadBuffer(4 << 10)
	var keys bytes.Buffer
	config.KeyLogWriter = &keys
	conn := tls.Client(raw, config)
	if err := conn.Handshake(); err != nil {
		t.Fatal(err)
	}
	client := newSealer(t, conn, keys.String())
	const rounds = 20_000 // several times what the kernel holds
	flood := client.seal(nil, 23, fmt.Appendf(nil, "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n", rounds))
	for range rounds {
		for range 15 { // crypto/tls wants content in between
			flood = client.update(flood)
		}
		flood = client.seal(flood, 23, []byte("x"))
	}
	go raw.Write(flood)
	if err := <-read; !errors.Is(err, errGreedy) {
		t.Errorf("the server has kept the answers to %d MiB of key updates, and read the body: %v", len(flood)>>20, err)
	}
}

type turnFunc func() bool

func (f turnFunc) Turn() bool { return f() }

// What a client sends within TLS that nobody sees takes no longer than what
// somebody does: others have their turn in between.
func TestKeyUpdatesHoldUpNobody(t *testing.T) {
	server, config := testTLS(t)
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(pair[1]), "client")
	defer file.Close()
	raw, err := net.FileConn(file)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	sched, err := scheduler.New(1, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	defer sched.Close()

	s := &socket{server: New(hello, Config{})}
	s.server.wheel.Init(&s.timer, s)
	sent := make(chan bool)
	left := make(chan int, 1)
	sched.Init(&s.conn, pair[0], turnFunc(func() bool {
		defer s.close(true)
		if _, err := s.shake(server, nil, s.server.wheel.Nanos()+int64(time.Minute)); err != nil {
			t.Error(err)
		}
		<-sent
		var in *buffer
		if err := s.read(&in, 0); err != nil {
			t.Error(err)
		}
		rest := make([]byte, 1<<20)
		n, _ := peekFD(pair[0], rest)
		left <- n
		return false
	}))
	if err := s.conn.Start(); err != nil {
		t.Fatal(err)
	}
	var keys bytes.Buffer
	config.KeyLogWriter = &keys
	conn := tls.Client(raw, config)
	if err := conn.Handshake(); err != nil {
		t.Fatal(err)
	}
	var flood []byte
	client := newSealer(t, conn, keys.String())
	for len(flood) < 128<<10 {
		for range 15 {
			flood = client.update(flood)
		}
		flood = client.seal(flood, 23, []byte("x"))
	}
	if _, err := raw.Write(flood); err != nil {
		t.Fatal(err)
	}
	sent <- true
	if got, want := <-left, len(flood)-4*bufferSize; got < want {
		t.Errorf("one turn has left %d octets of key updates, want %d", got, want)
	}
}

// A read within which TLS has to answer ends in time, too, though the client does not
// take the answer.
func TestKeyUpdatesThatNobodyReadsOfAStream(t *testing.T) {
	server, config := testTLS(t)
	synctest.Test(t, func(t *testing.T) {
		l := memnet.Listen()
		ended := make(chan error, 1)
		s := New(func(req raxx.Request) raxx.Response {
			raxx.ReadAll(req.Body, 0)
			return raxx.NoContent()
		}, Config{TLS: server, Trace: Trace{ConnectionClosed: func(e ConnectionEvent) { ended <- e.Err }}})
		served := make(chan error, 1)
		go func() { served <- s.Serve(l) }()
		raw, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		var keys bytes.Buffer
		config.KeyLogWriter = &keys
		conn := tls.Client(raw, config)
		if err := conn.Handshake(); err != nil {
			t.Fatal(err)
		}
		client := newSealer(t, conn, keys.String())
		flood := client.seal(nil, 23, []byte("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\n"))
		for range 300 { // more than fits into the network
			for range 15 {
				flood = client.update(flood)
			}
			flood = client.seal(flood, 23, []byte("x"))
		}
		go raw.Write(flood)
		time.Sleep(5 * time.Minute)
		select {
		case <-ended:
		default:
			t.Error("the connection has not ended")
		}
		raw.Close()
		s.Close()
		<-served
		time.Sleep(time.Second)
	})
}
