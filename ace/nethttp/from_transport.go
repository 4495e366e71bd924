package nethttp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// FromTransport returns a handler that asks another server: it sends the request by
// rt, to where the request's Scheme and Authority say, and returns what comes back.
// So a service is a handler, too. Code that needs a service takes it as a
// [raxx.Handler], which a test replaces by a function or a raxxtest.Tape. Signing,
// retries and limits are middleware, and a proxy changes the request:
//
//	prices := nethttp.FromTransport(http.DefaultTransport)
//	proxy := func(req raxx.Request) raxx.Response {
//		req.Scheme, req.Authority = "http", "prices.internal:8000"
//		return prices(req)
//	}
//
// Set the Scheme and the Authority in any case. If a client's request is handed on
// as it came, the client chooses the server, and can reach whatever the program
// can. And the client can claim to be somebody else: if the service believes
// forwarded, x-forwarded-for and the like, the proxy has to set them, as in the
// example, and to take out those that the client has sent (middleware.ClientAddress
// does that).
//
// Fields that the request's connection field names are not passed on, whoever has set
// them (RFC 9110, Section 7.6.1), but for those that are for all: authorization,
// cookie, forwarded, x-forwarded-*, x-real-ip, x-request-id and the like. A proxy that
// tells the service something in another field takes the client's word away:
//
//	req.Header = req.Header.Without("connection").With("x-user", user)
//
// Time-outs, certificates, versions of HTTP and how many connections are kept are
// those of rt, such as an [http.Transport], which follows no redirects and keeps no
// cookies. The request is given up when its context ends: when the client of the
// exchange that it belongs to has gone away, or a [context.WithTimeout] has ended
// that [raxx.Request.WithContext] gave to it.
//
// Bodies stream both ways, at once if the service does so. The body of the
// response is [raxx.Data] if it is known to be at most 32 KiB long, and was read
// whole; else a [raxx.Stream], which is to be read, or else costs a connection
// until the exchange is over (where there is none: until it is collected as
// garbage). [raxx.ReadAll] makes Data of both.
//
// A trailer is passed on, announced or not; where it was not, and stands behind a Stream
// of a known length, only if the request has "te: trailers", as those of gRPC do.
//
// If there is no response, the handler returns 504 if rt says that this took too
// long, and else 502, with the error as the cause; so too if the body of a response
// of at most 32 KiB breaks off, or its status is over 599. A longer body that
// breaks off fails when it is read. A request that can't be sent, such as a
// CONNECT, or one with a Machine as its body or with a Path that is none, is
// answered with 500.
//
// A request for a WebSocket is passed on as one, also if it has come over HTTP/2.
// Then the response has the status 101 and a [raxx.Machine], which passes on what
// both sides say, each at the pace of the other. The tunnel lasts until one of them
// ends it: the machine does not know what to say to a drain, which cuts it at its
// deadline. A service that does not take what the client says for 30 s is given up.
//
// Other fields that concern a connection are not passed on, either way, and neither
// is an upgrade to any other protocol, least of all h2c, by which a client could
// send the service requests that nobody in between sees. Interim responses are left
// out, and the order of fields is lost. An http.Transport asks for gzip, and
// decodes it, where the request has no accept-encoding. A nil rt panics.
func FromTransport(rt http.RoundTripper) raxx.Handler {
	if rt == nil {
		panic("nethttp: FromTransport of a nil RoundTripper")
	}
	return func(req raxx.Request) raxx.Response {
		ctx, cancel := context.WithCancel(req.Context())
		r, err := requestTo(ctx, req)
		if err != nil {
			cancel()
			return raxx.Problem(raxx.StatusInternalServerError, "").WithCause(err)
		}
		resp, err := rt.RoundTrip(r)
		if err == nil && resp == nil {
			err = errors.New("a RoundTripper without a response and without an error")
		}
		if err != nil {
			cancel()
			return noAnswer(req, err)
		}
		if resp.Body == nil { // as one of a test may leave it
			resp.Body = http.NoBody
		}
		return (&answer{req, resp, cancel}).response()
	}
}

// noAnswer returns the response in place of one that did not come, or not whole.
func noAnswer(req raxx.Request, err error) raxx.Response {
	status, detail := raxx.StatusBadGateway, "the service gave no answer"
	var slow interface{ Timeout() bool }
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &slow) && slow.Timeout() {
		status, detail = raxx.StatusGatewayTimeout, "the service took too long"
	}
	return raxx.Problem(status, detail).WithCause(fmt.Errorf("nethttp: %s %s://%s: %w", req.Method, req.Scheme, req.Authority, err))
}

// An answer is what a service has said. If nobody reads its body, its request is
// given up with the exchange, or when the answer is collected as garbage: so what
// does that may not refer to it.
type answer struct {
	req    raxx.Request
	resp   *http.Response
	cancel context.CancelFunc
}

// response returns the answer as a value.
func (a *answer) response() raxx.Response {
	from, length := a.resp, a.resp.ContentLength
	resp := raxx.Response{Status: from.StatusCode, Header: answerFields(from)}
	switch {
	case from.StatusCode < 200:
		return a.switched()
	case from.StatusCode > 599:
		a.close()
		return noAnswer(a.req, fmt.Errorf("a response of status %d", from.StatusCode))
	case a.req.Method == "HEAD" || !mayHaveContent(from.StatusCode):
		a.close()
		// There is no body to tell the length that a GET would have.
		if length, err := strconv.ParseUint(from.Header.Get("Content-Length"), 10, 63); err == nil && (mayHaveContent(from.StatusCode) || from.StatusCode == raxx.StatusNotModified) {
			resp.Header = appendField(resp.Header, "content-length", strconv.FormatUint(length, 10))
		}
	case 0 <= length && length <= bufferSize:
		defer a.close()
		content, err := io.ReadAll(from.Body) // to the end, behind which is the trailer
		if err != nil {
			return noAnswer(a.req, err)
		}
		resp.Body, resp.Trailer = raxx.Bytes(content), a.trailer()
	default:
		resp.Body = a.stream()
	}
	return resp
}

// stream returns the body of the answer, to be pulled.
func (a *answer) stream() raxx.Stream {
	if !a.req.Scope.OnEnd(func(raxx.Ending) { a.cancel() }) {
		runtime.AddCleanup(a, func(cancel context.CancelFunc) { cancel() }, a.cancel)
	}
	s := raxx.NewStream(a.resp.ContentLength, a.chunks)
	if a.mayTrail() {
		s = s.WithTrailer(a.trailer)
	}
	return s
}

// mayTrail reports whether there may be a trailer. One that was not announced, as by
// gRPC, is known at the end. Over HTTP/1.1 a length gives way to it, so that behind one
// it has to be asked for.
func (a *answer) mayTrail() bool {
	return a.resp.ContentLength < 0 || len(a.resp.Trailer) > 0 ||
		a.resp.ProtoMajor > 1 && strings.EqualFold(a.req.Header.Get("te"), "trailers")
}

// chunks yields what the service sends.
func (a *answer) chunks(yield func([]byte, error) bool) {
	defer runtime.KeepAlive(a) // or the request could be given up meanwhile
	defer a.close()
	buf := make([]byte, bufferSize)
	for {
		n, err := a.resp.Body.Read(buf)
		if n > 0 && !yield(buf[:n], nil) || err == io.EOF {
			return
		}
		if err != nil {
			yield(nil, fmt.Errorf("nethttp: %s %s://%s: %w", a.req.Method, a.req.Scheme, a.req.Authority, err))
			return
		}
	}
}

func (a *answer) trailer() raxx.Header { return trailerOf(a.resp.Trailer) }

// close lets go of the connection: for another request, if all was read.
func (a *answer) close() {
	a.resp.Body.Close()
	a.cancel()
}
