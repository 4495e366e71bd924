package ace

import "errors"

// queue puts what the worker has gathered, and data behind it, in front of what
// will be gathered. data is never changed: it is the content of a string.
func (l *live) queue(data []byte) {
	w := l.worker
	if l.rest == nil {
		l.rest = new(rest)
	}
	if w.out != nil {
		l.rest.add(w.out.unread())
		l.rest.lent = append(l.rest.lent, w.out)
		w.out = nil
	}
	l.rest.add(data)
}

func (r *rest) add(p []byte) {
	if len(p) > 0 {
		r.parts = append(r.parts, p)
	}
}

// pending reports whether there is something to write.
func (l *live) pending() bool { return l.rest != nil || len(l.worker.out.unread()) > 0 }

// errNoRoom: a turn has sent what it may.
var errNoRoom = errors.New("ace: no room left in this turn")

// flush writes what was sent. It returns errAgain if the client does not take all
// of it now, and errNoRoom if this turn may not send more.
func (l *live) flush() error {
	w := l.worker
	if l.rest != nil {
		for len(l.rest.parts) > 0 {
			n, err := l.write(l.rest.parts[0])
			if l.rest.parts[0] = l.rest.parts[0][n:]; err != nil {
				return err
			}
			l.rest.parts = l.rest.parts[1:]
		}
		l.forgetRest()
	}
	if w.out == nil {
		return nil
	}
	n, err := l.write(w.out.unread())
	w.out.r += n
	if err == errAgain && len(w.out.unread()) == 0 {
		// A transport that has taken it holds it still.
		l.rest = &rest{parts: [][]byte{nil}}
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
	all := len(p)
	p = p[:min(all, l.room)]
	n, err := w.conn.writeSome(p, nil, w.progress())
	if l.room -= n; err == nil && n < all {
		err = errNoRoom
	}
	if n > 0 {
		w.waitBy = 0 // the client has taken something
	}
	if cause := w.cause.Load(); err != nil && cause != nil {
		return n, *cause
	}
	return n, err
}

// drop forgets what was not written.
func (l *live) drop() {
	w := l.worker
	l.forgetRest()
	w.server.buffers.put(w.out)
	w.out = nil
}

func (l *live) forgetRest() {
	if l.rest == nil {
		return
	}
	for _, b := range l.rest.lent {
		l.worker.server.buffers.put(b)
	}
	l.rest = nil
}
