package exchange

import (
	"slices"
	"unsafe"

	"github.com/raxx-go/raxx/raxx"
)

// A Live is the reply that a machine makes, part by part. It sees to it that the
// parts come in order and are what was promised. It keeps nothing of them, so
// that an exchange that waits takes no memory for its reply.
type Live struct {
	Outcome

	head     bool // the request's method is HEAD
	empty    bool // the reply has no content, whatever the machine sends
	switched bool // the head was a 101
	state    liveState
	dropped  bool  // the end of the reply, since what stands before it could not be sent
	left     int64 // of the content that was promised; -1 if nothing was
	trailer  raxx.Header
}

type liveState uint8

const (
	headToCome liveState = iota
	contentToCome
	liveEnded
)

// Begin begins the reply of the machine that Serve has come upon: it sends the
// head, unless that is deferred. The error is a [*ResponseError], and nothing
// has been sent, or it is the Sender's. The Exchange is not needed any more
// afterwards.
func (x *Exchange) Begin(req *raxx.Request, s Sender) (Live, error) {
	l := Live{head: req.Method == "HEAD", left: -1}
	l.Fault = x.response.Cause.Err()
	for _, effect := range x.response.Do {
		switch effect := effect.(type) {
		case raxx.Note:
			return l, untaken(effect)
		case raxx.Patience:
			s.Patience(effect)
		}
	}
	if x.response.Status == 0 {
		return l, checkDeferred(&x.response)
	}
	return l, l.sendHead(&x.response, s)
}

// checkDeferred refuses fields of a response whose head is still to come: whoever
// added them has not used raxx.OnHead.
func checkDeferred(resp *raxx.Response) error {
	if len(resp.Header) > 0 || len(resp.Trailer) > 0 {
		return unsendable("fields in a response whose head is deferred: they would be lost")
	}
	return nil
}

// Raw returns the reply of a machine on a connection that speaks no HTTP: it is
// content from the beginning.
func Raw() Live { return Live{state: contentToCome, left: -1, switched: true} }

// untaken is the fault of a note that has come as far as the server.
func untaken(note raxx.Note) error {
	return unsendable("a note %q that no middleware has taken: it is missing, or does not stand around this handler", note)
}

// Effects returns what the response wants to happen besides the reply.
func (x *Exchange) Effects() []raxx.Effect { return x.response.Do }

// PublishOnly carries out those effects that need no machine: a HEAD publishes
// what a GET would, though its machine is not asked.
func PublishOnly(effects []raxx.Effect, s Sender) {
	for _, effect := range effects {
		if p, ok := effect.(raxx.Publish); ok {
			s.Publish(p)
		}
	}
}

// HeadSent reports whether the head of the final reply has been sent.
func (l *Live) HeadSent() bool { return l.state != headToCome }

// Ended reports whether the reply is whole.
func (l *Live) Ended() bool { return l.state == liveEnded }

// Switched reports whether both bodies are the bytes of another protocol.
func (l *Live) Switched() bool { return l.switched }

// Done reports whether the machine has ended the reply, though it may not have been
// sent whole: it is not told of any other end then.
func (l *Live) Done() bool { return l.Ended() || l.dropped }

// Empty reports whether nothing that the machine sends behind the head reaches
// the client: in reply to HEAD, and with 204 and 304.
func (l *Live) Empty() bool { return l.empty && l.state == contentToCome }

// Closing returns what the machine is told, if it was told of the beginning, when
// its exchange comes to a regular end: 0, which is nothing, if it has ended the
// reply itself, and that the client has gone if that takes no more than the head.
func (l *Live) Closing() raxx.Reason {
	if l.Empty() {
		return raxx.ClientGone
	}
	return 0
}

// Part sends a part. It returns whole = true, and has sent nothing, if it is a
// response that is all of the reply: the caller sends it with [Exchange.Answer].
// The error is a [*ResponseError] or an [*AbortError], by which the step ends.
//
// An error of the Sender's is no fault of the machine, whose state is already
// that behind the step: what it publishes there has to be published, though its
// own client has gone. So it is kept in Err, at which the caller looks behind the
// step, and the parts that follow are dropped.
func (l *Live) Part(part raxx.Part, s Sender) (whole bool, err error) {
	if l.Err != nil {
		l.dropped = l.dropped || endsReply(part)
		return false, nil
	}
	whole, err = l.part(part, s)
	switch err.(type) {
	case nil, *ResponseError, *AbortError:
		return whole, err
	}
	l.Err = err
	return false, nil
}

// endsReply reports whether a machine that sends part sends nothing more.
func endsReply(part raxx.Part) bool {
	switch part := part.(type) {
	case raxx.Tail:
		return true
	case raxx.Response:
		return part.Body != nil
	}
	return false
}

func (l *Live) part(part raxx.Part, s Sender) (whole bool, err error) {
	if l.state == liveEnded {
		return false, unsendable("a %T behind the end of the reply", part)
	}
	switch part := part.(type) {
	case raxx.Data:
		return false, l.data(part, s)
	case raxx.Tail:
		return false, l.tail(part, s)
	case raxx.Response:
		return l.response(&part, s)
	case raxx.Inform:
		return false, l.inform(part, s)
	case raxx.Patience:
		s.Patience(part)
		return false, nil
	case raxx.Abort:
		return false, &AbortError{part.Cause.Err()}
	}
	if note, ok := part.(raxx.Note); ok {
		return false, untaken(note)
	}
	return false, unsendable("a %T, which no reply is made of", part)
}

// An AbortError is the end of a reply that its machine has broken off.
type AbortError struct{ Err error } // Err may be nil

// Error returns what the machine said.
func (e *AbortError) Error() string {
	if e.Err == nil {
		return "ace: the machine broke the reply off"
	}
	return "ace: the machine broke the reply off: " + e.Err.Error()
}

// Unwrap returns Err.
func (e *AbortError) Unwrap() error { return e.Err }

func (l *Live) response(resp *raxx.Response, s Sender) (whole bool, err error) {
	if l.state != headToCome {
		return false, unsendable("a second head")
	}
	switch resp.Body.(type) {
	case nil:
	case raxx.Machine:
		return false, unsendable("a machine in a part of a machine")
	default:
		return true, nil
	}
	if len(resp.Do) > 0 {
		return false, unsendable("effects in the head that a machine sends: they are parts of their own")
	}
	resp.Body = raxx.Machine{}
	return false, l.sendHead(resp, s)
}

// sendHead sends the head of a response whose content the machine will send.
func (l *Live) sendHead(resp *raxx.Response, s Sender) error {
	var r Reply
	if err := prepareLive(l.head, resp, &r); err != nil {
		return err
	}
	if err := s.SendHead(&r); err != nil {
		return err
	}
	l.Status, l.state, l.trailer = r.Status, contentToCome, resp.Trailer
	l.left, l.empty, l.switched = r.Length, r.NoContent, r.Status == 101
	return nil
}

// prepareLive is prepare for content that a machine makes.
func prepareLive(head bool, resp *raxx.Response, r *Reply) error {
	if err := CheckTrailer(resp.Trailer); err != nil {
		return err
	}
	if err := checkStatus(resp); err != nil {
		return err
	}
	*r = Reply{Status: resp.Status, Header: resp.Header, body: resp.Body, Length: -1}
	declared, err := r.checkHeader()
	if err != nil {
		return err
	}
	if r.Length = declared; r.Status == 205 {
		if declared > 0 {
			return unsendable("status 205 with a content-length of %d (RFC 9110, 15.3.6)", declared)
		}
		r.Length = 0
	}
	// RFC 9110, Sections 9.3.2, 15.3.5 and 15.4.5.
	r.NoContent = head || r.Status == 204 || r.Status == 304
	// What a Tail may bring is not known: fields behind content of a known
	// length have no place in HTTP/1.1.
	r.Trailer = (r.Length < 0 || len(resp.Trailer) > 0) && !r.NoContent
	return nil
}

func (l *Live) data(data raxx.Data, s Sender) error {
	switch {
	case l.state == headToCome:
		return unsendable("content before the head")
	case len(data) == 0 || l.empty:
		return nil
	case l.left >= 0 && int64(len(data)) > l.left:
		return unsendable("more content than content-length promised")
	}
	// A string's bytes, which nobody may write to: SendData only reads.
	if err := s.SendData(unsafe.Slice(unsafe.StringData(string(data)), len(data))); err != nil {
		return err
	}
	l.Content += int64(len(data))
	if l.left >= 0 {
		l.left -= int64(len(data))
	}
	return nil
}

func (l *Live) tail(tail raxx.Tail, s Sender) error {
	switch {
	case l.state == headToCome:
		return unsendable("the end of a reply without a head")
	case l.left > 0 && !l.empty:
		return unsendable("less content than content-length promised: %d bytes are missing", l.left)
	}
	if err := CheckTrailer(tail.Trailer); err != nil {
		return err
	}
	l.state = liveEnded
	return s.SendTail(slices.Concat(l.trailer, tail.Trailer))
}

func (l *Live) inform(inform raxx.Inform, s Sender) error {
	switch {
	case l.state != headToCome:
		return unsendable("an interim response behind the head")
	case inform.Status < 102 || inform.Status > 199:
		return unsendable("status %d of an interim response, which has to be from 102 to 199", inform.Status)
	}
	for i := range inform.Header {
		if err := checkField(&inform.Header[i]); err != nil {
			return &ResponseError{"a field of an interim response can't be sent", err}
		}
	}
	return s.SendInform(inform.Status, inform.Header)
}

// Answer sends a response that a machine has sent as the whole of its reply, or
// the one that replaces it if it can't be sent.
func (x *Exchange) Answer(resp raxx.Response, req *raxx.Request, s Sender, replace func(raxx.Request, error) raxx.Response) {
	x.Serve(func(raxx.Request) raxx.Response { return resp }, req, s, replace)
}
