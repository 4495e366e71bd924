package ace_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// A machine whose mailbox overflows while its client takes nothing ends at once, and
// not when the client's time is over.
func TestH2OverflowOfAMachineThatCanNotSend(t *testing.T) {
	var told chan raxx.Event
	inFakeTime(t, ace.Config{MaxMailbox: 1}, does(func(event raxx.Event) []raxx.Part {
		switch event.(type) {
		case raxx.Open:
			return parts(raxx.Subscribe{Topic: "t"}, raxx.Data(text(large)))
		case raxx.Closed:
			told <- event
		}
		return nil
	}), func(t *testing.T, c *client) {
		told = make(chan raxx.Event, 1)
		p := c.h2Dial(narrow(10))
		p.ask(1, "GET /")
		synctest.Wait()
		begun := time.Now()
		for range 3 {
			c.server.(*ace.Server).Publish("t", "m")
		}
		if got, took := <-told, time.Since(begun); got != raxx.Event(raxx.Closed{Reason: raxx.Overflowed}) || took > 0 {
			t.Errorf("it was told %v after %v", got, took)
		}
	})
}

// What holds the input of a machine does not use up the time that its client has.
func TestH2HoldIsNotTheTimeOfTheClient(t *testing.T) {
	inFakeTime(t, ace.Config{}, does(func(event raxx.Event) []raxx.Part {
		switch event := event.(type) {
		case raxx.Open:
			return parts(raxx.Data("a"), raxx.After{Delay: time.Second})
		case raxx.Timer:
			return parts(raxx.Pull{Hold: true, From: raxx.NewStream(-1, func(func([]byte, error) bool) { time.Sleep(time.Minute) })})
		case raxx.Pulled:
			return parts(raxx.Data("b"))
		case raxx.Data:
			return parts(event)
		case raxx.Tail:
			return parts(raxx.Tail{})
		}
		return nil
	}), func(t *testing.T, c *client) {
		p := c.h2Dial()
		p.ask(1, "POST /")
		p.wantAfter(61*time.Second, "the end of what holds", func() bool { return p.streams[1].body.Len() == 2 || p.streams[1].gone })
		p.data(1, true, "c")
		p.want(1, "200", "abc")
	})
}
