package ace

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"syscall"
	"time"
	"unsafe"

	"github.com/raxx-go/raxx/ace/internal/wheel"
)

// A socket is a transport over the descriptor of a TCP or unix connection. It
// waits without a buffer, writes a head and its data with one call, and lets
// the kernel copy files. Its calls never block, so they are made without telling
// Go's scheduler, which is what most of a small call would cost.
type socket struct {
	server  *Server
	conn    net.Conn
	raw     syscall.RawConn
	reading socketRead
	writing socketWrite
	watcher watcher
}

// socketRead is owned by the goroutine that reads.
type socketRead struct {
	readDeadline
	in       **buffer
	deadline time.Time
	err      error
	try      func(fd uintptr) bool // socket.tryRead
}

// socketWrite is owned by the goroutine that writes.
type socketWrite struct {
	timer   wheel.Timer
	parts   [2][]byte
	file    int
	left    int64 // to be sent of the file
	timeout time.Duration
	err     error
	try     func(fd uintptr) bool // socket.tryWrite
}

// newSocket returns nil if conn has no descriptor of its own.
func newSocket(s *Server, conn net.Conn) transport {
	switch conn.(type) {
	case *net.TCPConn, *net.UnixConn:
	default:
		return nil
	}
	raw, err := conn.(syscall.Conn).SyscallConn()
	if err != nil {
		return nil
	}
	t := &socket{server: s, conn: conn, raw: raw}
	t.reading.init(&s.wheel, conn)
	t.reading.try = t.tryRead
	t.writing.try = t.tryWrite
	s.wheel.Init(&t.writing.timer, func() { conn.SetWriteDeadline(past) })
	return t
}

func (t *socket) read(b **buffer, deadline time.Time) error {
	r := &t.reading
	r.in, r.deadline, r.err = b, deadline, nil
	err := t.raw.Read(r.try)
	r.timer.Stop()
	switch {
	case err == nil:
		return r.err
	case errors.Is(err, os.ErrDeadlineExceeded):
		r.woken()
		return errWoken
	}
	return err
}

// tryRead makes one attempt. It returns false to wait until the socket is
// readable, and holds no buffer meanwhile that it did not have before.
func (t *socket) tryRead(fd uintptr) bool {
	r := &t.reading
	b := *r.in
	if b == nil {
		b = t.server.buffers.get()
	}
	n, errno := readFD(fd, b.space())
	if n > 0 {
		b.b = b.b[:len(b.b)+n]
		*r.in = b
		return true
	}
	if *r.in == nil {
		t.server.buffers.put(b)
	}
	switch errno {
	case syscall.EAGAIN:
		if r.deadline.IsZero() {
			r.err = errAgain
			return true
		}
		r.timer.At(r.deadline)
		return false
	case 0:
		r.err = io.EOF
	default:
		r.err = os.NewSyscallError("read", errno)
	}
	return true
}

func (t *socket) wake() { t.reading.wake() }

func (t *socket) write(head, data []byte, timeout time.Duration) error {
	w := &t.writing
	w.parts, w.timeout, w.left, w.err = [2][]byte{head, data}, timeout, 0, nil
	return t.finishWrite()
}

// finishWrite waits until everything in t.writing is written.
func (t *socket) finishWrite() error {
	w := &t.writing
	err := t.raw.Write(w.try)
	w.timer.Stop()
	w.parts = [2][]byte{}
	if err == nil {
		err = w.err
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return ErrTimeout
	}
	return err
}

// tryWrite writes as much as the socket takes. It returns false to wait until it
// takes more.
func (t *socket) tryWrite(fd uintptr) bool {
	w := &t.writing
	for w.err == nil && !w.done() {
		n, errno := w.attempt(fd)
		switch {
		case errno == syscall.EAGAIN:
			w.timer.In(w.timeout)
			return false
		case errno == syscall.EINTR:
		case errno != 0:
			w.err = os.NewSyscallError("write", errno)
		case n == 0 && w.left > 0:
			w.err = io.ErrUnexpectedEOF // the file has become shorter
		default:
			w.advance(n)
		}
	}
	return true
}

func (w *socketWrite) done() bool { return len(w.parts[0]) == 0 && len(w.parts[1]) == 0 && w.left == 0 }

// attempt makes one system call for what is to be written next.
func (w *socketWrite) attempt(fd uintptr) (int, syscall.Errno) {
	switch {
	case len(w.parts[0]) > 0 && len(w.parts[1]) > 0:
		return writeFDParts(fd, w.parts)
	case len(w.parts[0]) > 0:
		return writeFD(fd, w.parts[0])
	case len(w.parts[1]) > 0:
		return writeFD(fd, w.parts[1])
	}
	// A file may have to be read from a disk, so the scheduler is told.
	n, err := syscall.Sendfile(int(fd), w.file, nil, int(min(w.left, 1<<20)))
	errno, _ := err.(syscall.Errno)
	return max(n, 0), errno
}

// advance takes note that n bytes have been written.
func (w *socketWrite) advance(n int) {
	for i := range w.parts {
		m := min(n, len(w.parts[i]))
		w.parts[i] = w.parts[i][m:]
		n -= m
	}
	w.left -= int64(n)
}

func (t *socket) sendFile(f fs.File, n int64, timeout time.Duration) error {
	file, ok := f.(syscall.Conn)
	if !ok {
		return copyFile(t, t.server, f, n, timeout)
	}
	raw, err := file.SyscallConn()
	if err != nil {
		return copyFile(t, t.server, f, n, timeout)
	}
	var sent error
	err = raw.Control(func(fd uintptr) {
		t.writing.file, t.writing.left = int(fd), n
		t.writing.timeout, t.writing.err = timeout, nil
		sent = t.finishWrite()
	})
	return errors.Join(err, sent)
}

func (t *socket) closeWrite() error {
	return t.conn.(interface{ CloseWrite() error }).CloseWrite()
}

func (t *socket) cut() { t.reading.cutAll() }

func (t *socket) close(abort bool) {
	t.reading.timer.Remove()
	t.writing.timer.Remove()
	if abort {
		abortively(t.conn)
	}
	t.conn.Close()
}

// readFD, writeFD and writeFDParts are read(2), write(2) and writev(2) on a
// descriptor that does not block.
func readFD(fd uintptr, p []byte) (int, syscall.Errno) {
	for {
		n, _, errno := syscall.RawSyscall(syscall.SYS_READ, fd, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
		if errno == 0 {
			return int(n), 0
		}
		if errno != syscall.EINTR {
			return 0, errno
		}
	}
}

func writeFD(fd uintptr, p []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall(syscall.SYS_WRITE, fd, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	return int(n), errno
}

func writeFDParts(fd uintptr, parts [2][]byte) (int, syscall.Errno) {
	var vec [2]syscall.Iovec
	for i := range parts {
		vec[i].Base = unsafe.SliceData(parts[i])
		vec[i].SetLen(len(parts[i]))
	}
	n, _, errno := syscall.RawSyscall(syscall.SYS_WRITEV, fd, uintptr(unsafe.Pointer(&vec[0])), uintptr(len(vec)))
	return int(n), errno
}
