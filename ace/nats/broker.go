package nats

import (
	"time"

	"github.com/nats-io/nats.go"

	"github.com/raxx-go/raxx/ace"
)

// A Config says how a [Broker] speaks with NATS. Its zero value is right for an
// application that has a server of NATS, or an account, to itself.
type Config struct {
	// Prefix stands before every subject, as in "shop" or "shop.staging":
	// applications that share an account keep apart by it. If empty, it is
	// "raxx".
	Prefix string
	// Options are handed to the client of NATS behind those that this package
	// sets: credentials, TLS, how long to wait before it connects anew.
	Options []nats.Option
	// Failed is told of what nobody waits for: the connection is lost, messages
	// on a topic were dropped, a subscription was refused. The topic is empty if
	// all are concerned. If nil, nobody is told. It is called from goroutines
	// of the client and must not wait.
	Failed func(topic string, err error)
	// Reconnected is told that the connection is back, and with which server.
	Reconnected func(url string)
}

// A Broker carries messages between servers. Its methods may be called from any
// goroutine.
type Broker struct {
	conn     *nats.Conn
	subjects subjects
}

var _ ace.Broker = (*Broker)(nil)

// closeTimeout is how long Close waits for NATS to take what was published.
const closeTimeout = 5 * time.Second

// Connect connects to a server of NATS, or to one of several whose URLs have
// commas between them. The error is that of the first attempt; from then on a
// connection that is lost is tried again for ever.
func Connect(url string, config Config) (*Broker, error) {
	subjects, err := newSubjects(config.Prefix)
	if err != nil {
		return nil, err
	}
	conn, err := nats.Connect(url, append(subjects.options(config), config.Options...)...)
	if err != nil {
		return nil, err
	}
	return &Broker{conn, subjects}, nil
}

// options returns what the client of NATS is told.
func (s subjects) options(config Config) []nats.Option {
	failed, reconnected := config.Failed, config.Reconnected
	if failed == nil {
		failed = func(string, error) {}
	}
	if reconnected == nil {
		reconnected = func(string) {}
	}
	return []nats.Option{
		nats.Name(s.prefix),
		nats.MaxReconnects(-1),
		// The client would give up by itself when it is refused twice. Whoever
		// changes credentials on both sides does not do it at one moment.
		nats.IgnoreAuthErrorAbort(),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil { // nil: it was closed
				failed("", err)
			}
		}),
		nats.ReconnectHandler(func(conn *nats.Conn) { reconnected(conn.ConnectedUrlRedacted()) }),
		nats.ErrorHandler(func(_ *nats.Conn, sub *nats.Subscription, err error) {
			topic := ""
			if sub != nil {
				topic = s.topic(sub.Subject)
			}
			failed(topic, err)
		}),
	}
}

// Publish hands a message to NATS. The error says that it is too large, that the
// broker is closed, or that too much waits for a connection that is lost.
func (b *Broker) Publish(topic, message string) error {
	return b.conn.Publish(b.subjects.of(topic), []byte(message))
}

// Subscribe has every message on the topic handed to deliver until stop is
// called: one call at a time, on a goroutine of the subscription's own.
func (b *Broker) Subscribe(topic string, deliver func(message string)) (stop func(), err error) {
	sub, err := b.conn.Subscribe(b.subjects.of(topic), func(m *nats.Msg) { deliver(string(m.Data)) })
	if err != nil {
		return nil, err
	}
	// The error is that of a connection that is closed, where nothing comes.
	return func() { _ = sub.Unsubscribe() }, nil
}

// Close ends all subscriptions and the connection, when NATS has taken what was
// published. The error says that it has not within five seconds. A server is
// closed, or shut down, before its broker.
func (b *Broker) Close() error {
	if b.conn.IsClosed() {
		return nil
	}
	err := b.conn.FlushTimeout(closeTimeout)
	b.conn.Close()
	return err
}
