package ace

import (
	"sync/atomic"
	"syscall"
	"unsafe"
)

// A watcher is a goroutine that waits for the peer of a socket to go away, while
// a handler that wants to know is at work.
type watcher struct {
	stop atomic.Bool
	done chan struct{} // closed when the goroutine has ended; nil: there is none
}

func (t *socket) watch(gone func()) {
	t.watcher.stop.Store(false)
	t.watcher.done = make(chan struct{})
	go func() {
		defer close(t.watcher.done)
		t.watchUntil(gone)
	}()
}

// watchUntil waits until the peer has gone or the watcher is to stop. Wakes that
// are meant for a read are passed over: the read that comes next looks for
// their reason by itself.
func (t *socket) watchUntil(gone func()) {
	for !t.watcher.stop.Load() {
		left := false
		err := t.raw.Read(func(fd uintptr) bool {
			left = hasLeft(fd)
			return left || t.watcher.stop.Load()
		})
		if left || err != nil && !isTimeout(err) {
			gone()
			return
		}
		if err != nil {
			t.reading.woken()
		}
	}
}

func (t *socket) unwatch() {
	if t.watcher.done == nil {
		return
	}
	t.watcher.stop.Store(true)
	t.reading.wake()
	<-t.watcher.done
	t.watcher.done = nil
	t.reading.woken()
}

// hasLeft reports whether the peer has closed the direction in which it sends,
// or the connection. Bytes that have not been read yet do not hide it: poll(2)
// knows of the FIN behind them.
func hasLeft(fd uintptr) bool {
	const rdhup = 0x2000
	p := struct {
		fd              int32
		events, revents int16
	}{fd: int32(fd), events: rdhup}
	var now syscall.Timespec
	n, _, errno := syscall.RawSyscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&p)), 1, uintptr(unsafe.Pointer(&now)), 0, 0, 0)
	return errno == 0 && n > 0
}
