package ace

// permits bound the number of connections. A governor takes one before it
// accepts, so that a connection beyond the bound stays in the kernel's queue;
// the worker gives it back when its connection has been closed.
type permits chan struct{}

// newPermits returns n permits; nil, if n is beyond what a machine can hold.
func newPermits(n int) permits {
	if n > 1<<24 {
		return nil
	}
	return make(permits, n)
}

// try takes a permit if there is one.
func (p permits) try() bool {
	if p == nil {
		return true
	}
	select {
	case p <- struct{}{}:
		return true
	default:
		return false
	}
}

// take waits for a permit, and reports whether it got one before stop closed.
func (p permits) take(stop <-chan struct{}) bool {
	if p == nil {
		return true
	}
	select {
	case p <- struct{}{}:
		return true
	case <-stop:
		return false
	}
}

func (p permits) give() {
	if p != nil {
		<-p
	}
}
