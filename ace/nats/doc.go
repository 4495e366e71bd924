// Package nats lets any number of servers share their topics, through NATS. It is
// a module of its own, so that nobody else has its dependencies.
//
//	broker, err := nats.Connect("nats://10.0.0.7", nats.Config{})
//	if err != nil {
//		return err
//	}
//	defer broker.Close()
//	return ace.New(app, ace.Config{Broker: broker}).Run(ctx, addr)
//
// # Model
//
// A topic is a subject of NATS: the prefix of the application, and the topic with
// what a subject can't hold escaped. Every string is a topic. A server subscribes
// to a subject once, however many of its machines listen, so a message travels to
// it once.
//
//	machine ── Publish ──▶ server ──▶ NATS ──▶ every server ──▶ its machines
//
// What a server publishes comes back to it the same way, so all servers see the
// messages of one publisher in the same order.
//
// # What is promised
//
// What NATS promises: a message arrives at most once, and in order for each
// publisher. While a server has no connection, what others publish passes it by;
// what it publishes waits, up to 8 MiB of it, and is sent when it is back. The
// connection is tried again for ever, and topics are subscribed to anew. A client
// that must not miss anything asks for it, as a page does that says the ID of the
// last event that it has seen.
//
// A server that has just subscribed to a topic may miss a message that another
// server publishes at the same moment. It gets what it publishes itself after it
// has subscribed.
//
// # Limits
//
// A message may be as large as the server of NATS lets it be, which is 1 MiB if it
// is not told otherwise. Messages that come faster than a server hands them to its
// machines wait, up to 64 MiB and 500,000 messages of each topic; further ones are
// dropped, and [Config.Failed] is told. Each topic that a server subscribes to takes
// a goroutine.
//
// # What it refuses to do
//
// It keeps no message: that is JetStream's, and an application's own choice. It
// does not encrypt or sign what it sends: use TLS and accounts, by
// [Config.Options].
package nats
