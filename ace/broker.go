package ace

// A Broker carries messages between servers: put an existing engine behind it to
// make handlers and machines of several processes share their topics. Without one,
// messages stay within their server. Its methods are called from many goroutines at
// once, also from those that serve connections: they must not wait for longer than
// it takes to hand something over. A panic counts as an error.
type Broker interface {
	// Publish sends a message to all who subscribe to the topic, here and
	// elsewhere. An error is reported to Trace.BrokerFailed.
	Publish(topic, message string) error
	// Subscribe hands every message that is published on the topic from now on to
	// deliver, until stop is called: those of one publisher in the order in which
	// it published them, and one call at a time. deliver may be called from any
	// goroutine; it waits while a thousand messages on the topic have not been
	// handed out. stop may be nil. A server subscribes once to each topic that it
	// needs.
	Subscribe(topic string, deliver func(message string)) (stop func(), err error)
}

// Publish sends a message to all machines that subscribe to the topic, as
// [raxx.Publish] does in a response. It is for what no request has caused: a
// ticker, a queue, a change of a file. It waits for no subscriber, but it does wait
// while a thousand messages on the topic have not been handed out. Nothing is kept
// for those who subscribe later.
func (s *Server) Publish(topic, message string) { s.hub.Publish(topic, message) }

// brokerFailed tells of an error of the broker.
func (s *Server) brokerFailed(topic string, err error) {
	tellSafely(s.config.Trace.BrokerFailed, BrokerEvent{topic, stepFault(err)})
}
