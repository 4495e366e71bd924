// Package h2 is the server's side of an HTTP/2 connection (RFC 9113) as a state
// machine over bytes. It sees no socket, no goroutine and no clock: a driver
// hands it the bytes that have come and the time, acts on events, and writes the
// bytes that it appends.
//
// # A driver
//
// One goroutine at a time owns a [Conn]. It has a buffer for what comes, with room
// for a frame of 16,384 octets and its header, and one for what goes, of some 64
// KiB. Its turn:
//
//  1. [Conn.Lend] the Conn a [Workspace], which another Conn used before.
//  2. Read. Call [Conn.Next] until it returns [NoEvent], and act on each event.
//     Keep the octets that it did not use for the next time.
//  3. Call [Conn.AppendOutput] and write, until it appends nothing. Do so also
//     when the socket can be written to again. While it can't, read nothing: the
//     peer gets no more answers than it fetches.
//  4. For each stream that [Conn.Drained] returns, hand over more content.
//  5. When nothing is left to do, [Conn.Release] the Workspace and wait.
//
// If Next returns an error, the output says so to the peer: write it and close.
// All streams are closed then; [Conn.Streams] are those to clean up after. Close
// also when the Conn has [Conn.Finished].
//
// # Requests
//
// A [RequestEvent] brings a stream and a request, which lacks what is not in the
// message: the scheme is what the client says, to be compared with the
// connection or replaced; address, scope and body are to be added. If
// Event.Status is set, refuse the request with it. A plain CONNECT
// ([Stream.Connect]) has neither scheme nor path. An extended CONNECT
// ([Stream.Extended]) is a GET with an Upgrade field, as over HTTP/1.1; reply to
// it with 101 to open the tunnel, and send and receive content on the stream.
//
// If the event is not the End, content follows in [DataEvent]s, and ends with the
// one that is, or with a [TrailerEvent]. It stays in [Stream.Unread] until the
// driver takes it with [Conn.Take]; only that lets the peer send more. So a
// handler that does not read holds up its client, and nothing else.
//
// A [ResetEvent] says that a stream has been closed before its time. It can come
// at any moment until the stream is forgotten.
//
// # Replies
//
// The calls for a reply all append to the output:
//
//	(AppendInform …) → AppendHead → (Send …) → SendTrailer or the end in Send
//
// They do nothing on a stream that is closed, so that a driver needs to look at
// [Stream.Closed] only to save work. A small reply is AppendHead and one Send
// with the end. What [Conn.Send] can't append at once is pending: the slice has
// to stay as it is, and nothing more may be sent, until [Stream.Pending] is 0,
// which Drained tells. With the end sent, the driver may call [Conn.Forget] at
// once; the slice has to stay as it is nevertheless, which the bytes of a string
// do by themselves. Or it calls [Conn.RefuseBody], if there is a body that nobody
// will read, and waits until the reply has gone.
//
// Every stream that came with a RequestEvent is forgotten once, at the end of its
// exchange. That also ends what is left of it: a body that was not read, or a
// reply that is not whole. [Conn.Reset] closes a stream with a code first. A
// stream that is [Stream.Unwanted] the driver resets with NO_ERROR after a while.
//
// # Time
//
// The driver keeps the time-outs: for silence, for what has begun to come and is
// not whole (a field block, by [Conn.InBlock], or a frame), and for progress. Of one
// stream [Stream.Pending] tells that content waits, [Conn.Stalled] that it waits for
// the stream's own window, and [Stream.Moved] since when; of the connection
// [Conn.Sent] tells whether content moves. A client that opens one window now and
// then keeps nothing alive on the other streams; but what waits for its turn on a
// slow line is not to blame. A driver that calls another goroutine's way tells the
// time by [Conn.Tick].
//
// # Priorities
//
// Heads are sent when they are made. Content that is pending is sent by the
// priorities of RFC 9218, as scheduler.go says; the older ones are ignored.
//
// # What is refused
//
// Whatever the RFC forbids: a [StreamError] resets one stream, a [ConnError] ends
// the connection, and both name the section. A malformed request becomes no
// event for a handler, and no 400: its stream is reset, and a [RefusedEvent] says
// so for traces. [Limits] bound what a peer can make a Conn hold, and do: what is
// cheap to send and brings nothing is counted, and ends with ENHANCE_YOUR_CALM.
package h2
