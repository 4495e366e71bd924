package ace_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// An h2Attack is what a client does again and again, and how that ends.
type h2Attack struct {
	name  string
	code  http2.ErrCode
	begin func(p *h2Peer)
	round func(p *h2Peer, id uint32) // id is of a stream that is new each time
}

var h2Attacks = []h2Attack{
	{"rapid reset", http2.ErrCodeEnhanceYourCalm, nil, func(p *h2Peer, id uint32) {
		p.ask(id, "GET /")
		p.cancel(id)
	}},
	{"rapid reset of handlers that take long", http2.ErrCodeEnhanceYourCalm, nil, func(p *h2Peer, id uint32) {
		p.ask(id, "GET /slow")
		p.cancel(id)
	}},
	{"MadeYouReset", http2.ErrCodeEnhanceYourCalm, nil, func(p *h2Peer, id uint32) {
		p.ask(id, "POST /slow")
		p.frames.WriteRawFrame(http2.FrameWindowUpdate, 0, id, []byte{0, 0, 0, 0})
	}},
	{"CONTINUATION frames", http2.ErrCodeEnhanceYourCalm, func(p *h2Peer) {
		p.frames.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte{0x82}})
	}, func(p *h2Peer, id uint32) { p.frames.WriteContinuation(1, false, []byte("\x10\x01a\x01b")) }},
	{"SETTINGS", http2.ErrCodeEnhanceYourCalm, nil, func(p *h2Peer, id uint32) { p.frames.WriteSettings() }},
	{"PING", http2.ErrCodeEnhanceYourCalm, nil, func(p *h2Peer, id uint32) { p.frames.WritePing(false, [8]byte{}) }},
	{"empty DATA frames", http2.ErrCodeEnhanceYourCalm, func(p *h2Peer) { p.ask(1, "POST /slow") },
		func(p *h2Peer, id uint32) { p.frames.WriteData(1, false, nil) }},
	{"small DATA frames", http2.ErrCodeEnhanceYourCalm, func(p *h2Peer) { p.ask(1, "POST /echo") },
		func(p *h2Peer, id uint32) {
			for range 10 {
				p.frames.WriteData(1, false, []byte("x"))
			}
		}},
	{"HPACK bombs", http2.ErrCodeEnhanceYourCalm, func(p *h2Peer) { p.ask(1, "GET /", "bomb: "+strings.Repeat("x", 3900)) },
		func(p *h2Peer, id uint32) {
			p.streams[id+2] = &h2Stream{}
			p.frames.WriteHeaders(http2.HeadersFrameParam{StreamID: id + 2, EndHeaders: true, EndStream: true, BlockFragment: []byte(strings.Repeat("\xbe", 16384))})
		}},
	{"large headers", http2.ErrCodeEnhanceYourCalm, nil, func(p *h2Peer, id uint32) {
		p.streams[id] = &h2Stream{}
		block := p.fields("GET /", "a: "+strings.Repeat("\x01\x02", 20000))
		p.frames.WriteHeaders(http2.HeadersFrameParam{StreamID: id, EndStream: true, BlockFragment: block[:16384]})
		p.frames.WriteContinuation(id, false, block[16384:32768])
		p.frames.WriteContinuation(id, true, block[32768:min(len(block), 49152)])
	}},
	{"malformed requests", http2.ErrCodeEnhanceYourCalm, nil, func(p *h2Peer, id uint32) { p.ask(id, "GET /", "connection: close") }},
	{"streams without end", http2.ErrCodeEnhanceYourCalm, nil, func(p *h2Peer, id uint32) { p.ask(id, "POST /slow") }},
	{"PRIORITY_UPDATE", http2.ErrCodeEnhanceYourCalm, nil, func(p *h2Peer, id uint32) { p.frames.WritePriorityUpdate(id, "u=1") }},
	{"PRIORITY", http2.ErrCodeEnhanceYourCalm, nil, func(p *h2Peer, id uint32) { p.frames.WritePriority(id, http2.PriorityParam{}) }},
	{"WINDOW_UPDATE", http2.ErrCodeEnhanceYourCalm, nil, func(p *h2Peer, id uint32) { p.frames.WriteWindowUpdate(0, 1) }},
	{"tiny windows", http2.ErrCodeEnhanceYourCalm, func(p *h2Peer) {
		p.frames.WriteSettings(narrow(0))
		p.ask(1, "GET /large")
	}, func(p *h2Peer, id uint32) { p.frames.WriteWindowUpdate(1, 1) }},
	{"a window that overflows", http2.ErrCodeFlowControl, nil, func(p *h2Peer, id uint32) { p.frames.WriteWindowUpdate(0, 1<<31-1) }},
	{"frames of unknown types", http2.ErrCodeEnhanceYourCalm, nil, func(p *h2Peer, id uint32) { p.frames.WriteRawFrame(0x42, 0, 0, make([]byte, 1000)) }},
}

// Each attack ends with the right error before it has gone on for long, and does not
// concern those who are good. What it costs in CPU time is measured by ace/bench.
func TestH2Attacks(t *testing.T) {
	released := make(chan bool)
	defer close(released)
	c := engines[4].newClient(t, func(req raxx.Request) raxx.Response {
		switch req.Path {
		case "/slow":
			select {
			case <-req.Context().Done():
			case <-released:
			}
		case "/large":
			return raxx.Text(200, text(large))
		case "/echo":
			return raxx.Reply(200, "text/plain", req.Body)
		}
		return hello(req)
	}, ace.Config{})
	for _, attack := range h2Attacks {
		t.Run(attack.name, func(t *testing.T) {
			c := *c
			c.TB = t
			good, stop := c.goodClient()
			p := c.h2Dial(narrow(1<<20), http2.Setting{ID: http2.SettingHeaderTableSize, Val: 4096})
			rounds := p.attack(attack)
			p.wantEnd(attack.code)
			stop()
			if n := <-good; n == 0 {
				t.Error("no good client was answered")
			}
			t.Logf("%d rounds", rounds)
		})
	}
}

// Who does not look at what the server says about it can't keep the server busy
// behind the end of the connection.
func TestH2DeafAttack(t *testing.T) {
	for _, e := range engines[4:6] {
		t.Run(e.name, func(t *testing.T) {
			p := e.newClient(t, hello, ace.Config{}).h2Dial()
			p.frames.WriteRawFrame(http2.FramePing, 0, 1, make([]byte, 8))
			sent := sendsOn(p.conn)
			t.Logf("%d octets", sent)
			if sent == 100<<20 {
				t.Error("the server took everything")
			}
		})
	}
}

// attack goes on until the server has had enough, and returns how often it could.
func (p *h2Peer) attack(a h2Attack) (rounds int) {
	if a.begin != nil {
		a.begin(p)
	}
	for ; rounds < 20000 && p.end == nil; rounds++ {
		a.round(p, uint32(2*rounds+1))
		for rounds%100 == 0 && p.read(time.Millisecond) {
		}
		if len(p.goAways) > 0 {
			break
		}
	}
	return rounds
}

// goodClient asks for one thing after the other until it is stopped, and then
// tells how often it was answered.
func (c *client) goodClient() (answered <-chan int, stop func()) {
	done, count := make(chan bool), make(chan int, 1)
	p := c.h2Dial()
	go func() {
		n := 0
		for id := uint32(1); ; id += 2 {
			select {
			case <-done:
				count <- n
				p.conn.Close()
				return
			default:
			}
			p.ask(id, fmt.Sprintf("GET /?%d", id))
			p.want(id, "200", "hello")
			n++
			<-time.After(time.Millisecond)
		}
	}()
	return count, sync.OnceFunc(func() { close(done) })
}
