package ace_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// Hundreds of streams that block, stream, upload, wait, finish and are given up at
// random, on connections that end at random: all handlers and machines come to
// their end, and the replies that are whole are right. It is for the race
// detector.
func TestH2Stress(t *testing.T) {
	var running atomic.Int64
	h := func(req raxx.Request) raxx.Response {
		switch req.Path {
		case "/block":
			running.Add(1)
			defer running.Add(-1)
			select {
			case <-req.Context().Done():
			case <-time.After(5 * time.Millisecond):
			}
		case "/large":
			return raxx.Text(200, text(100000))
		case "/stream":
			return raxx.Response{Status: 200, Body: raxxtest.Chunks(text(50000), text(50000))}
		case "/upload":
			running.Add(1)
			defer running.Add(-1)
			data, err := raxx.ReadAll(req.Body, 0)
			return raxx.Text(200, fmt.Sprint(len(data), err))
		case "/echo":
			return echo(req)
		case "/machine":
			return raxx.Reply(200, "text/plain", raxx.NewMachine(&running, func(n *atomic.Int64, event raxx.Event) (*atomic.Int64, []raxx.Part) {
				switch event.(type) {
				case raxx.Open:
					n.Add(1)
					return n, []raxx.Part{raxx.Data("a"), raxx.Subscribe{Topic: "t"}, raxx.After{Delay: 20 * time.Millisecond}}
				case raxx.Info:
					return n, []raxx.Part{raxx.Data("b")}
				case raxx.Timer:
					n.Add(-1)
					return n, []raxx.Part{raxx.Tail{}}
				case raxx.Closed:
					n.Add(-1)
				}
				return n, nil
			}))
		}
		return hello(req).WithDo(raxx.Publish{Topic: "t", Message: "m"})
	}
	onHTTP2(t, func(t *testing.T, e engine) {
		running.Store(0)
		c := e.newClient(t, h, ace.Config{MaxResets: -1, MaxMailbox: -1})
		var group sync.WaitGroup
		for seed := range uint64(4) {
			group.Go(func() {
				random := rand.New(rand.NewPCG(seed, 0))
				for range 3 {
					storm(c, random)
				}
			})
		}
		group.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if err := c.server.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown returned %v", err)
		}
		for begun := time.Now(); running.Load() != 0; {
			if time.Since(begun) > 10*time.Second {
				t.Fatalf("%d handlers and machines are left", running.Load())
			}
			<-time.After(time.Millisecond)
		}
	})
}

// storm is one connection of the stress test.
func storm(c *client, random *rand.Rand) {
	wants := map[string]string{
		"GET /": "hello", "GET /block": "hello", "GET /large": text(100000), "GET /stream": text(50000) + text(50000), "GET /machine": "",
		"POST /upload": "20000 <nil>", "POST /echo": text(20000), "POST /": "hello",
	}
	kinds := []string{"GET /", "GET /block", "GET /large", "GET /stream", "GET /machine", "POST /upload", "POST /echo", "POST /"}
	p := c.h2Dial()
	asked := map[uint32]string{}
	for id := uint32(1); id < 200; id += 2 {
		kind := kinds[random.IntN(len(kinds))]
		p.ask(id, kind)
		given := random.IntN(4) == 0
		if kind[0] == 'P' && (!given || random.IntN(2) == 0) {
			p.until("WINDOW_UPDATE", func() bool { return p.window >= 20000 })
			p.data(id, true, text(20000))
		}
		if given {
			p.cancel(id)
			continue
		}
		asked[id] = kind
		for random.IntN(3) == 0 && p.read(time.Millisecond) {
		}
	}
	if random.IntN(3) == 0 {
		p.conn.Close()
		return
	}
	for id, kind := range asked {
		p.until("the end of the reply", p.streams[id].done)
		if s, want := p.streams[id], wants[kind]; s.gone && s.reset != 0 || s.status != "200" || want != "" && s.body.String() != want {
			c.Errorf("%s: got %s %s, reset: %v (%v)", kind, s.status, brief(s.body.String()), s.gone, s.reset)
		}
	}
	p.conn.Close()
}
