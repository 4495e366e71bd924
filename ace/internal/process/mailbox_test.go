package process

import (
	"errors"
	"fmt"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

func TestMailboxIsFull(t *testing.T) {
	const closes, oldest, newest = raxx.CloseOnOverflow, raxx.DropOldest, raxx.DropNewest
	type message struct {
		topic string // which is named after its policy
		text  string
	}
	for _, tt := range []struct {
		name string
		come []message // more than the three that there is room for
		want []string  // nil: the process has to end
	}{
		{"close", []message{{"close", "1"}, {"close", "2"}, {"close", "3"}, {"close", "4"}}, nil},
		{"oldest", []message{{"oldest", "1"}, {"oldest", "2"}, {"oldest", "3"}, {"oldest", "4"}, {"oldest", "5"}},
			[]string{"oldest: 3", "oldest: 4", "oldest: 5"}},
		{"newest", []message{{"newest", "1"}, {"newest", "2"}, {"newest", "3"}, {"newest", "4"}, {"newest", "5"}},
			[]string{"newest: 1", "newest: 2", "newest: 3"}},
		{"oldest drops its own kind", []message{{"close", "1"}, {"newest", "2"}, {"oldest", "3"}, {"oldest", "4"}},
			[]string{"close: 1", "newest: 2", "oldest: 4"}},
		{"oldest drops those of other topics", []message{{"oldest", "1"}, {"close", "2"}, {"oldest too", "3"}, {"oldest too", "4"}},
			[]string{"close: 2", "oldest too: 3", "oldest too: 4"}},
		{"oldest finds none of its kind", []message{{"close", "1"}, {"close", "2"}, {"newest", "3"}, {"oldest", "4"}},
			[]string{"close: 1", "close: 2", "newest: 3"}},
		{"newest leaves the oldest", []message{{"oldest", "1"}, {"oldest", "2"}, {"oldest", "3"}, {"newest", "4"}},
			[]string{"oldest: 1", "oldest: 2", "oldest: 3"}},
		{"close does not ask what could be dropped", []message{{"oldest", "1"}, {"newest", "2"}, {"oldest", "3"}, {"close", "4"}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, newEnv(3), nil)
			r.subscribes(closes, "close")
			r.subscribes(oldest, "oldest", "oldest too")
			r.subscribes(newest, "newest")
			for _, m := range tt.come {
				r.publish(m.topic, m.text)
			}
			if tt.want != nil {
				r.wantSeen(tt.want...)
				return
			}
			var kill *Kill
			if err := r.run(); !errors.As(err, &kill) || kill.Reason != raxx.Overflowed || !errors.Is(err, ErrOverflow) {
				t.Errorf("it ends with %v", err)
			}
			r.wantHadSeen()
			r.wantTold(2) // of the first message, and of the end
		})
	}
}

func TestLimitCountsMessagesOnly(t *testing.T) {
	r := newRig(t, newEnv(2), nil)
	r.subscribes(0, "a")
	for i := range 5 {
		r.Do([]raxx.Effect{raxx.After{Name: fmt.Sprint(i)}})
	}
	r.publish("a", "1", "2")
	r.Drain()
	r.wantSeen("timer 0", "timer 1", "timer 2", "timer 3", "timer 4", "a: 1", "a: 2", "drain")
	r.publish("a", "3", "4") // the room is there again
	r.wantSeen("a: 3", "a: 4")
}

func TestPolicyIsTheLastOne(t *testing.T) {
	r := newRig(t, newEnv(1), nil)
	r.subscribes(raxx.CloseOnOverflow, "a")
	r.subscribes(raxx.DropNewest, "a")
	r.publish("a", "1", "2")
	r.subscribes(raxx.DropOldest, "a")
	r.publish("a", "3")
	r.wantSeen("a: 3")
	if n := len(topicOf(t, r.env.Hub, "a").subs); n != 1 {
		t.Errorf("it has %d subscriptions", n)
	}
}

// What waited for a subscription that has ended neither comes nor takes room.
func TestUnsubscribeDropsWhatWaits(t *testing.T) {
	r := newRig(t, newEnv(2), nil)
	r.subscribes(0, "a", "b")
	r.publish("a", "1", "2")
	r.Do([]raxx.Effect{raxx.Unsubscribe{Topic: "a"}, raxx.Unsubscribe{Topic: "never"}})
	r.publish("a", "3")
	r.publish("b", "4", "5")
	r.wantSeen("b: 4", "b: 5")
	r.subscribes(0, "a")
	r.publish("a", "1")
	r.publish("b", "2")
	r.Do([]raxx.Effect{raxx.Unsubscribe{Topic: "a"}})
	r.publish("b", "3")
	r.wantSeen("b: 2", "b: 3")
	r.subscribes(0, "a")
	sub := r.subs
	r.Do([]raxx.Effect{raxx.Unsubscribe{Topic: "a"}})
	r.deliver(sub, "on its way")
	r.wantSeen()
	r.subscribes(0, "a") // anew: nothing from before
	r.publish("a", "6")
	r.wantSeen("a: 6")
}

// A mailbox that is never empty does not grow.
func TestMailboxDoesNotGrow(t *testing.T) {
	const room = 10
	r := newRig(t, newEnv(room), nil)
	r.subscribes(raxx.DropOldest, "a")
	r.publish("a", "first")
	for i := range 10_000 {
		r.publish("a", fmt.Sprint(i))
		if event, err := r.Next(); event == nil || err != nil {
			t.Fatal(event, err)
		}
		if n := r.mailbox.count(); n > room {
			t.Fatalf("after %d messages %d wait", i, n)
		}
	}
	r.wantSeen("a: 9999")
	if !r.mailbox.empty() {
		t.Error("something is left in the mailbox")
	}
}
