package ace

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
)

// A unixListener removes its file when it is closed, if it is still its own.
type unixListener struct {
	*net.UnixListener
	path string      // from the root
	file fs.FileInfo // as it was made
	keep atomic.Bool // the file, when it is closed
}

// listenUnix listens on a path or, behind an "@", an abstract name.
func (c ListenConfig) listenUnix(path string) (net.Listener, error) {
	if strings.HasPrefix(path, "@") {
		if !abstractSockets {
			return nil, fmt.Errorf("abstract unix sockets: %w", errors.ErrUnsupported)
		}
		return c.bindUnix(path)
	}
	unlock := lockFolder(filepath.Dir(path))
	defer unlock()
	l, err := c.bindUnix(path)
	if errors.Is(err, syscall.EADDRINUSE) {
		if inUse := removeStale(path); inUse != nil {
			return nil, fmt.Errorf("%w: %w", inUse, err)
		}
		l, err = c.bindUnix(path)
	}
	if err != nil {
		return nil, err
	}
	return c.own(l, path)
}

func (c ListenConfig) bindUnix(path string) (*net.UnixListener, error) {
	var config net.ListenConfig
	if c.Mode != 0 {
		config.Control = func(_, _ string, raw syscall.RawConn) error {
			return control(raw, func(fd uintptr) error { return restrictSocket(fd, c.Mode) })
		}
	}
	l, err := config.Listen(context.Background(), "unix", path)
	if errors.Is(err, syscall.EINVAL) {
		return nil, fmt.Errorf("%w (is the path too long? It has %d bytes; most systems allow about 100)", err, len(path))
	}
	if err != nil {
		return nil, err
	}
	return l.(*net.UnixListener), nil
}

// own gives the file its permissions and takes note of it.
func (c ListenConfig) own(l *net.UnixListener, path string) (net.Listener, error) {
	var failed error
	if c.Mode != 0 {
		failed = os.Chmod(path, c.Mode)
	}
	path, err := filepath.Abs(path)
	if failed == nil {
		failed = err
	}
	file, err := os.Lstat(path)
	if failed == nil {
		failed = err
	}
	if failed != nil {
		l.Close()
		return nil, failed
	}
	l.SetUnlinkOnClose(false)
	return &unixListener{UnixListener: l, path: path, file: file}, nil
}

// removeStale removes the file of a socket on which nobody answers. Its error
// says why it left it.
func removeStale(path string) error {
	file, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if file.Mode()&fs.ModeSocket == 0 {
		return errors.New("there is a file that is no socket")
	}
	conn, err := net.DialTimeout("unix", path, answerTimeout)
	if err == nil {
		conn.Close()
		return errors.New("another server answers there")
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("there is a socket of which it is not certain that nobody answers: %w", err)
	}
	return os.Remove(path)
}

// Close removes the file and closes the socket: in this order, since as long as
// the socket answers nobody takes its file away.
func (l *unixListener) Close() error {
	if !l.keep.Swap(true) {
		if now, err := os.Lstat(l.path); err == nil && os.SameFile(now, l.file) {
			os.Remove(l.path)
		}
	}
	return l.UnixListener.Close()
}

// SetUnlinkOnClose sets whether Close removes the file.
func (l *unixListener) SetUnlinkOnClose(unlink bool) { l.keep.Store(!unlink) }
