package nethttp

import (
	"errors"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// A Config holds the options of a handler under net/http. Its zero value is ready
// for use. The limits of connections and requests are those of the http.Server.
type Config struct {
	// Broker carries the messages that handlers and machines publish. Default:
	// they reach the machines of the same [Handler]. An ace.Broker is one.
	Broker Broker
	// MaxMailbox limits how many messages wait for a machine whose client reads
	// slower than they come. Default 256; if negative, there is no limit, and a
	// client that does not read fills the memory with what others publish.
	MaxMailbox int
	// ProgressTimeout is how long a reply that streams, or that a machine makes,
	// may stand still because the client does not read. Default 30 s. It takes the
	// place of http.Server.WriteTimeout, which would end an event stream, however
	// well it is read. If negative, WriteTimeout stays in force. A response may
	// have another one for itself, by [raxx.Patience]; how long the body of a
	// request may stand still is said by http.Server.ReadTimeout alone.
	ProgressTimeout time.Duration
	// ErrorResponse makes the reply that takes the place of one that can't be
	// sent. err is a [*HandlerPanic], a [*raxx.Error], or an error that says what
	// is wrong with the response, or why a machine that has not sent its head
	// never will: it broke the reply off, or its mailbox is full. Default: the
	// response of a *raxx.Error, else a problem of status 500. It may be called
	// from many goroutines.
	ErrorResponse func(req raxx.Request, err error) raxx.Response
	// Report is told of faults of the handler: a [*HandlerPanic], what is wrong
	// with a response, the cause of one. Default: nobody is. It may be called
	// from many goroutines.
	Report func(req raxx.Request, err error)
	// BrokerFailed is told of errors of the Broker, and of its panics. Default:
	// nobody is. Its own panic is dropped. It may be called from many goroutines.
	BrokerFailed func(topic string, err error)
}

// A Broker carries messages between servers: see ace.Broker.
type Broker interface {
	// Publish sends a message to all who subscribe to the topic, here and
	// elsewhere. It must not wait for them.
	Publish(topic, message string) error
	// Subscribe has every message that is published on the topic from now on
	// handed to deliver, one call at a time, until stop is called.
	Subscribe(topic string, deliver func(message string)) (stop func(), err error)
}

func (c *Config) mailbox() int {
	switch {
	case c.MaxMailbox == 0:
		return 256
	case c.MaxMailbox < 0:
		return 1<<31 - 1
	}
	return c.MaxMailbox
}

// progress returns the limit, or zero if there is none.
func (c *Config) progress() time.Duration {
	switch {
	case c.ProgressTimeout == 0:
		return 30 * time.Second
	case c.ProgressTimeout < 0:
		return 0
	}
	return c.ProgressTimeout
}

func (c *Config) errorResponse(req raxx.Request, err error) raxx.Response {
	if c.ErrorResponse != nil {
		return c.ErrorResponse(req, err)
	}
	var known *raxx.Error
	if errors.As(err, &known) {
		return known.Response()
	}
	return raxx.Problem(raxx.StatusInternalServerError, "")
}

func (c *Config) brokerFailed(topic string, err error) {
	if c.BrokerFailed == nil {
		return
	}
	defer func() { recover() }() // it may be called on any goroutine, whose panic ends the process
	c.BrokerFailed(topic, outwardly(err))
}
