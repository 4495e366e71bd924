package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/raxx-go/raxx/ace"
)

// It says where it listens, echoes while it is sent, and ends at either signal when
// that is done.
func TestRun(t *testing.T) {
	cert, key := certificate(t)
	for _, tt := range []struct {
		scheme, cert, key string
		signal            os.Signal
	}{
		{"http://", "", "", syscall.SIGTERM},
		{"https://", cert, key, os.Interrupt},
	} {
		t.Run(tt.scheme, func(t *testing.T) {
			said, ended := begin(t, tt.cert, tt.key)
			addr, ok := strings.CutPrefix(said, "Listening on "+tt.scheme)
			if !ok {
				t.Fatalf("it says %q", said)
			}
			client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
			body, send := io.Pipe()
			go send.Write([]byte("first,"))
			resp, err := client.Post(tt.scheme+addr+"/echo", "text/x", body)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			first := make([]byte, len("first,"))
			if _, err := io.ReadFull(resp.Body, first); err != nil || string(first) != "first," || resp.Header.Get("Content-Type") != "text/x" {
				t.Fatalf("got %q of type %q, %v", first, resp.Header.Get("Content-Type"), err)
			}
			if self, _ := os.FindProcess(os.Getpid()); self.Signal(tt.signal) != nil {
				t.Skip("this system has no such signal")
			}
			for {
				conn, err := net.Dial("tcp", addr)
				if err != nil {
					break // it takes no one any more
				}
				conn.Close()
			}
			send.Write([]byte("second"))
			send.Close()
			if rest, err := io.ReadAll(resp.Body); err != nil || string(rest) != "second" {
				t.Errorf("behind the signal got %q, %v", rest, err)
			}
			if err := <-ended; err != nil {
				t.Errorf("run returned %v", err)
			}
		})
	}
}

// begin runs the program, and returns the first line that it prints and what run
// returns at the end.
func begin(t *testing.T, cert, key string) (said string, ended chan error) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = w
	ended = make(chan error, 1)
	go func() {
		err := run("127.0.0.1:0", cert, key)
		w.Close()
		ended <- err
	}()
	said, err = bufio.NewReader(r).ReadString('\n')
	os.Stdout = stdout
	r.Close()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(said), ended
}

// certificate returns the files of a certificate and its key.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	made, err := ace.DevelopmentCertificate("localhost")
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(made.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, der []byte) string {
		name = filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	return write("cert.pem", "CERTIFICATE", made.Certificate[0]), write("key.pem", "PRIVATE KEY", der)
}
