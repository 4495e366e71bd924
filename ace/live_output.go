package ace

import "time"

// queue puts what the worker has gathered, and data behind it, in front of what
// will be gathered. data is never changed: it is the content of a string.
func (l *live) queue(data []byte) {
	w := l.worker
	if len(w.out.unread()) > 0 {
		l.rest = append(l.rest, w.out.unread())
	}
	if w.out != nil {
		l.lent = append(l.lent, w.out)
		w.out = nil
	}
	if len(data) > 0 {
		l.rest = append(l.rest, data)
	}
}

// pending reports whether there is something to write.
func (l *live) pending() bool {
	return len(l.rest) > 0 || len(l.worker.out.unread()) > 0
}

// flush writes what was sent. It returns errAgain if the client does not take all
// of it now.
func (l *live) flush() error {
	w := l.worker
	for len(l.rest) > 0 {
		n, err := l.write(l.rest[0])
		if l.rest[0] = l.rest[0][n:]; err != nil {
			return err
		}
		l.rest = l.rest[1:]
	}
	for _, b := range l.lent {
		w.server.buffers.put(b)
	}
	l.rest, l.lent = nil, nil
	if w.out == nil {
		return nil
	}
	n, err := l.write(w.out.unread())
	w.out.r += n
	if err == errAgain && len(w.out.unread()) == 0 {
		l.rest = append(l.rest, nil) // a transport that has taken it holds it still
	}
	if err != nil {
		return err
	}
	w.server.buffers.put(w.out)
	w.out = nil
	return nil
}

func (l *live) write(p []byte) (int, error) {
	w := l.worker
	w.wrote = true
	n, err := w.conn.writeSome(p, nil, w.server.limits.progress)
	if n > 0 {
		w.waitBy = time.Time{} // the client has taken something
	}
	if cause := w.cause.Load(); err != nil && cause != nil {
		return n, *cause
	}
	return n, err
}

// drop forgets what was not written.
func (l *live) drop() {
	w := l.worker
	for _, b := range l.lent {
		w.server.buffers.put(b)
	}
	l.rest, l.lent = nil, nil
	w.server.buffers.put(w.out)
	w.out = nil
}
