package process

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
)

// A stubbornBroker has no way to stop.
type stubbornBroker struct{ subscribed int }

func (b *stubbornBroker) Publish(string, string) error { return nil }

func (b *stubbornBroker) Subscribe(string, func(string)) (func(), error) {
	b.subscribed++
	return nil, nil
}

// A broker that never stops is asked once nevertheless: else every message would
// come as often as it was asked.
func TestBrokerWithoutAStop(t *testing.T) {
	b := new(stubbornBroker)
	topic := newTopic(NewHub(b, nil), "a")
	topic.connect()
	topic.connect()
	if b.subscribed != 1 {
		t.Errorf("it was asked %d times", b.subscribed)
	}
}

// A fakeBroker hands messages out at once, and writes down what it is asked for.
type fakeBroker struct {
	mu      sync.Mutex
	calls   []string
	subs    map[int]func(string) // by the number of the call
	names   map[int]string
	refuses bool
}

var (
	_         Broker = (*fakeBroker)(nil)
	errBroker        = errors.New("the broker is away")
)

func (b *fakeBroker) note(call string) {
	b.calls = append(b.calls, call)
}

func (b *fakeBroker) Publish(topic, message string) error {
	b.mu.Lock()
	b.note("publish " + topic + " " + message)
	refuses := b.refuses
	var to []func(string)
	for n, name := range b.names {
		if name == topic {
			to = append(to, b.subs[n])
		}
	}
	b.mu.Unlock()
	if refuses {
		return errBroker
	}
	for _, deliver := range to {
		deliver(message)
	}
	return nil
}

func (b *fakeBroker) Subscribe(topic string, deliver func(string)) (func(), error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.note("subscribe " + topic)
	if b.refuses {
		return nil, errBroker
	}
	if b.subs == nil {
		b.subs, b.names = make(map[int]func(string)), make(map[int]string)
	}
	n := len(b.calls)
	b.subs[n], b.names[n] = deliver, topic
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.note("stop " + topic)
		delete(b.subs, n)
		delete(b.names, n)
	}, nil
}

func (b *fakeBroker) refuse(yes bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refuses = yes
}

func (b *fakeBroker) want(t *testing.T, want ...string) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if d := cmp.Diff(want, b.calls); d != "" {
		t.Errorf("the broker was asked for (-want +got):\n%s", d)
	}
	b.calls = nil
}

// newBrokered returns an Env with a broker, and the list of what failed.
func newBrokered(b Broker) (*Env, func() []string) {
	var mu sync.Mutex
	var failures []string
	env := newEnv(9)
	env.Hub = NewHub(b, func(topic string, err error) {
		mu.Lock()
		defer mu.Unlock()
		failures = append(failures, topic+": "+err.Error())
	})
	return env, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(failures)
	}
}

func TestBroker(t *testing.T) {
	t.Run("is subscribed to once for each topic, until nobody needs it", func(t *testing.T) {
		b := &fakeBroker{}
		env, failures := newBrokered(b)
		p, q := newRig(t, env, nil), newRig(t, env, nil)
		p.subscribes(0, "a")
		q.subscribes(0, "a")
		p.publish("a", "1")
		b.want(t, "subscribe a", "publish a 1")
		p.wantSeen("a: 1")
		q.wantSeen("a: 1")
		p.End(0, nil)
		b.want(t)
		q.End(0, nil)
		b.want(t, "stop a")
		wantNoTopics(t, env.Hub)
		q = newRig(t, env, nil)
		q.subscribes(0, "a")
		q.Do([]raxx.Effect{raxx.Unsubscribe{Topic: "a"}})
		b.want(t, "subscribe a", "stop a")
		if f := failures(); f != nil {
			t.Errorf("failed: %v", f)
		}
	})
	t.Run("gets what is published though nobody subscribes here", func(t *testing.T) {
		b := &fakeBroker{}
		env, _ := newBrokered(b)
		env.Hub.Publish("a", "1")
		b.want(t, "publish a 1")
	})
	t.Run("joins two hubs", func(t *testing.T) {
		b := &fakeBroker{}
		here, _ := newBrokered(b)
		there, _ := newBrokered(b)
		p, q := newRig(t, here, nil), newRig(t, there, nil)
		p.subscribes(0, "a")
		q.subscribes(0, "a")
		p.publish("a", "1")
		q.publish("a", "2")
		p.wantSeen("a: 1", "a: 2")
		q.wantSeen("a: 1", "a: 2")
	})
	t.Run("that fails is reported, and asked again by the next who subscribes", func(t *testing.T) {
		b := &fakeBroker{}
		env, failures := newBrokered(b)
		p, q := newRig(t, env, nil), newRig(t, env, nil)
		b.refuse(true)
		p.subscribes(0, "a")
		p.publish("a", "1")
		b.refuse(false)
		q.subscribes(0, "a")
		q.publish("a", "2")
		b.want(t, "subscribe a", "publish a 1", "subscribe a", "publish a 2")
		if d := cmp.Diff([]string{"a: the broker is away", "a: the broker is away"}, failures()); d != "" {
			t.Error(d)
		}
		p.wantSeen("a: 2")
		q.wantSeen("a: 2")
		p.End(0, nil)
		q.End(0, nil)
		b.want(t, "stop a")
	})
	t.Run("may deliver behind the end", func(t *testing.T) {
		b := &fakeBroker{}
		env, _ := newBrokered(b)
		p := newRig(t, env, nil)
		p.subscribes(0, "a")
		deliver := b.subs[1]
		p.End(0, nil)
		deliver("1")
		p.wantTold(0)
		wantNoTopics(t, env.Hub)
	})
}

// A broker whose Subscribe takes long: who leaves meanwhile ends it.
func TestBrokerThatIsSlow(t *testing.T) {
	b := &slowBroker{asked: make(chan struct{}), answer: make(chan struct{})}
	env, _ := newBrokered(b)
	p := newRig(t, env, nil)
	subscribed := make(chan struct{})
	go func() {
		p.subscribes(0, "a")
		close(subscribed)
	}()
	<-b.asked
	topicOf(t, env.Hub, "a").remove(topicOf(t, env.Hub, "a").subs[0])
	close(b.answer)
	<-subscribed
	b.want(t, "subscribe a", "stop a")
}

type slowBroker struct {
	fakeBroker
	asked, answer chan struct{}
}

func (b *slowBroker) Subscribe(topic string, deliver func(string)) (func(), error) {
	close(b.asked)
	<-b.answer
	return b.fakeBroker.Subscribe(topic, deliver)
}

// Many come and go: each subscription with the broker ends once.
func TestBrokerUnderRace(t *testing.T) {
	b := &fakeBroker{}
	env, _ := newBrokered(b)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 200 {
				l := listen(env, "a")
				env.Hub.Publish("a", "1")
				l.stop()
			}
		})
	}
	all.Wait()
	wantNoTopics(t, env.Hub)
	if len(b.subs) > 0 {
		t.Errorf("%d subscriptions are left", len(b.subs))
	}
	subscribed, stopped := 0, 0
	for _, call := range b.calls {
		switch {
		case strings.HasPrefix(call, "subscribe"):
			subscribed++
		case strings.HasPrefix(call, "stop"):
			stopped++
		}
	}
	if subscribed == 0 || subscribed != stopped {
		t.Errorf("%d subscriptions and %d ends", subscribed, stopped)
	}
}
