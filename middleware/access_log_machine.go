package middleware

import (
	"log/slog"

	"github.com/raxx-go/raxx/raxx"
)

// A loggedMachine is a machine whose end writes a line.
type loggedMachine struct {
	inner raxx.Machine
	entry accessEntry
	out   int64
	done  *bool // the line has been written; shared by all states, since a step that panics leaves none
}

func (m loggedMachine) step(event raxx.Event) (loggedMachine, []raxx.Part) {
	if data, ok := event.(raxx.Data); ok {
		m.entry.in += int64(len(data))
	}
	returned := false
	defer func() {
		if !returned {
			m.end(accessEnd{level: slog.LevelError, how: "panic", out: m.out})
		}
	}()
	var parts []raxx.Part
	m.inner, parts = m.inner.Step(event)
	returned = true
	for i, part := range parts {
		switch part := part.(type) {
		case raxx.Response:
			if head, changed := m.head(part); changed {
				parts = withPart(parts, i, head)
			}
		case raxx.Data:
			m.out += int64(len(part))
		case raxx.Tail:
			m.end(accessEnd{out: m.out})
		case raxx.Abort:
			m.end(accessEnd{level: slog.LevelError, how: raxx.Aborted.String(), out: m.out, err: part.Cause.Err()})
		}
	}
	if closed, ok := event.(raxx.Closed); ok {
		m.end(accessEnd{level: levelOf(closed.Reason), how: closed.Reason.String(), out: m.out})
	}
	return m, parts
}

// head notes the head of the reply, which may be all of it, and takes out what it says
// to the log. It reports whether it has changed it.
func (m *loggedMachine) head(resp raxx.Response) (raxx.Response, bool) {
	heard := m.entry.heard(&resp)
	if *m.done {
		return resp, heard
	}
	m.entry.headed(&resp)
	sends := sendsContent(m.entry.method, resp.Status)
	switch body := resp.Body.(type) {
	case raxx.Stream:
		if sends {
			*m.done = true
			kept := m.entry
			resp.Body = watchStream(raxx.Request{}, body, kept.streamed)
			return resp, true
		}
	case nil:
		if sends {
			return resp, heard // Data and a Tail follow
		}
	}
	out := m.out
	if sends {
		out = raxx.Length(resp.Body)
	}
	m.end(accessEnd{out: out})
	return resp, heard
}

// end writes the line, unless it has been.
func (m *loggedMachine) end(end accessEnd) {
	if !*m.done {
		*m.done = true
		m.entry.write(&end)
	}
}

// levelOf returns the level of a machine's end: an error if it is the
// application's fault.
func levelOf(r raxx.Reason) slog.Level {
	switch r {
	case raxx.Unsendable, raxx.Aborted:
		return slog.LevelError
	case raxx.Overflowed:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// BorrowsData is true if it is for the machine within; see [raxx.Borrower].
func (m loggedMachine) BorrowsData() bool { return m.inner.Borrows() }

// LastWords are those of the machine within; see [raxx.LastWorder].
func (m loggedMachine) LastWords() raxx.Data { return m.inner.LastWords() }

// Equal reports whether both stand around equal machines that have sent as much.
func (m loggedMachine) Equal(n loggedMachine) bool {
	return m.out == n.out && *m.done == *n.done && m.inner.Equal(n.inner)
}
