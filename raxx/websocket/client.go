package websocket

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/raxx-go/raxx/raxx"
)

// A Client is the client's side of a WebSocket as a value: messages go in and bytes
// come out, and the other way round. It opens no socket. It is only for tests: its
// masking key is always the same, which RFC 6455, Section 5.3 forbids.
//
//	req := websocket.Handshake("/chat")
//	client, err := websocket.NewClient(req, chat(req))
//	client, data := client.Send(websocket.Text("hello"))
//
// The data is an event for the server's machine, and the data that the machine
// returns is for [Client.Receive].
type Client struct {
	in    decoder
	out   encoder
	phase phase
}

// testKey is the nonce of RFC 6455, Section 1.3, in base64.
const testKey = "dGhlIHNhbXBsZSBub25jZQ=="

// testMask is the key of the examples in RFC 6455, Section 5.7.
const testMask = 0x3d21fa37

// Handshake returns the request of a client that opens a WebSocket; for target see
// [raxx.New]. Add to its header what the client wants besides:
// sec-websocket-protocol, sec-websocket-extensions, origin.
func Handshake(target string) raxx.Request {
	return raxx.Get(target).
		With("upgrade", "websocket").
		With(fieldVersion, version).
		With(fieldKey, testKey)
}

// ErrHandshake is the error of a response that opens no WebSocket.
var ErrHandshake = errors.New("websocket: the response opens no WebSocket")

// NewClient returns the client's side of the WebSocket that resp, the answer to
// req, opens. If it opens none, the error wraps [ErrHandshake].
func NewClient(req raxx.Request, resp raxx.Response) (Client, error) {
	if resp.Status != raxx.StatusSwitchingProtocols {
		return Client{}, fmt.Errorf("%w: status %d", ErrHandshake, resp.Status)
	}
	// RFC 6455, Section 4.1: what a client checks.
	if !keyless(req) && resp.Header.Get(fieldAccept) != acceptOf(req.Header.Get(fieldKey)) {
		return Client{}, fmt.Errorf("%w: %s is %q", ErrHandshake, fieldAccept, resp.Header.Get(fieldAccept))
	}
	if protocol, ok := resp.Header.Lookup(fieldProtocol); ok &&
		!slices.Contains(slices.Collect(req.Header.Elements(fieldProtocol)), protocol) {
		return Client{}, fmt.Errorf("%w: it did not ask for the protocol %q", ErrHandshake, protocol)
	}
	var agreed deflation
	for extension := range resp.Header.Elements(fieldExtensions) {
		var ok bool
		if agreed, ok = parseDeflation(extension); !ok || !req.Header.Has(fieldExtensions) {
			return Client{}, fmt.Errorf("%w: it did not ask for %q", ErrHandshake, extension)
		}
	}
	return newClient(agreed), nil
}

func newClient(agreed deflation) Client {
	return Client{
		in:  decoder{limit: math.MaxInt64, packs: agreed.on, window: agreed.serverWindow()},
		out: encoder{masks: true, key: testMask, packs: agreed.on, narrow: agreed.clientNarrow()},
	}
}

// Send returns the client as it is after sending the parts, and their bytes: one
// frame for each [Text], [Binary] and [Close], compressed if that has been agreed
// on and makes it shorter. Other parts are not a client's, and are left out; so is
// what follows a Close.
func (c Client) Send(parts ...raxx.Part) (Client, raxx.Data) {
	var b []byte
	for _, part := range parts {
		if c.phase != open {
			break
		}
		switch part := part.(type) {
		case Text:
			b = c.out.append(b, opText, string(part))
		case Binary:
			b = c.out.append(b, opBinary, string(part))
		case Close:
			b = c.out.append(b, opClose, closePayload(cmp.Or(part.Code, NormalClosure), part.Reason))
			c.phase = closing
		}
	}
	return c, raxx.Data(b)
}

// Receive returns the client as it is after receiving data from the server, the
// messages in the data ([Text], [Binary], and [Closed] at last), and the bytes of
// what a client answers by itself: pongs, and a Close to a Close.
func (c Client) Receive(data raxx.Data) (Client, []raxx.Event, raxx.Data) {
	var events []raxx.Event
	var answer []byte
	for b := string(data); b != "" && c.phase != closed; {
		var p piece
		var f *fault
		p, b, f = c.in.next(b)
		event := Closed{}
		switch p.op {
		case opText:
			events = append(events, Text(p.payload))
		case opBinary:
			events = append(events, Binary(p.payload))
		case opPing:
			answer = c.answer(answer, opPong, p.payload)
		case opClose:
			event.Code, event.Reason, f = parseClose(p.payload)
		}
		if f != nil {
			event = Closed{f.code, f.reason, raxx.Violated}
		}
		if event.Code != 0 {
			answer = c.answer(answer, opClose, closePayload(event.Code, ""))
			events = append(events, event)
			c.phase = closed
		}
	}
	return c, events, raxx.Data(answer)
}

// answer appends a control frame, unless the client has said Close.
func (c *Client) answer(dst []byte, op opcode, payload string) []byte {
	if c.phase != open {
		return dst
	}
	return c.out.append(dst, op, payload)
}
