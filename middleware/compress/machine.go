package compress

import "github.com/raxx-go/raxx/raxx"

// A machine compresses what the machine within sends. It is a value: a step
// changes a copy, and no encoder is part of it.
type machine struct {
	inner  raxx.Machine
	c      *compressor
	client client // while it waits for a head
	phase  phase
	gzip   deflated
	left   int64 // of what was promised, if that is coded; -1 if nothing was
}

// A phase says what a machine does with the data of the one within.
type phase uint8

const (
	waits phase = iota // for the head
	plain
	codes
)

func (m machine) step(event raxx.Event) (machine, []raxx.Part) {
	var parts []raxx.Part
	m.inner, parts = m.inner.Step(event)
	if m.phase == plain || len(parts) == 0 {
		return m, parts
	}
	out := make([]raxx.Part, 0, len(parts)+1)
	for _, part := range parts {
		switch p := part.(type) {
		case raxx.Response:
			m, part = m.head(p)
		case raxx.Data:
			if m.phase == codes && p == "" {
				continue
			}
			if m.phase == codes {
				if m.left >= 0 {
					if m.left -= int64(len(p)); m.left < 0 {
						return m, append(out, abort(m.left))
					}
				}
				m.gzip, part = m.gzip.data(p)
			}
		case raxx.Tail:
			if m.phase == codes && m.left > 0 {
				return m, append(out, abort(m.left))
			}
			if m.phase == codes {
				out = append(out, m.gzip.end())
			}
		}
		out = append(out, part)
	}
	return m, out
}

// head decides when the head comes. A head with content is the whole reply.
func (m machine) head(resp raxx.Response) (machine, raxx.Part) {
	cl := m.client
	m.phase, m.client = plain, client{}
	if resp.Status == raxx.StatusNotModified {
		return m, notModified(cl.variants, resp)
	}
	size := length(cl.method, resp)
	if resp.Body == nil {
		size = declared(resp)
	}
	resp, candidate := m.c.candidate(cl.method, resp, size)
	switch {
	case !candidate:
	case resp.Body != nil:
		resp = m.c.encode(cl, resp)
	case cl.machine == "gzip":
		m.phase, m.left = codes, left(cl.method, size)
		resp = labelled(resp, "gzip")
	}
	return m, resp
}

// left returns how much a machine has to send that promised so much, or -1. In reply
// to HEAD it may send what it likes, which nobody sees.
func left(method string, promised int64) int64 {
	if method == raxx.MethodHead {
		return -1
	}
	return promised
}

// abort breaks off a reply of which left bytes are missing.
func abort(left int64) raxx.Part { return raxx.Abort{Cause: raxx.NewCause(brokenPromise(left))} }

// LastWords are those of the machine within, coded like what it has sent before; see
// [raxx.LastWorder]. One that has promised a length can't be whole with them.
func (m machine) LastWords() raxx.Data {
	words := m.inner.LastWords()
	switch {
	case words == "" || m.phase != codes:
		return words
	case m.left >= 0:
		return ""
	}
	coded, said := m.gzip.data(words)
	return said.(raxx.Data) + coded.end().(raxx.Data)
}

// Equal reports whether both are in the same phase, have sent the same, and
// stand around equal machines.
func (m machine) Equal(n machine) bool {
	return m.phase == n.phase && m.c == n.c && m.gzip == n.gzip && m.left == n.left && m.inner.Equal(n.inner)
}
