package exchange

import (
	"errors"
	"io/fs"
	"slices"
	"unsafe"

	"github.com/raxx-go/raxx/raxx"
)

// A Sender writes the parts of one reply in the way of its protocol. Its methods
// are called in the order Publish and Patience, SendInform, SendHead, one SendData, one
// SendFile or any number of SendChunk, SendTail, by the goroutine that called
// [Exchange.Serve] or a method of [Live]. After an error nothing more is called.
// Errors are the transport's or the peer's; the exchange hands them on.
type Sender interface {
	// Publish sends a message to those who subscribe to its topic.
	Publish(raxx.Publish)
	// Patience says how long the client may keep the exchange waiting from now on.
	// A machine may say it at any time.
	Patience(raxx.Patience)
	// SendInform sends an interim response. Its fields have been checked.
	SendInform(status int, header raxx.Header) error
	// SendHead sends what stands before the content. If the reply streams and has
	// no length, the client is to learn of it now, not when the first chunk comes.
	SendHead(*Reply) error
	// SendData sends content that is never changed: it may be kept.
	SendData(p []byte) error
	// SendChunk sends a piece of content behind which nothing may follow for a
	// while. It keeps nothing of p.
	SendChunk(p []byte) error
	// SendFile sends the next n octets of the file. If it can't be read to there the
	// error is a [*ResponseError].
	SendFile(f fs.File, n int64) error
	// SendTail ends the reply.
	SendTail(trailer raxx.Header) error
}

// An Outcome says how an exchange went.
type Outcome struct {
	Status  int   // that was sent; 0 if no head was
	Content int64 // octets of content handed to the Sender whole
	Fault   error // of the handler: a PanicError or ResponseError, or the response's cause
	Err     error // why the reply was not sent whole; nil if it was
	Gone    error // why its context had ended before, for the server's trace; nil if it had not
}

// An Exchange is the memory that answering a request takes beside the request,
// and its outcome. A protocol has one for each exchange that can go on at once,
// and uses it again and again. Its zero value is ready for use.
type Exchange struct {
	Outcome

	response raxx.Response
	reply    Reply
}

// Machine returns the machine that is to make the reply, if [Exchange.Serve] has
// come upon one. Nothing has been sent then: see [Exchange.Begin].
func (x *Exchange) Machine() (raxx.Machine, bool) {
	if x.reply.Status != 0 {
		return raxx.Machine{}, false
	}
	m, ok := x.response.Body.(raxx.Machine)
	return m, ok
}

// Reset forgets the exchange, so that nothing of it is kept in memory.
func (x *Exchange) Reset() { *x = Exchange{} }

// Serve calls the handler and sends its response. A response that can't be sent
// is replaced by the one that replace makes for the fault. It returns when the
// reply has been handed to the Sender whole, or can't be: see Outcome. If the
// body of the response is a machine it returns before: see Machine.
func (x *Exchange) Serve(h raxx.Handler, req *raxx.Request, s Sender, replace func(raxx.Request, error) raxx.Response) {
	err := x.call(h, req)
	if err == nil {
		if _, ok := x.response.Body.(raxx.Machine); ok {
			return
		}
		err = x.accept(req.Method, s)
	}
	if err != nil {
		x.Fault = err
		x.replaceWith(req, err, replace)
	}
	x.send(s)
}

// accept checks a response whose body is no machine, and carries out its effects.
func (x *Exchange) accept(method string, s Sender) error {
	x.Fault = x.response.Cause.Err()
	if err := prepare(method, &x.response, &x.reply); err != nil {
		return err
	}
	if len(x.response.Do) > 0 {
		return x.do(s)
	}
	return nil
}

// do carries out the effects of a response whose body is no machine.
func (x *Exchange) do(s Sender) error {
	for _, effect := range x.response.Do {
		if err := checkEffect(effect); err != nil {
			x.reply.closeFile()
			return err
		}
	}
	for _, effect := range x.response.Do {
		switch effect := effect.(type) {
		case raxx.Publish:
			s.Publish(effect)
		case raxx.Patience:
			s.Patience(effect)
		}
	}
	return nil
}

// checkEffect refuses what a response can't have whose body is no machine.
func checkEffect(effect raxx.Effect) error {
	switch effect := effect.(type) {
	case raxx.Publish, raxx.Patience:
		return nil
	case raxx.Note:
		return untaken(effect)
	}
	return unsendable("a %T in a response whose body is no machine: nobody would be told", effect)
}

// Refuse sends a reply that no handler was asked for: to a request that could
// not be read, or that came too late. It may follow on a Serve of which nothing
// was sent.
func (x *Exchange) Refuse(req *raxx.Request, err error, s Sender, replace func(raxx.Request, error) raxx.Response) {
	x.Reset()
	x.replaceWith(req, err, replace)
	x.send(s)
}

// Replace sends what stands for a fault, of an exchange of which nothing has been
// sent.
func (x *Exchange) Replace(req *raxx.Request, fault error, s Sender, replace func(raxx.Request, error) raxx.Response) {
	*x = Exchange{Outcome: Outcome{Fault: fault}}
	x.replaceWith(req, fault, replace)
	x.send(s)
}

// call calls the handler. Its panic comes back as an error.
func (x *Exchange) call(h raxx.Handler, req *raxx.Request) (err error) {
	defer recovered(&err)
	x.response = h(*req)
	return nil
}

// replaceWith prepares the response that stands for err. If that can't be sent
// either, it is an empty 500, and a fault besides the one that it stands for.
func (x *Exchange) replaceWith(req *raxx.Request, err error, replace func(raxx.Request, error) raxx.Response) {
	fault := x.call(func(req raxx.Request) raxx.Response { return replace(req, err) }, req)
	if fault == nil {
		fault = prepare(req.Method, &x.response, &x.reply)
	}
	if fault != nil {
		x.reply = Reply{Status: 500, NoContent: req.Method == "HEAD"}
		x.Fault = besides(x.Fault, fault)
	}
}

// besides returns both of two faults, of which the first may be nil.
func besides(first, second error) error {
	if first == nil {
		return second
	}
	return errors.Join(first, second)
}

// send sends the reply.
func (x *Exchange) send(s Sender) {
	r := &x.reply
	if r.file != nil {
		defer r.closeFile()
	}
	if x.Err = s.SendHead(r); x.Err != nil {
		return
	}
	x.Status = r.Status
	if !r.NoContent {
		if x.Err = x.content(r, s); x.Err != nil {
			return
		}
	}
	x.Err = s.SendTail(r.trailer)
}

// content sends the body, whatever its variant.
func (x *Exchange) content(r *Reply, s Sender) error {
	switch body := r.body.(type) {
	case raxx.Data:
		if len(body) == 0 {
			return nil
		}
		// A string's bytes, which nobody may write to: SendData only reads.
		return x.sent(int64(len(body)), s.SendData(unsafe.Slice(unsafe.StringData(string(body)), len(body))))
	case raxx.File:
		err := x.file(r, s)
		if isFault(err) {
			x.Fault = err
		}
		return err
	case raxx.Stream:
		err := x.stream(body, r, s)
		if isFault(err) {
			x.Fault = err
		}
		return err
	}
	return nil
}

// file sends a file, which is read as the handler's file system says.
func (x *Exchange) file(r *Reply, s Sender) (err error) {
	defer recovered(&err)
	return x.sent(r.Length, s.SendFile(r.file, r.Length))
}

// stream pulls the body and sends each chunk as it comes, then asks for the
// trailer.
func (x *Exchange) stream(body raxx.Stream, r *Reply, s Sender) (err error) {
	defer recovered(&err)
	for chunk, err := range body.Chunks() {
		if err != nil {
			return &ResponseError{"the body of the response ended early", err}
		}
		if len(chunk) == 0 {
			continue
		}
		if r.Length >= 0 && int64(len(chunk)) > r.Length-x.Content {
			return unsendable("a body longer than the %d bytes that it promised", r.Length)
		}
		if err := x.sent(int64(len(chunk)), s.SendChunk(chunk)); err != nil {
			return err
		}
	}
	if r.Length >= 0 && x.Content < r.Length {
		return unsendable("a body of %d bytes that promised %d", x.Content, r.Length)
	}
	if late := body.Trailer(); late != nil {
		r.trailer = slices.Concat(r.trailer, late)
		return CheckTrailer(late)
	}
	return nil
}

// sent counts n octets of content, unless sending them has failed.
func (x *Exchange) sent(n int64, err error) error {
	if err == nil {
		x.Content += n
	}
	return err
}

// isFault reports whether err is the handler's.
func isFault(err error) bool {
	switch err.(type) {
	case *PanicError, *ResponseError:
		return true
	}
	return false
}
