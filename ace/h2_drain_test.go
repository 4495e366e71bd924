package ace_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// A drain warns, answers what is on its way, and says which was the last.
func TestH2DrainInTwoPhases(t *testing.T) {
	inFakeTime(t, ace.Config{}, hello, func(t *testing.T, c *client) {
		p, deaf := c.h2Dial(), c.h2Dial()
		p.ask(1, "GET /")
		p.want(1, "200", "hello")
		down := make(chan error, 1)
		begun := time.Now()
		go func() { down <- c.server.Shutdown(context.Background()) }()
		synctest.Wait()
		p.ask(3, "GET /") // before it can know
		p.want(3, "200", "hello")
		time.Sleep(50 * time.Millisecond)
		p.ask(5, "GET /") // begun before it said that it knows
		p.want(5, "200", "hello")
		p.wantEnd(http2.ErrCodeNo)
		if len(p.goAways) != 2 || p.goAways[0].LastStreamID != 1<<31-1 || p.goAways[1].LastStreamID != 5 {
			t.Errorf("got %v", p.goAways)
		}
		// One that does not answer is told after half a second.
		time.Sleep(400*time.Millisecond - time.Since(begun))
		deaf.ask(1, "GET /")
		deaf.frames.AllowIllegalReads = true
		time.Sleep(400 * time.Millisecond)
		deaf.want(1, "200", "hello")
		deaf.wantEnd(http2.ErrCodeNo)
		if n := len(deaf.goAways); n != 2 || deaf.goAways[1].LastStreamID != 1 {
			t.Errorf("got %v", deaf.goAways)
		}
		p.conn.Close()
		deaf.conn.Close()
		if err := <-down; err != nil {
			t.Errorf("Shutdown returned %v", err)
		}
	})
}

// A drain waits for replies that the client takes slowly, and for nothing else.
func TestH2DrainWaitsForSlowReaders(t *testing.T) {
	inFakeTime(t, ace.Config{}, body(raxx.Data(text(large))), func(t *testing.T, c *client) {
		p := c.h2Dial(narrow(1 << 30))
		p.lazy = true
		p.ask(1, "GET /")
		p.ask(3, "POST /") // whose end never comes
		down := make(chan error, 1)
		go func() { down <- c.server.Shutdown(context.Background()) }()
		for !p.streams[1].done() || !p.streams[3].done() {
			p.drain(5 * time.Second)
			p.frames.WriteWindowUpdate(0, 64<<10)
		}
		p.want(1, "200", text(large))
		p.drain(10 * time.Second)
		p.conn.Close()
		if err := <-down; err != nil {
			t.Errorf("Shutdown returned %v", err)
		}
	})
}

// A machine that begins when the server shuts down already is told so, too.
func TestH2DrainIsToldToMachinesThatComeLate(t *testing.T) {
	inFakeTime(t, ace.Config{}, does(func(event raxx.Event) []raxx.Part {
		switch event.(type) {
		case raxx.Open:
			return []raxx.Part{raxx.Data("hello ")}
		case raxx.Drain:
			return []raxx.Part{raxx.Data("goodbye"), raxx.Tail{}}
		}
		return nil
	}), func(t *testing.T, c *client) {
		p := c.h2Dial()
		p.wantAlive()
		down := make(chan error, 1)
		go func() { down <- c.server.Shutdown(context.Background()) }()
		synctest.Wait()
		p.ask(1, "GET /") // before it can know
		p.want(1, "200", "hello goodbye")
		p.wantEnd(http2.ErrCodeNo)
		p.conn.Close()
		if err := <-down; err != nil {
			t.Errorf("Shutdown returned %v", err)
		}
	})
}

// Nor does it wait for the rest of a request that was answered, for which time is left
// else.
func TestH2DrainWaitsForNoRest(t *testing.T) {
	inFakeTime(t, ace.Config{}, hello, func(t *testing.T, c *client) {
		p := c.h2Dial()
		p.ask(1, "POST /")
		p.want(1, "200", "hello")
		begun := time.Now()
		down := make(chan error, 1)
		go func() { down <- c.server.Shutdown(context.Background()) }()
		p.wantEnd(http2.ErrCodeNo)
		if took := time.Since(begun); took > time.Second || p.streams[1].reset != http2.ErrCodeNo || !p.streams[1].gone {
			t.Errorf("it took %v, the stream was reset: %v, with %v", took, p.streams[1].gone, p.streams[1].reset)
		}
		p.conn.Close()
		if err := <-down; err != nil {
			t.Errorf("Shutdown returned %v", err)
		}
	})
}

// The same of one whose windows are open, and who leaves it to the network.
func TestH2DrainWaitsForTheNetwork(t *testing.T) {
	inFakeTime(t, ace.Config{}, body(raxx.Data(text(400000))), func(t *testing.T, c *client) {
		p := c.h2Dial()
		p.ask(1, "GET /")
		synctest.Wait()
		down := make(chan error, 1)
		go func() { down <- c.server.Shutdown(context.Background()) }()
		for range 20 {
			time.Sleep(5 * time.Second)
			p.read(time.Millisecond)
		}
		p.want(1, "200", text(400000))
		p.wantEnd(http2.ErrCodeNo)
		p.conn.Close()
		if err := <-down; err != nil {
			t.Errorf("Shutdown returned %v", err)
		}
	})
}
