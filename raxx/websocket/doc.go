// Package websocket puts the WebSocket protocol (RFC 6455, RFC 7692) around a
// machine that knows only messages.
//
//	func echo(req raxx.Request) raxx.Response {
//		return websocket.Upgrade(req, websocket.Config{}, raxx.NewMachine(struct{}{}, step))
//	}
//
//	func step(s struct{}, event raxx.Event) (struct{}, []raxx.Part) {
//		switch event := event.(type) {
//		case websocket.Text:
//			return s, []raxx.Part{event}
//		}
//		return s, nil
//	}
//
// # Model
//
// The application is a [raxx.Machine] whose events and parts are messages.
// [Upgrade] wraps it into a machine whose events and parts are bytes, which is
// what a server drives:
//
//	server ── Data (bytes) ──▶ codec ── Text, Binary ──▶ the application
//	server ◀── Data (bytes) ── codec ◀── Text, Binary, Close ── the application
//
// All other events and effects pass through: what a machine subscribes to, whom
// it publishes to and which timers it sets is the same here as anywhere. The
// last event is always [Closed], in place of [raxx.Closed]. So a test of an
// application is a comparison of lists: call its step with events, and compare
// the parts. [Client] tests it together with the codec.
//
// # What is done for the application
//
// Frames are unmasked, put together, inflated and checked, and what breaks the
// protocol ends the connection with the code that the RFC asks for. Pings are
// answered. An idle client is sent pings, and is gone if it does not answer. A
// Close is answered; when the application sends one, the client's answer is waited
// for. When the server shuts down, the application gets [raxx.Drain] and may say
// what it has to; then the client is told [GoingAway]. A part that can't be sent,
// an Abort, or a panic tells the client [InternalError] (see [raxx.LastWorder]).
//
// The same codec serves HTTP/1.1 and HTTP/2 (RFC 8441).
//
// # Who may open one
//
// Pages of the host that serves the WebSocket, those in [Config.Origins] or that
// [Config.AllowOrigin] allows, and clients that are no browsers. Browsers send a
// user's cookies along with any page's request to open one, without a preflight.
//
// # Memory
//
// A WebSocket that waits is some 200 octets beside the application's state, and
// what has come of a message that is not whole. Compression keeps nothing between
// messages, unless [Config.KeepContext] is set.
//
// # Limits
//
// [Config.MessageLimit], [Config.PingInterval] and [Config.CloseTimeout]. Beside
// these: 1,000 pings and pongs of the client without a message between them, within
// one PingInterval (no limit if that is negative), and 100 empty frames in a
// message.
//
// # What it refuses to do
//
// It streams no part of a message before the whole has come. It refers to no
// earlier message when it compresses (server_no_context_takeover), and uses
// Huffman codes alone if the client's window is smaller than 32 KiB
// (server_max_window_bits): the encoder of the standard library can do no more.
// It knows no other extension.
package websocket
