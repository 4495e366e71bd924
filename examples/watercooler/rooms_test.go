package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// A clock is told what time it is.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

// A process is the rooms of one, and what its members hear.
type process struct {
	*rooms
	heard []string
}

// enter makes the server of the process listen to a room.
func (p *process) enter(t *testing.T, topic string) (stop func()) {
	t.Helper()
	stop, err := p.Subscribe(topic, func(text string) { p.heard = append(p.heard, text) })
	if err != nil {
		t.Fatal(err)
	}
	return stop
}

func (p *process) publish(t *testing.T, topic string, messages ...message) {
	t.Helper()
	for _, m := range messages {
		if err := p.Publish(topic, encode(m)); err != nil {
			t.Fatal(err)
		}
	}
}

// start starts processes that share a broker.
func start(t *testing.T, names ...string) (c *clock, processes []*process) {
	t.Helper()
	c, broker := &clock{noon}, &local{}
	for _, name := range names {
		rs, err := newRooms(broker, name, c.Now)
		if err != nil {
			t.Fatal(err)
		}
		processes = append(processes, &process{rooms: rs})
	}
	return c, processes
}

func says(from, text string, at int64) message {
	return message{Kind: say, ID: fmt.Sprintf("%s-%d", from, at), From: from, Name: from, Text: text, At: at}
}

func joins(from string) message {
	return message{Kind: join, ID: from + "-join", From: from, Name: from}
}

func leaves(from string) message {
	return message{Kind: leave, ID: from + "-leave", From: from, Name: from}
}

// names are the people in a view.
func names(v view) (all []string) {
	for _, p := range v.People {
		all = append(all, p.Name)
	}
	return all
}

func texts(v view) (all []string) {
	for _, m := range v.Messages {
		all = append(all, m.Text)
	}
	return all
}

func TestRoomsRemember(t *testing.T) {
	_, ps := start(t, "p")
	p := ps[0]
	stop := p.enter(t, "room/tea")
	p.publish(t, "room/tea", joins("Ada"), joins("Bob"), says("Ada", "hot", 1), says("Bob", "cold", 2), leaves("Bob"))
	v := p.look("tea")
	diff(t, []string{"Ada"}, names(v))
	diff(t, []string{"hot", "cold"}, texts(v))
	if len(p.heard) != 5 || p.heard[2] != encode(says("Ada", "hot", 1)) {
		t.Errorf("heard %q", p.heard)
	}
	p.publish(t, "room/tea", leaves("Ada"))
	stop()
	// Who comes back to an empty room is told what was said there.
	p.publish(t, "room/tea", says("Ada", "behind", 3))
	v = p.look("tea")
	diff(t, []string{"hot", "cold", "behind"}, texts(v))
	diff(t, 0, v.Count)
	diff(t, 6, len(p.heard))
}

func TestRoomsRememberFifty(t *testing.T) {
	_, ps := start(t, "p")
	p := ps[0]
	p.enter(t, "room/tea")
	for i := range int64(60) {
		p.publish(t, "room/tea", says("Ada", fmt.Sprint(i), i), says("Ada", fmt.Sprint(i), i)) // once is enough
	}
	all := texts(p.look("tea"))
	if len(all) != 50 || all[0] != "10" || all[49] != "59" {
		t.Errorf("%d messages, %q to %q", len(all), all[0], all[len(all)-1])
	}
}

func TestRoomsAreApart(t *testing.T) {
	_, ps := start(t, "p")
	p := ps[0]
	p.enter(t, "room/tea")
	p.enter(t, "key/secret")
	p.publish(t, "room/coffee", joins("Ada"))
	if err := p.Publish("key/secret", "a text"); err != nil {
		t.Fatal(err)
	}
	diff(t, []string{"a text"}, p.heard)
	diff(t, emptyRoom(""), p.look("coffee"))
}

// Anybody can open rooms; few of them are remembered.
func TestRoomsAreFew(t *testing.T) {
	c, ps := start(t, "p")
	p := ps[0]
	p.enter(t, "room/stays")
	for i := range 2 * roomsAtMost {
		c.now = c.now.Add(time.Second)
		p.enter(t, fmt.Sprintf("room/%d", i))()
	}
	all := p.all()
	if len(all) != roomsAtMost || all["room/stays"] == nil || all["room/1999"] == nil || all["room/0"] != nil {
		t.Errorf("%d rooms", len(all))
	}
	if n := len(p.broker.(*local).listeners); n != roomsAtMost+1 {
		t.Errorf("%d topics are listened to", n)
	}
}

func TestProcessesShareRooms(t *testing.T) {
	_, ps := start(t, "p", "q")
	p, q := ps[0], ps[1]
	p.enter(t, "room/tea")
	p.publish(t, "room/tea", joins("Ada"), says("Ada", "hot", 1))
	// Who comes first into the room by another process is told what was before.
	q.enter(t, "room/tea")
	q.publish(t, "room/tea", joins("Bob"))
	diff(t, p.look("tea"), q.look("tea"))
	diff(t, []string{"Ada", "Bob"}, names(q.look("tea")))
	diff(t, []string{"hot"}, texts(q.look("tea")))
	// If a member has looked around before the answer came, it is told now.
	if len(q.heard) != 2 || !strings.Contains(q.heard[0], `"kind":"room"`) || !strings.Contains(q.heard[0], `"hot"`) {
		t.Errorf("heard %q", q.heard)
	}
	q.publish(t, "room/tea", says("Bob", "cold", 2))
	diff(t, encode(says("Bob", "cold", 2)), p.heard[len(p.heard)-1])
	diff(t, p.look("tea"), q.look("tea"))
}

// The members of a process that has died are missed after a while, and those of
// one that lives are not.
func TestProcessDies(t *testing.T) {
	c, ps := start(t, "p", "q", "dead")
	p, q, dead := ps[0], ps[1], ps[2]
	for _, each := range ps {
		each.enter(t, "room/tea")
	}
	p.publish(t, "room/tea", joins("Ada"))
	q.publish(t, "room/tea", joins("Bob"))
	dead.publish(t, "room/tea", joins("Carl"))
	diff(t, []string{"Ada", "Bob", "Carl"}, names(p.look("tea")))
	p.heard = nil
	for range 4 {
		c.now = c.now.Add(beat)
		p.tick()
		q.tick()
	}
	diff(t, []string{"Ada", "Bob"}, names(p.look("tea")))
	diff(t, p.look("tea"), q.look("tea"))
	if len(p.heard) != 1 || strings.Contains(p.heard[0], "Carl") {
		t.Errorf("heard %q", p.heard)
	}
	dead.tick() // it was only slow
	diff(t, []string{"Ada", "Bob", "Carl"}, names(p.look("tea")))
}

// What was missed while there was no connection is asked for.
func TestConnectionIsBack(t *testing.T) {
	_, ps := start(t, "p", "q")
	p, q := ps[0], ps[1]
	p.enter(t, "room/tea")
	q.enter(t, "room/tea")
	broker := q.broker
	p.open["room/tea"].stop() // p hears nothing
	q.publish(t, "room/tea", joins("Bob"), says("Bob", "missed", 1))
	stop, err := broker.Subscribe("room/tea", func(text string) { p.hear("room/tea", p.open["room/tea"], text) })
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	p.ask()
	diff(t, []string{"missed"}, texts(p.look("tea")))
	diff(t, []string{"Bob"}, names(p.look("tea")))
}

// Nobody asks itself, or believes what it says of itself.
func TestAlone(t *testing.T) {
	_, ps := start(t, "p")
	p := ps[0]
	p.enter(t, "room/tea")
	p.publish(t, "room/tea", joins("Ada"), says("Ada", "hot", 1))
	p.heard = nil
	p.ask()
	p.tick()
	if len(p.heard) > 0 {
		t.Errorf("heard %q", p.heard)
	}
}

// What comes from elsewhere is no reason to fall over.
func TestNoise(t *testing.T) {
	_, ps := start(t, "p")
	p := ps[0]
	p.enter(t, "room/tea")
	for _, noise := range []string{"", "x", "[]", "{}", `{"process":"q"}`, `{"message":1}`, `{"message":{"kind":"?"}}`, `{"process":"q","here":[{}]}`} {
		for _, topic := range []string{"room/tea", "process/p"} {
			if err := p.broker.Publish(topic, noise); err != nil {
				t.Fatal(err)
			}
		}
	}
	if v := p.look("tea"); len(v.Messages) > 0 {
		t.Errorf("%+v", v)
	}
}

// A page is not told of thousands one by one.
func TestCrowds(t *testing.T) {
	_, ps := start(t, "p")
	p := ps[0]
	p.enter(t, "room/tea")
	for i := range 1000 {
		p.publish(t, "room/tea", joins(fmt.Sprintf("%04d", i)))
	}
	v := p.look("tea")
	if v.Count != 1000 || len(v.People) != listed || v.People[0].Name != "0000" {
		t.Errorf("%d people, of whom %d are listed", v.Count, len(v.People))
	}
}

// A broken broker fails, and is told apart from an empty room.
type broken struct{}

var errBroken = errors.New("broken")

func (broken) Publish(string, string) error                          { return errBroken }
func (broken) Subscribe(string, func(string)) (stop func(), e error) { return nil, errBroken }

func TestBrokerFails(t *testing.T) {
	if _, err := newRooms(broken{}, "p", time.Now); !errors.Is(err, errBroken) {
		t.Error(err)
	}
	_, ps := start(t, "p")
	p := ps[0]
	p.broker = broken{}
	if _, err := p.Subscribe("room/tea", nil); !errors.Is(err, errBroken) {
		t.Error(err)
	}
	if err := p.Publish("room/tea", "{}"); !errors.Is(err, errBroken) {
		t.Error(err)
	}
}

// A broker's messages arrive in one order, also when one leads to another.
// A mute broker takes no message, and brings those of others.
type mute struct{ local }

func (m *mute) Publish(string, string) error { return errBroken }

// A question that can't be asked does not undo that the server listens: what is
// said afterwards comes once.
func TestQuestionFails(t *testing.T) {
	broker := &mute{}
	rs, err := newRooms(broker, "p", (&clock{noon}).Now)
	if err != nil {
		t.Fatal(err)
	}
	p := &process{rooms: rs}
	stop := p.enter(t, "room/tea")
	hot := encode(says("Ada", "hot", 1))
	broker.local.Publish("room/tea", encode(note{Process: "q", Message: json.RawMessage(hot)}))
	diff(t, []string{hot}, p.heard)
	stop()
	diff(t, 0, len(rs.open["room/tea"].listeners))
}

func TestLocalBroker(t *testing.T) {
	var l local
	var heard []string
	stop, _ := l.Subscribe("a", func(text string) {
		heard = append(heard, "first "+text)
		if text == "1" {
			l.Publish("a", "2")
		}
	})
	l.Subscribe("a", func(text string) { heard = append(heard, "second "+text) })
	l.Publish("a", "1")
	diff(t, []string{"first 1", "second 1", "first 2", "second 2"}, heard)
	stop()
	heard = nil
	l.Publish("a", "3")
	diff(t, []string{"second 3"}, heard)
}
