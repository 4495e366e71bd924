package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/sse"
	"github.com/raxx-go/raxx/raxx/websocket"
)

// A member is the state of the machine behind a page that is in a room, whatever
// way the page is connected.
//
//	page ── text ──▶ member ── say ──▶ the topic of the room ──▶ every member ──▶ page
type member struct {
	person
	room string
	// key is the secret by which what a page posts is known to be this
	// member's. It is empty over a WebSocket, which needs none.
	key string

	inside  bool     // the page has been told what there is
	gone    bool     // the others have been told that it has left
	said    int      // how many messages, for their IDs
	waiting []string // what is to be said when the time is known
	pace    pace
}

const (
	roomPrefix = "room/"
	keyPrefix  = "key/"
	// atOnce is how many messages may wait to be said.
	atOnce = 2 * burst
)

// The timers of a member. Neither has a delay.
const (
	lookTimer = "look"
	sayTimer  = "say"
)

// A looker returns what is known of a room.
type looker func(room string) view

// step returns the step of members that see rooms by look.
func step(look looker) raxx.Step[member] {
	return func(m member, event raxx.Event) (member, []raxx.Part) {
		switch event := event.(type) {
		case raxx.Open:
			return m, m.arrive()
		case raxx.Info:
			return m.hear(event)
		case websocket.Text:
			return m.hold(string(event))
		case websocket.Binary:
			return m, []raxx.Part{websocket.Close{Code: websocket.UnsupportedData, Reason: "say it in text"}}
		case raxx.Timer:
			if event.Name == lookTimer {
				return m.look(look(m.room))
			}
			return m.speak(event.At)
		case raxx.Drain, raxx.Closed, websocket.Closed:
			return m.leave()
		}
		return m, nil
	}
}

const tooFast = "Not so fast. Wait a moment before you go on."

// arrive returns what the machine does first. It looks around when it hears what
// goes on in the room, so that it misses nothing in between.
func (m member) arrive() []raxx.Part {
	parts := []raxx.Part{raxx.Subscribe{Topic: roomPrefix + m.room}}
	if m.key != "" {
		parts = append(parts, raxx.Subscribe{Topic: keyPrefix + m.key, Full: raxx.DropNewest})
	}
	return append(parts, m.publish(message{Kind: join}), raxx.After{Name: lookTimer})
}

// look tells the page what is there.
func (m member) look(v view) (member, []raxx.Part) {
	v.Kind, v.You, v.Key = "room", m.ID, m.key
	m.inside = true
	return m, []raxx.Part{m.tell(encode(v))}
}

// hear takes what was published: in the room, or by the page itself.
func (m member) hear(info raxx.Info) (member, []raxx.Part) {
	switch {
	case info.Topic != roomPrefix+m.room:
		return m.hold(info.Message)
	case !m.inside:
		return m, nil // it will be seen when the machine looks around
	}
	return m, []raxx.Part{m.tell(info.Message)}
}

// hold keeps what the page says until the timer brings the time, which comes at
// once, but not before the page has taken what it was sent.
func (m member) hold(text string) (member, []raxx.Part) {
	text, ok := cleanText(text)
	switch {
	case !ok:
		return m, []raxx.Part{m.notice("A message has 1 to 1,000 characters.")}
	case len(m.waiting) >= atOnce:
		return m, []raxx.Part{m.notice(tooFast)}
	}
	m.waiting = append(slices.Clip(m.waiting), text)
	return m, []raxx.Part{raxx.After{Name: sayTimer}}
}

// speak says what waits, unless it is too much.
func (m member) speak(now time.Time) (_ member, parts []raxx.Part) {
	waiting := m.waiting
	m.waiting = nil
	for _, text := range waiting {
		var ok bool
		if m.pace, ok = m.pace.take(now); !ok {
			return m, append(parts, m.notice(tooFast))
		}
		m.said++
		parts = append(parts, m.publish(message{Kind: say, Text: text, At: now.UnixMilli()}))
	}
	return m, parts
}

// leave tells the others, once.
func (m member) leave() (member, []raxx.Part) {
	if m.gone {
		return m, nil
	}
	m.gone = true
	return m, []raxx.Part{m.publish(message{Kind: leave})}
}

// publish returns the effect that tells the room something.
func (m member) publish(about message) raxx.Part {
	about.From, about.Name = m.ID, m.Name
	about.ID = m.ID + "-" + about.Kind
	if about.Kind == say {
		// In the order of IDs, too: several may be said at one moment.
		about.ID = fmt.Sprintf("%s-%08d", m.ID, m.said)
	}
	return raxx.Publish{Topic: roomPrefix + m.room, Message: encode(about)}
}

// tell returns the part that tells the page something: the one thing in which
// the ways to be connected differ.
func (m member) tell(text string) raxx.Part {
	if m.key != "" {
		return sse.Event{Data: text}
	}
	return websocket.Text(text)
}

func (m member) notice(text string) raxx.Part {
	return m.tell(encode(notice{Kind: "notice", Text: text}))
}
