package h2

// A Workspace is the memory that a Conn needs while it works, and not while it
// waits. A driver has one for each goroutine that drives connections, or a pool
// of them, and lends it with [Conn.Lend]. A Conn that has none makes one.
type Workspace struct {
	framer  *framer
	message *message
	source  *fieldSource
	free    []*Stream // that nobody refers to
}

// maxFree is how many streams a Workspace keeps for their next use.
const maxFree = 256

// NewWorkspace returns a Workspace.
func NewWorkspace() *Workspace {
	m := new(message)
	return &Workspace{framer: newFramer(), message: m, source: newFieldSource(m)}
}

// Lend gives the Conn a Workspace until [Conn.Release].
func (c *Conn) Lend(w *Workspace) { c.work = w }

// Release takes the Workspace back, for another Conn, and lets go of whatever
// memory the Conn does not need while it waits. It may be called at any time
// between two calls; nil means that there was none.
func (c *Conn) Release() *Workspace {
	w := c.work
	c.work = nil
	c.decoder.letGo()
	if len(c.control) == 0 {
		c.control = nil
	}
	if len(c.open) == 0 {
		if cap(c.open) > 4 {
			c.open = nil
		}
		c.recent.shrink()
	}
	if c.scheduler != nil && c.scheduler.ready == 0 {
		c.scheduler = nil
	}
	return w
}

func (c *Conn) workspace() *Workspace {
	if c.work == nil {
		c.work = NewWorkspace()
	}
	return c.work
}

// newStream returns a stream that nobody else knows.
func (w *Workspace) newStream() *Stream {
	if n := len(w.free); n > 0 {
		s := w.free[n-1]
		w.free[n-1] = nil
		w.free = w.free[:n-1]
		return s
	}
	return new(Stream)
}

// recycle takes a stream that nobody knows any more.
func (w *Workspace) recycle(s *Stream) {
	*s = Stream{}
	if len(w.free) < maxFree {
		w.free = append(w.free, s)
	}
}
