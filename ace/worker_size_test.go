package ace

import (
	"testing"
	"unsafe"
)

// What a connection holds while it waits is counted in size classes of Go's
// allocator: 288 bytes are one, and a byte more is 320 for each connection.
func TestSizeOfAWorker(t *testing.T) {
	if size := unsafe.Sizeof(worker{}); unsafe.Sizeof(uintptr(0)) == 8 && size > 288 {
		t.Errorf("a worker has %d bytes, want 288 at the most", size)
	}
}
