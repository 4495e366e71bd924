package raxxtest

import (
	"slices"

	"github.com/raxx-go/raxx/raxx"
)

// A reply is what a client has seen of an answer so far. It checks each part as
// a server would before it sends it.
type reply struct {
	method   string
	headed   bool // the head has been sent
	ended    bool // by a Tail or an Abort
	head     raxx.Response
	declared int64 // the content-length of the head, or -1
	length   int64 // that a server names in the head; -1 if that is not known yet
	trailer  raxx.Header
	sent     int64 // octets of content
}

// start takes what a handler returned, but for the body if that is a machine.
func (r *reply) start(resp raxx.Response) error {
	r.declared, r.length = -1, -1
	if _, machine := resp.Body.(raxx.Machine); machine && resp.Status == 0 {
		if len(resp.Header) > 0 || len(resp.Trailer) > 0 {
			return broken("a response whose head is still to come has fields, which nobody would see; use raxx.OnHead")
		}
		return checkEffects(resp)
	}
	err := r.takeHead(resp)
	if err == nil && resp.Body == nil && r.declared > 0 && !r.empty() {
		return broken("content-length %d with a body of 0 bytes", r.declared)
	}
	return err
}

// take takes a part that a machine has sent.
func (r *reply) take(part raxx.Part) error {
	if _, effect := part.(raxx.Effect); r.ended && !effect {
		return broken("a %T comes behind the end of the reply", part)
	}
	switch part := part.(type) {
	case raxx.Response:
		return r.takeDeferred(part)
	case raxx.Inform:
		return r.takeInform(part)
	case raxx.Data:
		return r.takeData(part)
	case raxx.Tail:
		return r.takeTail(part)
	case raxx.Abort:
		r.ended = true
	case raxx.Subscribe, raxx.Unsubscribe, raxx.Publish, raxx.After, raxx.Pull, raxx.Patience:
	case raxx.Note:
		return broken("a note %q among the parts of a machine; notes belong into Do of a response", part)
	case nil:
		return broken("a part is nil")
	default:
		return broken("a %T is no part of a response", part)
	}
	return nil
}

func (r *reply) takeDeferred(resp raxx.Response) error {
	if r.headed {
		return broken("a second head, of status %d, comes behind the one of status %d", resp.Status, r.head.Status)
	}
	if _, machine := resp.Body.(raxx.Machine); machine {
		return broken("a machine sends a response whose body is a machine")
	}
	if len(resp.Do) > 0 && resp.Body == nil {
		return broken("effects in the head that a machine sends: they are parts of their own")
	}
	if resp.Status == 101 && resp.Body == nil {
		// The machine that has sent it speaks the new protocol.
		resp.Body = raxx.Machine{}
	}
	return r.takeHead(resp)
}

func (r *reply) takeHead(resp raxx.Response) error {
	if err := checkHead(resp); err != nil {
		return err
	}
	r.declared, _ = declaredLength(resp.Header)
	if r.length = r.declared; r.length < 0 && resp.Body != nil {
		r.length = raxx.Length(resp.Body)
	}
	r.headed, r.trailer = true, resp.Trailer
	r.head = resp
	r.head.Body, r.head.Trailer, r.head.Do = nil, nil, nil
	return nil
}

func (r *reply) takeInform(inform raxx.Inform) error {
	if r.headed {
		return broken("an Inform of status %d comes behind the head", inform.Status)
	}
	return checkInform(inform)
}

func (r *reply) takeData(data raxx.Data) error {
	switch {
	case !r.headed:
		return broken("Data comes before the head")
	case len(data) == 0 || r.empty():
		return nil
	case r.head.Status == 205:
		return broken("Data comes behind a head of status 205, which has no content (RFC 9110, 15.3.6)")
	case r.declared >= 0 && r.sent+int64(len(data)) > r.declared:
		return broken("a body longer than the %d bytes that it promised", r.declared)
	}
	r.sent += int64(len(data))
	return nil
}

func (r *reply) takeTail(tail raxx.Tail) error {
	switch {
	case !r.headed:
		return broken("a Tail comes before the head")
	case !r.empty() && r.sent < r.declared:
		return broken("a body of %d bytes that promised %d", r.sent, r.declared)
	}
	r.ended = true
	r.trailer = slices.Concat(r.trailer, tail.Trailer)
	return checkTrailer(tail.Trailer)
}

// empty reports whether the client is sent nothing behind the head, whatever
// the body is (RFC 9110, Sections 9.3.2, 15.3.5 and 15.4.5). Then nobody asks for
// the body, and a machine hears of the end, and nothing more.
func (r *reply) empty() bool {
	return r.headed && (r.method == raxx.MethodHead || r.head.Status == 204 || r.head.Status == 304)
}
