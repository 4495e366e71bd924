package nethttp

import (
	"errors"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/raxx-go/raxx/ace/internal/exchange"
	"github.com/raxx-go/raxx/ace/internal/process"
	"github.com/raxx-go/raxx/ace/internal/wheel"
	"github.com/raxx-go/raxx/raxx"
)

// A Handler is an http.Handler that runs a handler of raxx: under an http.Server,
// over HTTP/1.1 and HTTP/2, behind any router and middleware of net/http. It holds
// the topics that its machines subscribe to. See [ToHTTP].
type Handler struct {
	handler raxx.Handler
	config  Config
	env     process.Env
	wheel   wheel.Wheel

	running atomic.Int64 // how many exchanges go on

	mu       sync.Mutex
	lives    map[*live]struct{}
	draining bool
	killed   error         // why no exchange may go on
	idle     chan struct{} // closed when no exchange goes on any more; nil: nobody waits
}

var _ http.Handler = (*Handler)(nil)

// ToHTTP returns an http.Handler that runs h.
//
// A request becomes a value: its fields are sorted by name, because net/http has
// lost their order, and its body is a stream. A pattern of a router of net/http is
// its Pattern, and the path values that it names are its Params.
//
// The response is sent as a server of raxx would: its fields take the place of
// those of the same name that middleware has set before, but for set-cookie, vary
// and link, which are added; chunks of streams and what a machine sends in a step
// are flushed; a file goes through io.ReaderFrom, so that the kernel may copy it;
// a type of content is not guessed. What can't be sent becomes the response of
// [Config.ErrorResponse]; a reply that has begun is cut, by http.ErrAbortHandler.
//
// A machine is driven on the goroutine of its request, and what the client sends
// to it is read on another. A response of status 101 takes the connection over,
// where the http.ResponseWriter is an http.Hijacker; over HTTP/2 it answers an
// extended CONNECT (RFC 8441), if the http.Server accepts those. Else the reply is
// 501, by [ErrNoUpgrade].
//
// Interim responses go past the writers of middleware that have an Unwrap: some of
// those take the first status for the final one.
//
// Over HTTP/1.1, a reply that is made from the body of its request while the body
// still comes needs an http.ResponseWriter on which http.ResponseController can
// enable full duplex. Behind a middleware whose own writer has no Unwrap, net/http
// closes the body of the request when the reply begins.
//
// Within a handler of [FromHTTP], the server itself takes the response, with all of
// its effects: h answers as if there were no net/http in between, and config is not
// used.
func ToHTTP(h raxx.Handler, config Config) *Handler {
	if h == nil {
		panic("nethttp: ToHTTP of a nil Handler")
	}
	s := &Handler{handler: h, config: config, lives: make(map[*live]struct{})}
	var broker process.Broker
	if config.Broker != nil {
		broker = config.Broker
	}
	s.env = process.Env{
		Hub: process.NewHub(broker, s.config.brokerFailed), Wheel: &s.wheel, Mailbox: s.config.mailbox(),
	}
	return s
}

// ServeHTTP answers a request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if c := callOf(r.Context()); c != nil {
		c.serve(h.handler, w, r)
		return
	}
	h.running.Add(1)
	defer h.ended()
	s := newServed(h, w, r)
	defer s.close()
	// It has been told before, unless this goroutine is being ended.
	defer s.scope.end(exchange.Outcome{Err: &HandlerPanic{Value: errGoexit}})
	if err := s.refusal(); err != nil {
		s.now.Refuse(&s.req, err, s, h.config.errorResponse)
		s.finish()
		return
	}
	s.now.Serve(h.handler, &s.req, s, h.config.errorResponse)
	if m, live := s.now.Machine(); live {
		s.live(m)
		return
	}
	s.finish()
}

// refusal returns why a request does not get to the handler, which net/http would
// hand on.
func (s *served) refusal() error {
	switch {
	case s.r.Method == http.MethodConnect && !s.extended:
		return &raxx.Error{Status: raxx.StatusNotImplemented, Detail: "this server is no proxy"}
	case s.r.URL.Opaque != "", s.req.Path == "*" && s.r.Method != http.MethodOptions:
		return &raxx.Error{Status: raxx.StatusBadRequest, Detail: "a request target in none of the four forms (RFC 9112, 3.2)"}
	}
	return nil
}

// Publish sends a message to the machines that subscribe to a topic.
func (h *Handler) Publish(topic, message string) { h.env.Hub.Publish(topic, message) }

// A HandlerPanic is the panic of a handler of raxx. It is the type that package ace
// calls PanicError.
type HandlerPanic = exchange.PanicError

// finish ends an exchange whose reply was sent, or can't be.
func (s *served) finish() {
	if err := s.now.Err; err != nil && s.now.Status == 0 && isRefusal(err) {
		s.now.Replace(&s.req, err, s, s.handler.config.errorResponse)
	}
	outcome := s.now.Outcome
	s.scope.end(outcome)
	s.report(outcome.Fault)
	if outcome.Err != nil {
		s.cut()
	}
}

// isRefusal reports whether the head of a response could not be sent because of
// what it says.
func isRefusal(err error) bool {
	var response *exchange.ResponseError
	var known *raxx.Error
	return errors.As(err, &response) || errors.As(err, &known)
}

// report tells of a fault of the handler.
func (s *served) report(fault error) {
	if fault == nil || s.handler.config.Report == nil {
		return
	}
	s.handler.config.Report(s.req, outwardly(fault))
}

// outwardly returns the panic of a machine, or a broker, as it is told.
func outwardly(fault error) error {
	var panicked *process.PanicError
	if errors.As(fault, &panicked) {
		return exchange.NewPanicError(panicked.Value, panicked.Stack)
	}
	return fault
}
