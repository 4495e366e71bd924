package ace_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// A handler whose connection was cut gets a second over HTTP/2, too, although its
// connection ends without it; one that goes on in spite of it is counted.
func TestH2CutWaitsForHandlers(t *testing.T) {
	var release chan bool // of each bubble
	inFakeTime(t, ace.Config{}, func(req raxx.Request) raxx.Response {
		switch req.Path {
		case "/heeds":
			<-req.Context().Done()
			time.Sleep(500 * time.Millisecond) // it puts things in order
		case "/deaf":
			<-release
		}
		return raxx.NoContent()
	}, func(t *testing.T, c *client) {
		release = make(chan bool)
		p := c.h2Dial()
		p.ask(1, "GET /heeds")
		p.ask(3, "GET /heeds")
		deaf := c.h2Dial()
		deaf.ask(1, "GET /heeds")
		deaf.ask(3, "GET /deaf")
		synctest.Wait()
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		began := time.Now()
		err := c.server.Shutdown(ctx)
		var report *ace.DrainError
		if !errors.As(err, &report) || report.Connections != 2 || report.Left != 1 || time.Since(began) != 2*time.Second {
			t.Errorf("with a handler that is deaf, Shutdown = %v after %v", err, time.Since(began))
		}
		release <- true
		synctest.Wait()
		if err := c.server.Shutdown(t.Context()); err != nil {
			t.Errorf("when it has ended, Shutdown = %v", err)
		}
	})
	inFakeTime(t, ace.Config{}, func(req raxx.Request) raxx.Response {
		<-req.Context().Done()
		time.Sleep(500 * time.Millisecond)
		return raxx.NoContent()
	}, func(t *testing.T, c *client) {
		p := c.h2Dial()
		p.ask(1, "GET /")
		p.ask(3, "GET /")
		synctest.Wait()
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		began := time.Now()
		err := c.server.Shutdown(ctx)
		var report *ace.DrainError
		if !errors.As(err, &report) || report.Left != 0 || time.Since(began) != 1500*time.Millisecond {
			t.Errorf("Shutdown = %v after %v", err, time.Since(began))
		}
	})
}
