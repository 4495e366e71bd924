package raxxtest

import (
	"errors"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/websocket"
)

// A WebSocket is the client's side of a WebSocket: what it sends reaches the
// handler's machine through the whole codec, frame by frame, and what the machine
// answers comes back as messages. Pings are answered by itself.
type WebSocket struct {
	exchange *Exchange
	client   websocket.Client
	read     int // of the content of the exchange
	pending  []raxx.Event
	deaf     bool
}

// WebSocket opens a WebSocket with a request of [websocket.Handshake]. The error
// is that of [websocket.NewClient], or says that the answer has not come.
func (s *Server) WebSocket(req raxx.Request) (*WebSocket, error) {
	x := s.Serve(req)
	head, ok := x.Head()
	if !ok {
		return nil, errors.Join(errors.New("raxxtest: the WebSocket has not been answered yet"), x.Err())
	}
	client, err := websocket.NewClient(req, head)
	if err != nil {
		return nil, err
	}
	return &WebSocket{exchange: x, client: client}, nil
}

// Send sends messages, [websocket.Text], [websocket.Binary] or [websocket.Close],
// and returns what has come since the last Send or Messages.
func (w *WebSocket) Send(messages ...raxx.Part) []raxx.Event {
	w.receive()
	var data raxx.Data
	w.client, data = w.client.Send(messages...)
	w.say(data)
	return w.Messages()
}

// Messages returns what has come since the last Send or Messages:
// [websocket.Text], [websocket.Binary], and [websocket.Closed] at last.
func (w *WebSocket) Messages() []raxx.Event {
	w.receive()
	messages := w.pending
	w.pending = nil
	return messages
}

// Silence makes the client one that vanished: it answers nothing any more, no
// ping and no Close.
func (w *WebSocket) Silence() { w.deaf = true }

// Leave cuts the connection, without a Close.
func (w *WebSocket) Leave() { w.exchange.Send(raxx.Closed{Reason: raxx.ClientGone}) }

// Exchange returns what goes on below: to hand the machine events, and to look
// at its parts.
func (w *WebSocket) Exchange() *Exchange { return w.exchange }

// Ended reports whether the connection is over.
func (w *WebSocket) Ended() bool {
	w.receive()
	return w.exchange.Ended()
}

// receive reads what the server has sent, and says what a client answers by
// itself, until neither has more to say.
func (w *WebSocket) receive() {
	for !w.deaf {
		content := w.exchange.Content()[w.read:]
		if content == "" {
			return
		}
		w.read += len(content)
		var messages []raxx.Event
		var answer raxx.Data
		w.client, messages, answer = w.client.Receive(content)
		w.pending = append(w.pending, messages...)
		w.say(answer)
	}
}

func (w *WebSocket) say(data raxx.Data) {
	if data != "" && !w.deaf {
		w.exchange.Send(data)
	}
}
