package process

import (
	"fmt"
	"math"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/raxx-go/raxx/raxx"
)

// topicOf returns a topic that somebody subscribes to.
func topicOf(t *testing.T, h *Hub, name string) *topic {
	t.Helper()
	s := h.shard(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.topics[name]
	if found == nil {
		t.Fatalf("there is no topic %q", name)
	}
	return found
}

// wantNoTopics wants the hub to hold nothing.
func wantNoTopics(t *testing.T, h *Hub) {
	t.Helper()
	for i := range h.shards {
		if s := &h.shards[i]; s.topics != nil {
			t.Errorf("there are topics %v", s.topics)
		}
	}
}

// A listener is a process whose owner runs it in a goroutine when it is told to,
// and whose machine takes down the numbers that come.
type listener struct {
	*Process
	bell chan struct{} // rung by Ready
	quit chan struct{}
	done sync.WaitGroup
	got  []int
	bad  string // what came and was no number
}

var _ Owner = (*listener)(nil)

// listen starts a listener, which goes on until it is stopped.
func listen(env *Env, topic string) *listener {
	l := &listener{bell: make(chan struct{}, 1), quit: make(chan struct{})}
	l.Process = New(env, raxx.NewMachine(l, (*listener).step), l)
	l.Do([]raxx.Effect{raxx.Subscribe{Topic: topic}})
	l.done.Go(l.run)
	return l
}

func (l *listener) step(event raxx.Event) (*listener, []raxx.Part) {
	if info, ok := event.(raxx.Info); ok {
		n, err := strconv.Atoi(info.Message)
		if err != nil {
			l.bad = info.Message
		}
		l.got = append(l.got, n)
	}
	return l, nil
}

func (l *listener) Ready() {
	select {
	case l.bell <- struct{}{}:
	default:
	}
}

func (l *listener) Part(raxx.Part) error { return nil }

func (l *listener) run() {
	for {
		for {
			event, err := l.Next()
			if err != nil {
				l.bad = err.Error()
			}
			if event == nil {
				break
			}
			l.Handle(event, l)
		}
		select {
		case <-l.bell:
		case <-l.quit:
			l.End(0, nil)
			return
		}
	}
}

// stop ends the listener and returns what it has got.
func (l *listener) stop() []int {
	close(l.quit)
	l.done.Wait()
	return l.got
}

// wantRun wants numbers without a gap, of which the first is from least to most.
func wantRun(t *testing.T, l *listener, got []int, least, most int) {
	t.Helper()
	if l.bad != "" {
		t.Errorf("got %q", l.bad)
	}
	if len(got) > 0 && (got[0] < least || got[0] > most) {
		t.Errorf("got %d first, want one from %d to %d", got[0], least, most)
	}
	for i, n := range got {
		if n != got[0]+i {
			t.Errorf("got %d behind %d", n, got[i-1])
		}
	}
}

// Many publish on many topics: each subscriber gets what each publisher has
// published, in its order.
func TestMessagesOfAPublisherStayInOrder(t *testing.T) {
	env := newEnv(math.MaxInt)
	const topics, publishers, messages = 3, 4, 200
	var subs []*rig
	for i := range 40 {
		r := newRig(t, env, nil)
		r.subscribes(0, fmt.Sprint(i%topics))
		subs = append(subs, r)
	}
	var all sync.WaitGroup
	for p := range publishers {
		all.Go(func() {
			for i := range messages {
				for topic := range topics {
					env.Hub.Publish(fmt.Sprint(topic), fmt.Sprintf("%d %d", p, i))
				}
			}
		})
	}
	all.Wait()
	env.Hub.Wait()
	for i, r := range subs {
		if err := r.run(); err != nil {
			t.Fatal(err)
		}
		next := make(map[string]int)
		for _, line := range r.seen {
			var topic, p, n int
			if _, err := fmt.Sscanf(line, "%d: %d %d", &topic, &p, &n); err != nil || topic != i%topics {
				t.Fatalf("got %q", line)
			}
			if key := fmt.Sprint(p); next[key] != n {
				t.Fatalf("got number %d of publisher %d, want %d", n, p, next[key])
			} else {
				next[key]++
			}
		}
		if len(r.seen) != publishers*messages {
			t.Errorf("got %d messages, want %d", len(r.seen), publishers*messages)
		}
	}
}

// Others come and go while messages are on their way to thousands: whoever stays
// gets each message once, in order, and whoever comes and goes gets all those
// from between.
func TestJoinAndLeaveDuringAFanOut(t *testing.T) {
	const stayers, churners, messages = 2000, 4, 100
	env := newEnv(math.MaxInt)
	var stay []*rig
	for range stayers {
		r := newRig(t, env, nil)
		r.subscribes(0, "t")
		stay = append(stay, r)
	}
	var begun, published atomic.Int64 // the last number that was given to Publish, and that it has returned from
	begun.Store(-1)
	published.Store(-1)
	over := make(chan struct{})
	var churn sync.WaitGroup
	for range churners {
		churn.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
				}
				over := published.Load()
				var some []*listener
				for range 100 {
					some = append(some, listen(env, "t"))
				}
				last := begun.Load()
				for _, l := range some {
					wantRun(t, l, l.stop(), int(over)+1, int(last)+1)
				}
			}
		})
	}
	for i := range messages {
		begun.Store(int64(i))
		env.Hub.Publish("t", strconv.Itoa(i))
		published.Store(int64(i))
	}
	env.Hub.Wait()
	close(over)
	churn.Wait()
	for _, r := range stay {
		if err := r.run(); err != nil {
			t.Fatal(err)
		}
		if len(r.seen) != messages {
			t.Fatalf("got %d messages, want %d", len(r.seen), messages)
		}
		for i, line := range r.seen {
			if line != fmt.Sprintf("t: %d", i) {
				t.Fatalf("got %q as number %d", line, i)
			}
		}
		r.End(0, nil)
	}
	wantNoTopics(t, env.Hub)
}

// Who subscribes while messages wait to be handed out does not get them, also if
// the list of subscribers has become shorter meanwhile.
func TestJoinBehindWhatWaits(t *testing.T) {
	env := newEnv(9)
	var before []*rig
	for range 3 {
		r := newRig(t, env, nil)
		r.subscribes(0, "t")
		before = append(before, r)
	}
	topic := topicOf(t, env.Hub, "t")
	topic.busy = true // somebody is about to hand out
	env.Hub.Publish("t", "1")
	env.Hub.Publish("t", "2")
	before[0].Do([]raxx.Effect{raxx.Unsubscribe{Topic: "t"}})
	before[2].Do([]raxx.Effect{raxx.Unsubscribe{Topic: "t"}})
	late := newRig(t, env, nil)
	late.subscribes(0, "t")
	env.Hub.Publish("t", "3")
	before[2].subscribes(0, "t")
	topic.handOut()
	env.Hub.Publish("t", "4")
	before[0].wantSeen()
	before[1].wantSeen("t: 1", "t: 2", "t: 3", "t: 4")
	before[2].wantSeen("t: 4")
	late.wantSeen("t: 3", "t: 4")
}

// Nobody is left out, and nobody served twice, when some leave in the middle of
// a fan-out, so that others take their places, and some come.
func TestEveryPlaceInTheListIsServed(t *testing.T) {
	const places, done = 7, 3
	for leave := range 1 << places { // a set of those who leave
		for _, rejoin := range []bool{false, true} {
			env := newEnv(9)
			var all []*rig
			for range places {
				r := newRig(t, env, nil)
				r.subscribes(0, "t")
				all = append(all, r)
			}
			topic := topicOf(t, env.Hub, "t")
			topic.number++
			next := topic.serve("1", places-1, done)
			for i, r := range all {
				if leave&(1<<i) != 0 {
					r.Do([]raxx.Effect{raxx.Unsubscribe{Topic: "t"}})
					if rejoin {
						r.subscribes(0, "t")
					}
				}
			}
			topic.serve("1", next, places)
			for i, r := range all {
				left := leave&(1<<i) != 0
				if r.run(); !left && len(r.seen) != 1 || left && len(r.seen) > 0 {
					t.Errorf("those who leave: %b, rejoin: %t: number %d has seen %q", leave, rejoin, i, r.seen)
				}
			}
		}
	}
}

// A topic is forgotten with its last subscriber, and its memory with it.
func TestTopicsVanish(t *testing.T) {
	env := newEnv(9)
	r, other := newRig(t, env, nil), newRig(t, env, nil)
	other.subscribes(0, "500")
	for i := range 1000 {
		r.subscribes(0, fmt.Sprint(i))
	}
	r.publish("nobody", "1")
	for i := range 1000 {
		r.Do([]raxx.Effect{raxx.Unsubscribe{Topic: fmt.Sprint(i)}})
	}
	other.publish("500", "1")
	other.wantSeen("500: 1")
	other.End(0, nil)
	wantNoTopics(t, env.Hub)
}

// A list of subscribers that shrinks gives its memory back.
func TestListOfSubscribersShrinks(t *testing.T) {
	env := newEnv(9)
	var all []*rig
	for range 10_000 {
		r := newRig(t, env, nil)
		r.subscribes(0, "t")
		all = append(all, r)
	}
	topic := topicOf(t, env.Hub, "t")
	for len(all) > 10 {
		all[len(all)/2].End(0, nil)
		all = append(all[:len(all)/2], all[len(all)/2+1:]...)
	}
	if c := cap(topic.subs); c > 100 {
		t.Errorf("there is room for %d subscribers of 10", c)
	}
	all[0].publish("t", "1")
	for _, r := range all {
		r.wantSeen("t: 1")
		r.wantTold(1)
	}
}

// A gate is the owner of a process that holds up whoever tells it something.
type gate struct {
	arrived chan struct{}
	open    chan struct{}
}

func (g *gate) Ready() {
	g.arrived <- struct{}{}
	<-g.open
}

// Publishers that are faster than messages can be handed out wait, and no message
// is lost.
func TestPublishersWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const publishers, messages = 20, 200
		env := newEnv(math.MaxInt)
		g := &gate{make(chan struct{}, 1), make(chan struct{})}
		slow := New(env, raxx.Machine{}, g)
		slow.Do([]raxx.Effect{raxx.Subscribe{Topic: "t"}})
		r := newRig(t, env, nil)
		r.subscribes(0, "t")
		topic := topicOf(t, env.Hub, "t")
		topic.busy = true // nobody hands out
		var returned atomic.Int64
		var all sync.WaitGroup
		for p := range publishers {
			all.Go(func() {
				for i := range messages {
					env.Hub.Publish("t", fmt.Sprintf("%d %d", p, i))
					returned.Add(1)
				}
			})
		}
		synctest.Wait()
		if n := returned.Load(); n != queueAtMost {
			t.Errorf("%d messages wait, want %d", n, queueAtMost)
		}
		close(g.open)
		env.Hub.running.Go(topic.handOut)
		all.Wait()
		env.Hub.Wait()
		if err := r.run(); err != nil {
			t.Fatal(err)
		}
		if len(r.seen) != publishers*messages {
			t.Errorf("got %d messages, want %d", len(r.seen), publishers*messages)
		}
		for {
			if event, _ := slow.Next(); event == nil {
				break
			}
		}
	})
}

// Publishers that wait are let go when nobody is left to publish to.
func TestPublishersOnATopicThatVanishes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		env := newEnv(9)
		r := newRig(t, env, nil)
		r.subscribes(0, "t")
		topic := topicOf(t, env.Hub, "t")
		topic.busy = true
		var all sync.WaitGroup
		for range queueAtMost + 10 {
			all.Go(func() { env.Hub.Publish("t", "1") })
		}
		synctest.Wait()
		r.End(0, nil)
		all.Wait()
		wantNoTopics(t, env.Hub)
	})
}

// Whoever publishes to a few hands out by itself, but does not serve others for
// ever, nor a crowd that has come meanwhile.
func TestPublisherServesOthersForAWhileOnly(t *testing.T) {
	const messages = 100
	for name, tt := range map[string]struct{ crowd, left int }{
		"many messages": {1, messages - aFew}, "many subscribers": {batch + 1, messages},
	} {
		t.Run(name, func(t *testing.T) {
			env := newEnv(math.MaxInt)
			var all []*rig
			for range tt.crowd {
				r := newRig(t, env, nil)
				r.subscribes(0, "t")
				all = append(all, r)
			}
			topic := topicOf(t, env.Hub, "t")
			topic.busy = true
			for i := range messages {
				env.Hub.Publish("t", strconv.Itoa(i))
			}
			if topic.handOutSome() || len(topic.queue) != tt.left {
				t.Errorf("%d messages are left, want %d", len(topic.queue), tt.left)
			}
			topic.busy = false
			env.Hub.Publish("t", strconv.Itoa(messages)) // which begins to hand out
			env.Hub.Wait()
			for _, r := range all {
				r.run()
				if len(r.seen) != messages+1 || r.seen[messages] != fmt.Sprint("t: ", messages) {
					t.Errorf("got %d messages", len(r.seen))
				}
			}
		})
	}
}

// Everything at once, for the race detector: nothing is stuck, and nothing is
// left.
func TestHubUnderRace(t *testing.T) {
	env := newEnv(100)
	var all sync.WaitGroup
	for g := range 16 {
		all.Go(func() {
			for i := range 100 {
				l := listen(env, fmt.Sprint((g+i)%5))
				l.Monitor(func(error) {})
				other := listen(env, fmt.Sprint(g%5))
				Link(l.Process, other.Process)
				for n := range 5 {
					env.Hub.Publish(fmt.Sprint((g*i+n)%7), "1")
				}
				if i%3 == 0 {
					l.Kill(raxx.TimedOut, errPart)
				}
				l.Drain()
				l.stop()
				other.stop()
			}
		})
	}
	all.Wait()
	env.Hub.Wait()
	wantNoTopics(t, env.Hub)
}
