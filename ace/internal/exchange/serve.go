package exchange

import (
	"io/fs"
	"slices"
	"unsafe"

	"github.com/raxx-go/raxx/raxx"
)

// A Sender writes the parts of one reply in the way of its protocol. Its methods
// are called in the order SendHead, one
// SendData, one SendFile or any number of SendChunk, SendTail, by the goroutine that called [Serve]. After an error nothing more is
// called. Errors are the transport's or the peer's; the exchange hands them on.
type Sender interface {
	// SendHead sends what stands before the content. If the reply streams, the
	// client is to learn of it now, not when the first chunk comes.
	SendHead(*Reply) error
	// SendData sends content. It keeps nothing of p.
	SendData(p []byte) error
	// SendChunk sends a piece of content behind which nothing may follow for a
	// while. It keeps nothing of p.
	SendChunk(p []byte) error
	// SendFile sends the next n octets of the file.
	SendFile(f fs.File, n int64) error
	// SendTail ends the reply.
	SendTail(trailer raxx.Header) error
}

// An Outcome says how an exchange went.
type Outcome struct {
	Status  int   // that was sent; 0 if no head was
	Content int64 // octets of content sent
	Close   bool  // the handler asked for the end of the connection
	Fault   error // of the handler: a PanicError or ResponseError, or the response's cause
	Err     error // why the reply was not sent whole; nil if it was
}

// Serve calls the handler and sends its response. A response that can't be sent
// is replaced by the one that replace makes for the fault. It returns when the
// reply has been handed to the Sender whole, or can't be.
//
// r is memory for the reply, so that none need be found for each exchange.
func Serve(h raxx.Handler, req *raxx.Request, s Sender, r *Reply, replace func(raxx.Request, error) raxx.Response) Outcome {
	var out Outcome
	resp, err := call(h, *req)
	if err == nil {
		out.Fault = resp.Cause.Err()
		err = prepare(req.Method, &resp, r)
	}
	if err != nil {
		out.Fault = err
		replaceWith(*req, err, replace, r)
	}
	out.send(r, s)
	return out
}

// Refuse sends a reply that no handler was asked for: to a request that could
// not be read, or that came too late.
func Refuse(req *raxx.Request, err error, s Sender, r *Reply, replace func(raxx.Request, error) raxx.Response) Outcome {
	var out Outcome
	replaceWith(*req, err, replace, r)
	out.send(r, s)
	return out
}

// replaceWith prepares the response that stands for err. If that can't be sent
// either, it is an empty 500.
func replaceWith(req raxx.Request, err error, replace func(raxx.Request, error) raxx.Response, r *Reply) {
	resp, fault := call(func(req raxx.Request) raxx.Response { return replace(req, err) }, req)
	if fault == nil {
		fault = prepare(req.Method, &resp, r)
	}
	if fault != nil {
		*r = Reply{Status: 500, NoContent: req.Method == "HEAD"}
	}
}

// send sends the reply.
func (o *Outcome) send(r *Reply, s Sender) {
	defer r.closeFile()
	o.Close = r.Close
	if o.Err = s.SendHead(r); o.Err != nil {
		return
	}
	o.Status = r.Status
	trailer := r.trailer
	if !r.NoContent {
		if o.Err = o.content(r, s, &trailer); o.Err != nil {
			return
		}
	}
	o.Err = s.SendTail(trailer)
}

// content sends the body, whatever its variant.
func (o *Outcome) content(r *Reply, s Sender, trailer *raxx.Header) error {
	switch body := r.body.(type) {
	case raxx.Data:
		o.Content = int64(len(body))
		if len(body) == 0 {
			return nil
		}
		// A string's bytes, which nobody may write to: SendData only reads.
		return s.SendData(unsafe.Slice(unsafe.StringData(string(body)), len(body)))
	case raxx.File:
		o.Content = r.Length
		return s.SendFile(r.file, r.Length)
	case raxx.Stream:
		err := o.stream(body, r.Length, s, trailer)
		if isFault(err) {
			o.Fault = err
		}
		return err
	}
	if r.Length > 0 {
		o.Fault = unsendable("content-length %d without a body", r.Length)
		return o.Fault
	}
	return nil
}

// stream pulls the body and sends each chunk as it comes, then asks for the
// trailer.
func (o *Outcome) stream(body raxx.Stream, length int64, s Sender, trailer *raxx.Header) (err error) {
	defer recovered(&err)
	for chunk, err := range body.Chunks() {
		if err != nil {
			return &ResponseError{"the body of the response ended early", err}
		}
		if len(chunk) == 0 {
			continue
		}
		if o.Content += int64(len(chunk)); length >= 0 && o.Content > length {
			return unsendable("a body longer than the %d bytes that it promised", length)
		}
		if err := s.SendChunk(chunk); err != nil {
			return err
		}
	}
	if length >= 0 && o.Content < length {
		return unsendable("a body of %d bytes that promised %d", o.Content, length)
	}
	*trailer = slices.Concat(*trailer, body.Trailer())
	return checkTrailer(*trailer)
}

// isFault reports whether err is the handler's.
func isFault(err error) bool {
	switch err.(type) {
	case *PanicError, *ResponseError:
		return true
	}
	return false
}
