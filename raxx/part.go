package raxx

import "fmt"

// A Part is a piece of a message in the order in which it is sent: a head (a
// [Request] or a [Response]), any number of [Data], and a [Tail]. Among those
// that a [Machine] sends there may be an [Inform], an [Abort], and effects.
//
// These are the parts that a server sends. A package that puts a protocol in
// front of machines may have others, of which it makes these: they have a method
// IsPart that does nothing.
type Part interface{ IsPart() }

// A Tail ends a message. It holds the trailer: fields that were not known
// before the body had been made.
type Tail struct{ Trailer Header }

// An Inform is an interim response, of status 102 to 199. It comes before the
// head of the reply: 103 Early Hints is one (RFC 8297). Clients that speak
// HTTP/1.0 are not sent any. Some that speak HTTP/1.1 take it for the reply, and
// the reply for that to their next request: http.client of Python before 3.13 and
// LWP of Perl do, and proxies that docs/operations.md names. Send it to those who
// can use it.
type Inform struct {
	Status int
	Header Header
}

// An Abort breaks the reply off, so that the client sees that it is not whole:
// over HTTP/1.1 the connection ends before the reply does, over HTTP/2 the stream
// is reset. If the head has not been sent, the client gets a 500 instead. A machine
// that has last words says them, and no more: see [LastWorder].
type Abort struct{ Cause Cause }

// IsPart marks the type as a [Part].
func (Request) IsPart() {}

// IsPart marks the type as a [Part].
func (Response) IsPart() {}

// IsPart marks the type as a [Part].
func (Data) IsPart() {}

// IsPart marks the type as a [Part].
func (Tail) IsPart() {}

// IsPart marks the type as a [Part].
func (Inform) IsPart() {}

// IsPart marks the type as a [Part].
func (Abort) IsPart() {}

// IsPart marks the type as a [Part].
func (Publish) IsPart() {}

// IsPart marks the type as a [Part].
func (Subscribe) IsPart() {}

// IsPart marks the type as a [Part].
func (Unsubscribe) IsPart() {}

// IsPart marks the type as a [Part].
func (Patience) IsPart() {}

// IsPart marks the type as a [Part].
func (After) IsPart() {}

// Collect turns a response in parts into the complete one that says the same: a
// body that is nil or [Data], and the trailer in [Response.Trailer]. The first
// part is the head; its own body, whatever the variant, comes before the data
// behind it. So Collect(resp) reads the stream or the file of a response. It
// holds the whole body in memory.
//
// The error is that of the body, or says which part is out of order.
func Collect(parts ...Part) (Response, error) {
	if len(parts) == 0 {
		return Response{}, fmt.Errorf("raxx: a response in parts begins with a Response, and there is no part")
	}
	resp, ok := parts[0].(Response)
	if !ok {
		return Response{}, fmt.Errorf("raxx: a response in parts begins with a Response, not with %T", parts[0])
	}
	data, err := ReadAll(resp.Body, -1)
	if err != nil {
		return Response{}, err
	}
	if s, ok := resp.Body.(Stream); ok {
		resp.Trailer = concat(resp.Trailer, s.Trailer())
	}
	for i, part := range parts[1:] {
		switch part := part.(type) {
		case Data:
			data += part
		case Tail:
			if rest := parts[i+2:]; len(rest) > 0 {
				return Response{}, fmt.Errorf("raxx: part %d, a %T, comes behind the Tail", i+2, rest[0])
			}
			resp.Trailer = concat(resp.Trailer, part.Trailer)
		default:
			return Response{}, fmt.Errorf("raxx: part %d of a response is a %T, and neither Data nor a Tail", i+1, part)
		}
	}
	resp.Body = bodyOf(data)
	return resp, nil
}

// concat returns the fields of both, in memory of its own.
func concat(h, t Header) Header {
	if len(t) == 0 {
		return h
	}
	return append(append(make(Header, 0, len(h)+len(t)), h...), t...)
}
