package ace

import (
	"os"
	"syscall"
	"testing"
	"time"
)

// A pipe that takes the place of a file does not hold up a handshake.
func TestCertificateThatBecomesAPipe(t *testing.T) {
	reload(t, func(r *reloading) {
		os.Remove(r.files.Key)
		if err := syscall.Mkfifo(r.files.Key, 0o600); err != nil {
			t.Skip(err)
		}
		time.Sleep(lookInterval)
		r.want("old", 0, 1)
	})
}

// When the server starts a shell may have put a pipe there.
func TestCertificateFromAPipe(t *testing.T) {
	a := newAuthority(t)
	files := a.files(t, newKey(t), "piped", "server.test")
	key, err := os.ReadFile(files.Key)
	if err != nil {
		t.Fatal(err)
	}
	os.Remove(files.Key)
	if err := syscall.Mkfifo(files.Key, 0o600); err != nil {
		t.Skip(err)
	}
	go os.WriteFile(files.Key, key, 0o600)
	if _, err := Certificates(files); err != nil {
		t.Error(err)
	}
}
