package raxxtest

import (
	"errors"
	"fmt"

	"github.com/raxx-go/raxx/raxx"
)

// ErrCut is the error of a body that [Cut] has cut.
var ErrCut = errors.New("raxxtest: the body was cut")

// Cut is the fault that the body of the response breaks off behind its first n
// octets, with [ErrCut]. A body that is no longer than that is left as it is. It
// panics if n is negative.
func Cut(n int64) raxx.Middleware {
	if n < 0 {
		panic(fmt.Sprintf("raxxtest: Cut behind %d octets", n))
	}
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			resp := next(req)
			if m, ok := resp.Body.(raxx.Machine); ok {
				resp.Body = raxx.NewMachine(cutMachine{m, n}, cutMachine.step)
				return resp
			}
			return cutBody(resp, n)
		}
	}
}

// cutBody returns resp with a body that is there, cut.
func cutBody(resp raxx.Response, n int64) raxx.Response {
	length := raxx.Length(resp.Body)
	if resp.Body == nil || length >= 0 && length <= n {
		return resp
	}
	body := resp.Body
	cut := raxx.NewStream(length, func(yield func([]byte, error) bool) {
		left := n
		for chunk, err := range raxx.Chunks(body) {
			if err == nil && int64(len(chunk)) > left {
				if left == 0 || yield(chunk[:left], nil) {
					yield(nil, ErrCut)
				}
				return
			}
			left -= int64(len(chunk))
			if !yield(chunk, err) {
				return
			}
		}
	})
	if s, ok := body.(raxx.Stream); ok && s.HasTrailer() {
		cut = cut.WithTrailer(s.Trailer)
	}
	resp.Body = cut
	return resp
}

// A cutMachine breaks off behind left octets.
type cutMachine struct {
	inner raxx.Machine
	left  int64
}

func (m cutMachine) step(event raxx.Event) (cutMachine, []raxx.Part) {
	var parts, sent []raxx.Part
	m.inner, parts = m.inner.Step(event)
	for _, part := range parts {
		switch p := part.(type) {
		case raxx.Response:
			part = cutBody(p, m.left)
		case raxx.Data:
			if int64(len(p)) > m.left {
				p, m.left = p[:m.left], 0
				return m, append(sent, p, raxx.Abort{Cause: raxx.NewCause(ErrCut)})
			}
			m.left -= int64(len(p))
		}
		sent = append(sent, part)
	}
	return m, sent
}

// LastWords are those of the machine within, as far as they come. See
// [raxx.LastWorder].
func (m cutMachine) LastWords() raxx.Data {
	words := m.inner.LastWords()
	return words[:min(int64(len(words)), m.left)]
}
