//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package ace

import (
	"os"
	"syscall"
	"time"
)

// lockFolder keeps other processes that listen by this package on a socket in a
// folder from looking at it while this one does. Without it, two that start at
// once could both find a stale file, and one of them remove the other's new one.
// It waits for a moment only, and goes on without the lock: there are programs
// that lock a folder for other reasons. The lock ends with unlock, or with the
// process.
func lockFolder(path string) (unlock func()) {
	folder, err := os.Open(path)
	if err != nil {
		return func() {} // to listen there will fail, or nobody may read it
	}
	for range 100 {
		err = syscall.Flock(int(folder.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err != syscall.EWOULDBLOCK && err != syscall.EINTR {
			break
		}
		<-time.After(10 * time.Millisecond)
	}
	return func() { folder.Close() }
}
