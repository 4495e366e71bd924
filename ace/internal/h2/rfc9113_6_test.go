package h2

import (
	"fmt"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/raxx"
	"golang.org/x/net/http2"
)

// A frameTest has a peer do something on a connection on which stream 1 is open.
type frameTest struct {
	name    string
	do      func(p *peer)
	code    Code   // NoError: nothing is wrong
	section string // of the connection's error; empty for one of stream 1
}

// served1 has stream 1 served to its end.
func (p *peer) served1() {
	p.data(1, true, "")
	p.reads()
	p.reply(p.stream(1), "ok")
	p.frameList()
}

func runFrameTests(t *testing.T, tests []frameTest) {
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newPeer(t, nil)
			p.post(1)
			p.reads()
			test.do(p)
			switch {
			case test.code == NoError:
				p.reads()
				p.frameList()
				p.wantAlive()
			case test.section == "":
				p.wantStreamError(1, test.code)
			default:
				p.wantConnError(test.code, test.section)
			}
		})
	}
}

// RFC 9113, Section 6.1 to 6.4: DATA, HEADERS, PRIORITY, RST_STREAM.
func TestStreamFrames(t *testing.T) {
	runFrameTests(t, []frameTest{
		{"6.1 DATA on stream 0", func(p *peer) { p.data(0, true, "x") }, ProtocolError, "6.1"},
		{"6.1 padding of all the frame", func(p *peer) { p.raw(frameData, flagPadded, 1, "\x03abc") }, NoError, ""},
		{"6.1 padding of more than the frame", func(p *peer) { p.raw(frameData, flagPadded, 1, "\x04abc") }, ProtocolError, "6.1"},
		{"6.1 padding without its length", func(p *peer) { p.raw(frameData, flagPadded, 1, "") }, FrameSizeError, "4.2"},
		{"6.2 HEADERS on stream 0", func(p *peer) { p.headers(0, true, "a: b") }, ProtocolError, "5.1.1"},
		{"6.2 padding of more than the frame", func(p *peer) { p.raw(frameHeaders, flagPadded|flagEndHeaders, 3, "\x04abc") }, ProtocolError, "6.1"},
		{"6.2 padding that reaches into the priority", func(p *peer) {
			p.raw(frameHeaders, flagPadded|flagPriority|flagEndHeaders, 3, "\x03\x00\x00\x00\x00\x10ab")
		}, ProtocolError, "6.2"},
		{"6.2 padding of nothing, and half a priority", func(p *peer) {
			p.raw(frameHeaders, flagPadded|flagPriority|flagEndHeaders, 3, "\x00\x00\x00\x00\x00")
		}, FrameSizeError, "6.2"},
		{"6.2 half a priority", func(p *peer) { p.raw(frameHeaders, flagPriority|flagEndHeaders, 3, "\x00\x00\x00\x00") }, FrameSizeError, "6.2"},
		{"6.2 padding and priority", func(p *peer) {
			p.raw(frameHeaders, flagPadded|flagPriority|flagEndHeaders|flagEndStream, 3,
				"\x02\x00\x00\x00\x00\x10"+string(p.encode(p.request()...))+"\x00\x00")
		}, NoError, ""},
		{"6.3 PRIORITY on stream 0", func(p *peer) { p.raw(framePriority, 0, 0, "\x00\x00\x00\x00\x10") }, ProtocolError, "6.3"},
		{"6.3 PRIORITY of 4 octets", func(p *peer) { p.raw(framePriority, 0, 1, "\x00\x00\x00\x00") }, FrameSizeError, ""},
		{"6.3 PRIORITY of 4 octets on a closed stream", func(p *peer) { p.served1(); p.raw(framePriority, 0, 1, "\x00\x00\x00\x00") }, FrameSizeError, ""},
		{"6.3 PRIORITY of a closed stream that depends on itself", func(p *peer) { p.served1(); p.raw(framePriority, 0, 1, "\x00\x00\x00\x01\x10") }, ProtocolError, ""},
		{"6.9 an increment of 0 on a closed stream", func(p *peer) { p.served1(); p.raw(frameWindowUpdate, 0, 1, "\x00\x00\x00\x00") }, ProtocolError, ""},
		{"6.3 PRIORITY of 4 octets on an idle stream", func(p *peer) { p.raw(framePriority, 0, 3, "\x00\x00\x00\x00") }, FrameSizeError, "6.3"},
		{"6.3 PRIORITY of a stream that depends on itself", func(p *peer) { p.raw(framePriority, 0, 1, "\x00\x00\x00\x01\x10") }, ProtocolError, ""},
		{"6.3 PRIORITY of an idle stream that depends on itself", func(p *peer) { p.raw(framePriority, 0, 3, "\x00\x00\x00\x03\x10") }, ProtocolError, "6.3"},
		{"6.3 PRIORITY is ignored", func(p *peer) { p.raw(framePriority, 0, 1, "\x80\x00\x00\x05\xff") }, NoError, ""},
		{"6.4 RST_STREAM on stream 0", func(p *peer) { p.cancel(0) }, ProtocolError, "6.4"},
		{"6.4 RST_STREAM of 3 octets", func(p *peer) { p.raw(frameRSTStream, 0, 1, "\x00\x00\x00") }, FrameSizeError, "6.4"},
		{"6.4 RST_STREAM with an unknown code", func(p *peer) { p.raw(frameRSTStream, 0, 1, "\x00\x00\x00\xff") }, NoError, ""},
		{"6.6 PUSH_PROMISE", func(p *peer) {
			p.frames.WritePushPromise(http2.PushPromiseParam{StreamID: 1, PromiseID: 2, EndHeaders: true})
		}, ProtocolError, "8.4"},
	})
	t.Run("6.2 HEADERS with nothing but a priority", func(t *testing.T) {
		p := newPeer(t, nil)
		p.raw(frameHeaders, flagPriority|flagEndStream, 1, "\x00\x00\x00\x00\x10")
		p.raw(frameContinuation, flagEndHeaders, 1, string(p.encode(p.request()...)))
		p.wantEvents("request 1 GET / end")
	})
	t.Run("6.2 HEADERS of a stream that depends on itself", func(t *testing.T) {
		for _, dependency := range []string{"\x00\x01\x01\x01", "\x80\x01\x01\x01"} { // with and without the flag of RFC 7540
			p := newPeer(t, nil)
			p.raw(frameHeaders, flagPriority|flagEndHeaders|flagEndStream, 0x10101, dependency+"\x10"+string(p.encode(p.request()...)))
			p.wantStreamError(0x10101, ProtocolError)
		}
		for _, dependency := range []string{"\x00\x01\x01\x03", "\x00\x01\x02\x01", "\x00\x02\x01\x01", "\x01\x01\x01\x01"} {
			p := newPeer(t, nil)
			p.raw(frameHeaders, flagPriority|flagEndHeaders|flagEndStream, 0x10101, dependency+"\x10"+string(p.encode(p.request()...)))
			p.wantEvents("request 65793 GET / end")
		}
	})
	t.Run("6.4 RST_STREAM reaches the driver with its code", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1)
		p.cancel(1)
		p.wantEvents("request 1 GET /", "reset 1 CANCEL")
		p.want()
	})
}

// RFC 9113, Section 6.5: SETTINGS.
func TestSettings(t *testing.T) {
	runFrameTests(t, []frameTest{
		{"6.5 an acknowledgement with a payload", func(p *peer) { p.raw(frameSettings, flagAck, 0, "\x00\x00\x00\x00\x00\x00") }, FrameSizeError, "6.5"},
		{"6.5 SETTINGS on a stream", func(p *peer) { p.raw(frameSettings, 0, 1, "") }, ProtocolError, "6.5"},
		{"6.5 a length that is no multiple of 6", func(p *peer) { p.raw(frameSettings, 0, 0, "\x00\x00\x00") }, FrameSizeError, "6.5"},
		{"6.5.2 ENABLE_PUSH of 2", func(p *peer) { p.settings(2, 2) }, ProtocolError, "6.5.2"},
		{"6.5.2 ENABLE_PUSH of 1", func(p *peer) { p.settings(2, 1) }, NoError, ""},
		{"6.5.2 INITIAL_WINDOW_SIZE over 2^31-1", func(p *peer) { p.settings(4, 1<<31) }, FlowControlError, "6.5.2"},
		{"6.5.2 INITIAL_WINDOW_SIZE over 2^31-1 behind a good one", func(p *peer) { p.settings(4, 1, 4, 1<<31) }, FlowControlError, "6.5.2"},
		{"6.5.2 INITIAL_WINDOW_SIZE of 2^31-1", func(p *peer) { p.settings(4, 1<<31-1) }, NoError, ""},
		{"6.5.2 MAX_FRAME_SIZE below 16,384", func(p *peer) { p.settings(5, 16383) }, ProtocolError, "6.5.2"},
		{"6.5.2 MAX_FRAME_SIZE over 2^24-1", func(p *peer) { p.settings(5, 1<<24) }, ProtocolError, "6.5.2"},
		{"6.5.2 MAX_FRAME_SIZE of 2^24-1", func(p *peer) { p.settings(5, 1<<24-1) }, NoError, ""},
		{"6.5.2 ENABLE_CONNECT_PROTOCOL of 1", func(p *peer) { p.settings(8, 1) }, NoError, ""},
		{"6.5.2 ENABLE_CONNECT_PROTOCOL of 2", func(p *peer) { p.settings(8, 2) }, ProtocolError, "6.5.2"},
		{"6.5.2 unknown settings are ignored", func(p *peer) { p.settings(0xff, 1, 0, 7) }, NoError, ""},
		{"6.5.2 NO_RFC7540_PRIORITIES that changes", func(p *peer) { p.settings(9, 1) }, ProtocolError, "6.5.2"},
		{"6.5.2 NO_RFC7540_PRIORITIES of 2", func(p *peer) { p.settings(9, 2) }, ProtocolError, "6.5.2"},
	})
	t.Run("6.5.2 NO_RFC7540_PRIORITIES of 1 that stays so", func(t *testing.T) {
		p := rawPeer(t, nil)
		p.write([]byte(Preface))
		p.settings(9, 1)
		p.reads()
		p.frameList()
		p.settings(9, 1)
		p.want("SETTINGS ACK")
		p.settings(9, 0)
		p.wantConnError(ProtocolError, "6.5.2")
	})
	t.Run("6.5.3 an acknowledgement is not acknowledged", func(t *testing.T) {
		p := newPeer(t, nil)
		p.frames.WriteSettingsAck()
		p.want()
	})
	t.Run("6.5.3 values are applied in order, then acknowledged", func(t *testing.T) {
		p := newPeer(t, nil)
		p.settings(4, 100, 4, 3)
		p.get(1)
		p.want("SETTINGS ACK")
		p.reply(p.stream(1), "four")
		p.want("HEADERS 1 :status=200 content-length=4", `DATA 1 "fou"`)
	})
	t.Run("6.5.3 the acknowledgement comes before what makes use of the settings", func(t *testing.T) {
		p := newPeer(t, nil)
		p.serve = true
		p.get(1)
		p.settings(1, 0)
		p.decoder.SetAllowedMaxDynamicTableSize(0)
		p.get(3)
		p.want("HEADERS 1 :status=200 content-length=2", `DATA 1 "ok" end`, "SETTINGS ACK",
			"HEADERS 3 :status=200 content-length=2", `DATA 3 "ok" end`)
	})
}

// A client may rely on its settings from their acknowledgement on (RFC 9113, Section
// 6.5.3): neither content nor an end overtakes that.
func TestNothingOvertakesAcknowledgements(t *testing.T) {
	trailer := raxx.Header{{Name: "a", Value: "b"}}
	for _, test := range []struct {
		name string
		do   func(p *peer, s *Stream)
		want string
	}{
		{"content", func(p *peer, s *Stream) { p.send(s, "content", false) }, `DATA 1 "content"`},
		{"a trailer", func(p *peer, s *Stream) { p.answers.Write(p.conn.SendTrailer(nil, s, trailer)) }, "HEADERS 1 a=b end"},
		{"an end", func(p *peer, s *Stream) { p.answers.Write(p.conn.SendTrailer(nil, s, nil)) }, `DATA 1 "" end`},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, s := open(t)
			p.head(s, Head{Status: 200, Length: -1})
			p.want("HEADERS 1 :status=200")
			p.settings(4, 1<<20, 1, 0)
			var ev Event
			if _, err := p.conn.Next(p.wire.Bytes(), p.now, &ev); err != nil {
				t.Fatal(err)
			}
			p.wire.Reset()
			test.do(p, s)
			p.want("SETTINGS ACK", test.want)
		})
	}
}

// RFC 9113, Section 6.7 and 6.8: PING, GOAWAY.
func TestPingAndGoAway(t *testing.T) {
	runFrameTests(t, []frameTest{
		{"6.7 PING on a stream", func(p *peer) { p.raw(framePing, 0, 1, "12345678") }, ProtocolError, "6.7"},
		{"6.7 PING of 7 octets", func(p *peer) { p.raw(framePing, 0, 0, "1234567") }, FrameSizeError, "6.7"},
		{"6.7 an acknowledgement nobody asked for", func(p *peer) { p.raw(framePing, flagAck, 0, "12345678") }, NoError, ""},
		{"6.8 GOAWAY on a stream", func(p *peer) { p.raw(frameGoAway, 0, 1, "12345678") }, ProtocolError, "6.8"},
		{"6.8 GOAWAY of 7 octets", func(p *peer) { p.raw(frameGoAway, 0, 0, "1234567") }, FrameSizeError, "6.8"},
	})
	t.Run("6.7 an acknowledgement is not answered", func(t *testing.T) {
		p := newPeer(t, nil)
		p.raw(framePing, flagAck, 0, "12345678")
		p.raw(framePing, 0, 0, "abcdefgh")
		p.want("PING ACK 6162636465666768")
	})
	t.Run("6.8 what is open is served after the peer's GOAWAY", func(t *testing.T) {
		p := newPeer(t, nil)
		p.get(1)
		p.frames.WriteGoAway(0, http2.ErrCode(0xff), []byte("bye"))
		p.wantEvents("request 1 GET / end", "goaway code 0xff")
		if p.conn.Finished() {
			t.Error("the connection is finished")
		}
		p.reply(p.stream(1), "ok")
		p.want("HEADERS 1 :status=200 content-length=2", `DATA 1 "ok" end`)
	})
	t.Run("6.8 so is what the peer opens behind it", func(t *testing.T) {
		p := newPeer(t, nil)
		p.frames.WriteGoAway(0, http2.ErrCodeNo, nil)
		p.served(1)
		if p.conn.Finished() {
			t.Error("the connection is finished")
		}
		p.conn.FinishDrain()
		if p.conn.Finished() {
			t.Error("the connection is finished before it has said so")
		}
		p.want("GOAWAY 1 NO_ERROR")
		if !p.conn.Finished() {
			t.Error("the connection is not finished")
		}
	})
	t.Run("6.8 two phases: what the peer sends before it has heard is served", func(t *testing.T) {
		p := newPeer(t, nil)
		p.get(1)
		p.reads()
		p.raw(framePing, flagAck, 0, string(drainPing[:])) // of no PING of ours
		p.reads()
		p.conn.Drain()
		p.conn.Drain()
		p.want("GOAWAY 2147483647 NO_ERROR", "PING 647261696e696e67")
		p.raw(framePing, flagAck, 0, "12345678")
		p.get(3)
		p.wantEvents("request 1 GET / end", "request 3 GET / end")
		if p.conn.DrainHeard() {
			t.Error("the peer has heard before it says so")
		}
		p.raw(framePing, flagAck, 0, string(drainPing[:]))
		p.raw(framePing, flagAck, 0, string(drainPing[:]))
		p.get(5) // begun before it heard
		p.wantEvents("request 5 GET / end")
		if !p.conn.DrainHeard() {
			t.Error("it is not known that the peer has heard")
		}
		p.conn.FinishDrain()
		p.want("GOAWAY 5 NO_ERROR")
		p.get(7, "x-new: in the table")
		p.data(7, true, "ignored, too")
		p.wantEvents()
		p.want()
		if p.conn.Finished() {
			t.Error("the connection is finished before its streams")
		}
		p.reply(p.stream(1), "ok")
		p.reply(p.stream(3), "ok")
		p.reply(p.stream(5), "ok")
		p.reads()
		if !p.conn.Finished() {
			t.Error("the connection is not finished")
		}
		p.frameList()
		p.raw(framePing, 0, 0, "short")
		p.want("GOAWAY 5 FRAME_SIZE_ERROR") // and no more than was promised
	})
	t.Run("6.8 the second phase can be forced", func(t *testing.T) {
		p := newPeer(t, nil)
		p.conn.Drain()
		p.conn.FinishDrain()
		p.conn.FinishDrain()
		p.want("GOAWAY 2147483647 NO_ERROR", "PING 647261696e696e67", "GOAWAY 0 NO_ERROR")
	})
	t.Run("6.8 the driver may end the connection", func(t *testing.T) {
		p := newPeer(t, nil)
		p.get(1)
		p.reads()
		p.conn.Close(InternalError, "5.4.1", "a fault of the server")
		p.want("GOAWAY 1 INTERNAL_ERROR")
		if !p.conn.err.is(InternalError) || !p.stream(1).Closed() {
			t.Error("it is not over")
		}
	})
}

func (e *ConnError) is(code Code) bool { return e.Code == code }

// A request whose header is on its way counts among those that the last GOAWAY
// promises to serve.
func TestDrainAmidAHeader(t *testing.T) {
	p := newPeer(t, nil)
	block := string(p.encode(p.request()...))
	p.raw(frameHeaders, flagEndStream, 1, block[:5])
	p.reads()
	p.conn.Drain()
	p.conn.FinishDrain()
	p.flush()
	if frames := p.frameList(); frames[len(frames)-1] != "GOAWAY 1 NO_ERROR" || p.conn.Finished() {
		t.Errorf("got frames %q, finished: %v", frames, p.conn.Finished())
	}
	p.raw(frameContinuation, flagEndHeaders, 1, block[5:])
	p.wantEvents("request 1 GET / end")
}

// Answers to what one read has brought come all, in the order of the frames.
func TestAnswersKeepTheirOrder(t *testing.T) {
	p := newPeer(t, nil)
	p.post(1)
	p.raw(framePing, 0, 0, "12345678")
	p.settings()
	p.get(3, "connection: close")
	p.raw(framePing, 0, 0, "abcdefgh")
	p.data(1, false, strings.Repeat("x", 16384))
	p.data(1, false, strings.Repeat("x", 16384))
	p.takes = true
	p.settings()
	p.raw(framePing, 0, 0, "short")
	p.want("PING ACK 3132333435363738", "SETTINGS ACK", "RST_STREAM 3 PROTOCOL_ERROR", "PING ACK 6162636465666768",
		"WINDOW_UPDATE 1 98303", "SETTINGS ACK", "GOAWAY 3 FRAME_SIZE_ERROR")
}

// RFC 9113, Section 6.9: WINDOW_UPDATE.
func TestWindowUpdate(t *testing.T) {
	runFrameTests(t, []frameTest{
		{"6.9 an increment of 0 on a stream", func(p *peer) { p.raw(frameWindowUpdate, 0, 1, "\x00\x00\x00\x00") }, ProtocolError, ""},
		{"6.9 an increment of 0 on the connection", func(p *peer) { p.raw(frameWindowUpdate, 0, 0, "\x00\x00\x00\x00") }, ProtocolError, "6.9"},
		{"6.9 an increment of 0 but for the reserved bit", func(p *peer) { p.raw(frameWindowUpdate, 0, 0, "\x80\x00\x00\x00") }, ProtocolError, "6.9"},
		{"6.9 an increment of 0 on an idle stream", func(p *peer) { p.raw(frameWindowUpdate, 0, 3, "\x00\x00\x00\x00") }, ProtocolError, "6.9"},
		{"6.9 a frame of 3 octets", func(p *peer) { p.raw(frameWindowUpdate, 0, 1, "\x00\x00\x01") }, FrameSizeError, "6.9"},
		{"6.9.1 a stream's window over 2^31-1", func(p *peer) {
			p.frames.WriteWindowUpdate(1, 1<<31-1)
		}, FlowControlError, ""},
		{"6.9.1 the connection's window over 2^31-1", func(p *peer) { p.frames.WriteWindowUpdate(0, 1<<31-1) }, FlowControlError, "6.9.1"},
		{"6.9.1 the connection's window of 2^31-1", func(p *peer) { p.frames.WriteWindowUpdate(0, 1<<31-1-65535) }, NoError, ""},
		{"6.9.1 a stream's window of 2^31-1", func(p *peer) { p.frames.WriteWindowUpdate(1, 1<<31-1-65535) }, NoError, ""},
		{"6.9.2 INITIAL_WINDOW_SIZE that takes a stream's window over 2^31-1", func(p *peer) {
			p.frames.WriteWindowUpdate(1, 1<<31-1-65535)
			p.settings(4, 65536)
		}, FlowControlError, "6.9.2"},
	})
	t.Run("6.9.1 more content than the stream's window", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1)
		for range 4 {
			p.data(1, false, strings.Repeat("x", 16384))
		}
		p.reads()
		p.want("RST_STREAM 1 FLOW_CONTROL_ERROR", "WINDOW_UPDATE 0 327680") // all of it is given back
		p.wantAlive()
	})
	t.Run("6.9.2 values in between count, too", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1)
		p.frames.WriteWindowUpdate(1, 100)
		p.settings(4, 1<<31-1, 4, 1)
		p.wantConnError(FlowControlError, "6.9.2")
	})
	t.Run("6.9.1 a stream whose window is used up has no output", func(t *testing.T) {
		p := newPeer(t, nil)
		p.settings(4, 300)
		p.get(1)
		p.reads()
		p.sendRoom = headSize + 300
		p.conn.Send(nil, p.stream(1), make([]byte, 304), true)
		p.reads()
		if p.conn.HasOutput() || p.stream(1).Pending() != 4 {
			t.Error("it has output")
		}
	})
	t.Run("6.9 what has been taken is given back, on the connection, too", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1)
		windows := map[uint32]int{0: 65535 + 196609, 1: 65535} // as the first frames have said
		for sent := 0; sent < 1<<20; sent += 16384 {
			p.reads()
			for _, f := range p.frameList() {
				var id uint32
				var increment int
				if n, _ := fmt.Sscanf(f, "WINDOW_UPDATE %d %d", &id, &increment); n == 2 {
					windows[id] += increment
				}
			}
			for id := range windows {
				if windows[id] -= 16384; windows[id] < 0 {
					t.Fatalf("behind %d octets that were taken the window of %d is used up", sent, id)
				}
			}
			p.data(1, false, strings.Repeat("x", 16384))
			p.reads()
			s := p.stream(1)
			p.conn.Take(s, len(s.Unread()))
		}
	})
	t.Run("6.9.1 more content than the connection's window", func(t *testing.T) {
		p := newPeer(t, nil)
		for id := range uint32(5) {
			p.post(2*id + 1)
			for range 3 {
				p.data(2*id+1, false, strings.Repeat("x", 16384))
			}
		}
		p.reads()
		if p.err != nil {
			t.Fatal(p.err)
		}
		p.data(1, false, strings.Repeat("x", 16383))
		p.post(11)
		p.data(11, false, "xx")
		p.wantConnError(FlowControlError, "6.9.1")
	})
	t.Run("6.9.1 no more is sent than the windows allow", func(t *testing.T) {
		p := newPeer(t, nil)
		p.settings(4, 1)
		p.get(1)
		p.reads()
		p.frameList()
		p.reply(p.stream(1), "four")
		p.want("HEADERS 1 :status=200 content-length=4", `DATA 1 "f"`)
		p.frames.WriteWindowUpdate(1, 2)
		p.want(`DATA 1 "ou"`)
		p.frames.WriteWindowUpdate(1, 100)
		p.want(`DATA 1 "r" end`)
	})
	t.Run("6.9.1 no more is sent than the connection's window allows", func(t *testing.T) {
		p := newPeer(t, nil)
		p.settings(4, 1<<20)
		p.get(1)
		p.reads()
		p.frameList()
		p.reply(p.stream(1), strings.Repeat("x", 65536))
		p.want("HEADERS 1 :status=200 content-length=65536", "DATA 1 16384", "DATA 1 16384", "DATA 1 16384", "DATA 1 16383")
		if p.conn.HasOutput() || p.stream(1).Pending() == 0 {
			t.Error("it has output, or nothing is pending")
		}
		p.frames.WriteWindowUpdate(0, 1)
		p.want(`DATA 1 "x" end`)
	})
	t.Run("6.9.2 a greater initial window lets what waits go on", func(t *testing.T) {
		p := newPeer(t, nil)
		p.settings(4, 0)
		p.get(1)
		p.reads()
		p.reply(p.stream(1), "ok")
		p.reads()
		p.frameList()
		p.settings(4, 1)
		p.want("SETTINGS ACK", `DATA 1 "o"`)
	})
	t.Run("6.9.2 a window may become negative", func(t *testing.T) {
		p := newPeer(t, nil)
		p.settings(4, 3)
		p.get(1)
		p.reads()
		p.reply(p.stream(1), "12345")
		p.frameList()
		p.settings(4, 2)
		p.want("SETTINGS ACK")
		p.frames.WriteWindowUpdate(1, 1)
		p.want()
		p.frames.WriteWindowUpdate(1, 1)
		p.want(`DATA 1 "4"`)
	})
	t.Run("6.9.2 a window is taken away from a stream that is ready", func(t *testing.T) {
		p := newPeer(t, nil)
		p.sendRoom = 2000
		p.get(1)
		p.reads()
		p.conn.Send(nil, p.stream(1), make([]byte, 4000), true)
		p.settings(4, 0)
		p.want("SETTINGS ACK")
		if p.conn.HasOutput() {
			t.Error("it has output")
		}
		p.frames.WriteWindowUpdate(1, 100)
		p.want("DATA 1 100")
	})
}

// RFC 9113, Section 6.10: CONTINUATION.
func TestContinuation(t *testing.T) {
	runFrameTests(t, []frameTest{
		{"6.10 CONTINUATION on stream 0", func(p *peer) {
			p.raw(frameHeaders, flagEndStream, 3, "\x82")
			p.raw(frameContinuation, flagEndHeaders, 0, "\x87")
		}, ProtocolError, "6.2"},
		{"6.10 CONTINUATION of another stream", func(p *peer) {
			p.raw(frameHeaders, flagEndStream, 3, "\x82")
			p.raw(frameContinuation, flagEndHeaders, 5, "\x87")
		}, ProtocolError, "6.2"},
		{"6.10 CONTINUATION behind the end of a block", func(p *peer) {
			p.get(3)
			p.raw(frameContinuation, flagEndHeaders, 3, "\x87")
		}, ProtocolError, "6.10"},
		{"6.10 CONTINUATION behind CONTINUATION that ends the block", func(p *peer) {
			p.raw(frameHeaders, flagEndStream, 3, "")
			p.raw(frameContinuation, flagEndHeaders, 3, string(p.encode(p.request()...)))
			p.raw(frameContinuation, flagEndHeaders, 3, "")
		}, ProtocolError, "6.10"},
		{"6.10 CONTINUATION behind DATA", func(p *peer) {
			p.data(1, true, "x")
			p.raw(frameContinuation, flagEndHeaders, 1, "\x87")
		}, ProtocolError, "6.10"},
	})
	t.Run("6.10 a block in pieces of an octet", func(t *testing.T) {
		p := newPeer(t, nil)
		block := p.encode(p.request(":path: /in/pieces", "x: y")...)
		p.raw(frameHeaders, flagEndStream, 1, "")
		for i, octet := range block {
			flags := uint8(0)
			if i == len(block)-1 {
				flags = flagEndHeaders
			}
			p.raw(frameContinuation, flags, 1, string([]byte{octet}))
		}
		p.wantEvents("request 1 GET /in/pieces end")
	})
}
