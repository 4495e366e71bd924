package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// An attack is what a client of HTTP/2 does again and again until it is cut off.
type attack struct {
	name, about string
	settings    []http2.Setting
	begin       func(*attacker)
	round       func(a *attacker, id uint32) // id is of a stream that is new each time; nil: it waits
	sips        bool                         // it reads a little now and then
	deaf        bool                         // it reads nothing for a long time
	lasts       int                          // windows, as a harm does
}

const (
	// attackEvery is how often an attack begins anew, at most.
	attackEvery = 50 * time.Millisecond
	// attackRounds is how often an attack does the same on a connection, at
	// most. It is more than any limit allows.
	attackRounds = 2000
	// roundsAtOnce is after how many of them the attacker looks whether it has
	// been cut off.
	roundsAtOnce = 20
)

// harm returns the attack as a harm: one connection at a time.
func (a attack) harm() harm {
	return harm{name: a.name, about: a.about, lasts: a.lasts, do: func(f *foe) {
		f.every(attackEvery, func() { a.run(f) })
	}}
}

// An attacker is the client on one connection.
type attacker struct {
	frames  *http2.Framer
	out     *bufio.Writer
	encoder *hpack.Encoder
	block   bytes.Buffer
}

// run attacks once, and takes note of how that ended.
func (a attack) run(f *foe) {
	c, err := f.dial()
	if err != nil {
		f.note(reasonOf(err))
		return
	}
	defer c.Close()
	defer context.AfterFunc(f.ctx, func() { c.Close() })()
	ended := make(chan string, 1)
	go func() { ended <- a.listen(c) }()
	p := &attacker{out: bufio.NewWriterSize(c, 16<<10)}
	p.frames = http2.NewFramer(p.out, nil)
	p.frames.AllowIllegalWrites = true
	p.encoder = hpack.NewEncoder(&p.block)
	outcome, over := p.attack(a, ended)
	if !over {
		select {
		case outcome = <-ended:
		case <-f.ctx.Done():
		case <-time.After(a.stays()):
			outcome = "not cut off"
		}
	}
	if f.ctx.Err() != nil {
		outcome = "still going on at the end"
	}
	f.note(outcome)
}

// stays returns how long the attacker stays connected when it has done all that
// it does: with nothing to do again and again, it is here to wait.
func (a attack) stays() time.Duration {
	if a.round == nil {
		return 6 * harmedTimeout
	}
	return harmedTimeout / 2
}

// attack goes on until the server has had enough, or the attacker has.
func (p *attacker) attack(a attack, ended <-chan string) (outcome string, over bool) {
	p.out.WriteString(http2.ClientPreface)
	p.frames.WriteSettings(a.settings...)
	if a.begin != nil {
		a.begin(p)
	}
	for n := 0; a.round != nil && n < attackRounds; n++ {
		a.round(p, uint32(2*n+1))
		if n%roundsAtOnce != 0 {
			continue
		}
		if p.out.Flush() != nil {
			break // what there is to be read says why
		}
		select {
		case outcome = <-ended:
			return outcome, true
		default:
		}
	}
	p.out.Flush()
	return "", false
}

// listen reads until the connection ends, and says how that was.
func (a attack) listen(c net.Conn) string {
	var in io.Reader = c
	if a.deaf {
		time.Sleep(4 * harmedTimeout)
	}
	if a.sips {
		in = sips{c}
	}
	frames := http2.NewFramer(nil, bufio.NewReader(in))
	last := ""
	for {
		frame, err := frames.ReadFrame()
		if err != nil {
			if last != "" {
				return last
			}
			return endOf(err)
		}
		switch frame := frame.(type) {
		case *http2.GoAwayFrame:
			last = "GOAWAY " + frame.ErrCode.String()
		case *http2.RSTStreamFrame:
			if a.round == nil { // it has nothing else
				return "RST_STREAM " + frame.ErrCode.String()
			}
		}
	}
}

// A sips reads slowly.
type sips struct{ net.Conn }

func (s sips) Read(p []byte) (int, error) {
	time.Sleep(20 * time.Millisecond)
	return s.Conn.Read(p[:min(len(p), 1024)])
}

// ask sends the head of a request, which is whole if the method is GET.
func (p *attacker) ask(id uint32, method, path string, fields ...hpack.HeaderField) {
	p.frames.WriteHeaders(http2.HeadersFrameParam{
		StreamID: id, EndHeaders: true, EndStream: method == "GET", BlockFragment: p.head(method, path, fields...),
	})
}

// head returns the head of a request, encoded.
func (p *attacker) head(method, path string, fields ...hpack.HeaderField) []byte {
	p.block.Reset()
	for _, f := range append([]hpack.HeaderField{
		{Name: ":method", Value: method}, {Name: ":scheme", Value: "http"}, {Name: ":authority", Value: "localhost"}, {Name: ":path", Value: path},
	}, fields...) {
		p.encoder.WriteField(f)
	}
	return p.block.Bytes()
}
