package h2

import (
	"fmt"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// open returns a peer with a request for which a body is on its way.
func open(t *testing.T) (*peer, *Stream) {
	p := newPeer(t, nil)
	p.post(1)
	p.reads()
	return p, p.stream(1)
}

func (p *peer) head(s *Stream, h Head) { p.answers.Write(p.conn.AppendHead(nil, s, &h)) }

func (p *peer) send(s *Stream, content string, end bool) {
	p.answers.Write(p.conn.Send(make([]byte, 0, 64<<10), s, []byte(content), end))
}

// RFC 9113, Section 8.1 and 8.3.2: replies.
func TestReplies(t *testing.T) {
	for _, test := range []struct {
		name string
		head Head
		want string
	}{
		{"8.3.2 a status of the static table", Head{Status: 404, Length: -1}, "HEADERS 1 :status=404"},
		{"8.3.2 another status", Head{Status: 201, Length: -1}, "HEADERS 1 :status=201"},
		{"8.1 a length", Head{Status: 200, Length: 1234567}, "HEADERS 1 :status=200 content-length=1234567"},
		{"8.1 no length with 204 (RFC 9110, 8.6)", Head{Status: 204, Length: 0, End: true}, "HEADERS 1 :status=204 end"},
		{"8.1 the length that 304 and HEAD tell of", Head{Status: 304, Length: 5, End: true}, "HEADERS 1 :status=304 content-length=5 end"},
		{"8.2.2 fields of connections are left out", Head{Status: 200, Length: -1, Header: raxx.Header{{Name: "connection", Value: "close"}, {Name: "keep-alive", Value: "a"},
			{Name: "proxy-connection", Value: "b"}, {Name: "transfer-encoding", Value: "chunked"}, {Name: "upgrade", Value: "c"}, {Name: "x", Value: "y"}}}, "HEADERS 1 :status=200 x=y"},
		{"8.1 content-length is written once", Head{Status: 200, Length: 3, Header: raxx.Header{{Name: "content-length", Value: "3"}}}, "HEADERS 1 :status=200 content-length=3"},
		{"8.1 a date", Head{Status: 200, Length: -1, Date: "now"}, "HEADERS 1 :status=200 date=now"},
		{"8.1 a date of its own", Head{Status: 200, Length: -1, Date: "now", Header: raxx.Header{{Name: "date", Value: "then"}}}, "HEADERS 1 :status=200 date=then"},
		{"8.2 fields keep their order", Head{Status: 200, Length: -1, Header: raxx.Header{{Name: "set-cookie", Value: "a"}, {Name: "b", Value: ""}, {Name: "set-cookie", Value: "c"}}}, "HEADERS 1 :status=200 set-cookie=a b= set-cookie=c"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, s := open(t)
			p.head(s, test.head)
			p.want(test.want)
		})
	}
	t.Run("8.3.2 a status of the static table takes an octet", func(t *testing.T) {
		for _, status := range []int{200, 204, 206, 304, 400, 404, 500} {
			p, s := open(t)
			frame := p.conn.AppendHead(nil, s, &Head{Status: status, Length: -1})
			if p.answers.Write(frame); len(frame) != headSize+1 {
				t.Errorf("%d takes %d octets", status, len(frame)-headSize)
			}
			p.want(fmt.Sprint("HEADERS 1 :status=", status))
		}
	})
	t.Run("4.3 a head that comes again and again takes an octet a field", func(t *testing.T) {
		p := newPeer(t, nil)
		head := Head{Status: 200, Length: -1, Date: "now"}
		want := " :status=200"
		for i := range 12 {
			f := raxx.Field{Name: fmt.Sprint("x-", i), Value: strings.Repeat("<", 8*i)}
			head.Header = append(head.Header, f)
			want += " " + f.Name + "=" + f.Value
		}
		want += " date=now"
		last := 0
		for id := uint32(1); id < 7; id += 2 {
			p.get(id)
			p.reads()
			frame := p.conn.AppendHead(nil, p.stream(id), &head)
			last = len(frame)
			p.answers.Write(frame)
		}
		if last != headSize+14 {
			t.Errorf("the third head takes %d octets", last)
		}
		p.want("HEADERS 1"+want, "HEADERS 3"+want, "HEADERS 5"+want)
	})
	t.Run("8.1 interim replies come before the final one", func(t *testing.T) {
		p, s := open(t)
		p.answers.Write(p.conn.AppendInform(nil, s, 103, raxx.Header{{Name: "link", Value: "</a.css>"}}))
		p.answers.Write(p.conn.AppendInform(nil, s, 100, nil))
		p.head(s, Head{Status: 200, Length: -1})
		p.answers.Write(p.conn.AppendInform(nil, s, 103, nil)) // too late
		p.want("HEADERS 1 :status=103 link=</a.css>", "HEADERS 1 :status=100", "HEADERS 1 :status=200")
	})
	t.Run("8.1 a trailer", func(t *testing.T) {
		p, s := open(t)
		p.head(s, Head{Status: 200, Length: -1})
		p.send(s, "content", false)
		p.answers.Write(p.conn.SendTrailer(nil, s, raxx.Header{{Name: "a", Value: "b"}}))
		p.want("HEADERS 1 :status=200", `DATA 1 "content"`, "HEADERS 1 a=b end")
		p.data(1, true, "")
		p.reads()
		if len(p.conn.open) > 0 {
			t.Error("the stream is still open")
		}
	})
	t.Run("8.1 a trailer behind content that waits", func(t *testing.T) {
		p, s := open(t)
		p.settings(4, 3)
		p.want("SETTINGS ACK")
		p.head(s, Head{Status: 200, Length: -1})
		p.send(s, "content", false)
		p.answers.Write(p.conn.SendTrailer(nil, s, raxx.Header{{Name: "a", Value: "b"}}))
		p.want("HEADERS 1 :status=200", `DATA 1 "con"`)
		p.frames.WriteWindowUpdate(1, 4)
		p.want(`DATA 1 "tent"`, "HEADERS 1 a=b end")
	})
	t.Run("8.1 a trailer without fields is just an end", func(t *testing.T) {
		p, s := open(t)
		p.head(s, Head{Status: 200, Length: -1})
		p.answers.Write(p.conn.SendTrailer(nil, s, nil))
		p.want("HEADERS 1 :status=200", `DATA 1 "" end`)
		p.data(1, true, "")
		p.reads()
		if !s.Closed() || len(p.conn.open) > 0 {
			t.Error("the stream is still open")
		}
	})
	t.Run("4.3 a head that is too long for a frame goes on in others", func(t *testing.T) {
		p, s := open(t)
		value := strings.Repeat("v", 40000)
		p.head(s, Head{Status: 200, Length: -1, Header: raxx.Header{{Name: "x", Value: value}}, End: true})
		p.want("HEADERS 1 :status=200 x=" + value + " end")
	})
	t.Run("4.2 frames are as long as the peer wishes where one is alone", func(t *testing.T) {
		p, s := open(t)
		p.replies.SetMaxReadFrameSize(1 << 20)
		p.settings(4, 1<<20, 5, 1<<20)
		p.frames.WriteWindowUpdate(0, 1<<20)
		p.want("SETTINGS ACK")
		p.head(s, Head{Status: 200, Length: -1})
		p.send(s, strings.Repeat("x", 100<<10), true)
		p.want("HEADERS 1 :status=200", "DATA 1 16384", "DATA 1 65536", "DATA 1 20480 end")
	})
}

// wantNoStreams wants nothing to be left of any stream.
func (p *peer) wantNoStreams() {
	p.Helper()
	if p.conn.held != 0 || len(p.conn.open) != 0 {
		p.Errorf("%d streams are held, %d open", p.conn.held, len(p.conn.open))
	}
}

// Forget and Reset: how exchanges end.
func TestEndOfExchange(t *testing.T) {
	t.Run("8.1 a body that nobody wants is dropped behind the reply", func(t *testing.T) {
		p, s := open(t)
		p.reply(s, "ok")
		p.conn.Forget(s)
		p.want("HEADERS 1 :status=200 content-length=2", `DATA 1 "ok" end`)
		if !s.Unwanted() {
			t.Error("the rest of the body is wanted")
		}
		p.data(1, false, "on its way")
		p.data(1, true, "and its end")
		p.wantAlive()
		p.wantNoStreams()
	})
	t.Run("8.1 since when it is not wanted is known", func(t *testing.T) {
		p, s := open(t)
		s.Owner = p
		p.now = 7
		p.reads()
		p.reply(s, "ok")
		p.now = 9
		p.reads()
		if s.Unwanted() {
			t.Error("it is not wanted before its driver says so")
		}
		p.conn.Forget(s)
		if s.Moved() != 9 || s.Owner != nil || !s.Unwanted() {
			t.Errorf("since %d, the owner is %v", s.Moved(), s.Owner)
		}
		p, s = open(t)
		p.conn.Send(nil, s, []byte("waits"), true)
		if p.conn.Forget(s); s.Unwanted() {
			t.Error("it is not wanted before the reply was sent")
		}
	})
	t.Run("5.4.2 the driver is told of a fault, unless it has forgotten the stream", func(t *testing.T) {
		p := newPeer(t, nil)
		for id := uint32(1); id < 5; id += 2 {
			p.post(id, "content-length: 1")
			p.reads()
			p.reply(p.stream(id), "ok")
		}
		p.conn.Forget(p.stream(3))
		p.data(1, true, "more")
		p.data(3, true, "more")
		p.wantEvents("request 1 GET /", "request 3 GET /", "reset 1 PROTOCOL_ERROR: more content than content-length says", "refused 3 PROTOCOL_ERROR")
	})
	t.Run("8.1 a body that nobody wants is refused if it is long", func(t *testing.T) {
		p, s := open(t)
		p.reply(s, "ok")
		p.conn.Forget(s)
		p.want("HEADERS 1 :status=200 content-length=2", `DATA 1 "ok" end`)
		p.data(1, false, strings.Repeat("x", 16384))
		p.want()
		p.data(1, false, strings.Repeat("x", 16384))
		p.want("RST_STREAM 1 NO_ERROR")
		p.data(1, false, "on its way")
		p.wantAlive()
		p.wantNoStreams()
	})
	t.Run("8.1 even if the reply still waits", func(t *testing.T) {
		p, s := open(t)
		p.settings(4, 0)
		p.want("SETTINGS ACK")
		p.reply(s, "ok")
		p.data(1, false, strings.Repeat("x", 16384))
		p.data(1, false, strings.Repeat("x", 16384))
		p.reads()
		p.conn.Forget(s)
		p.want("HEADERS 1 :status=200 content-length=2")
		p.frames.WriteWindowUpdate(1, 2)
		p.want(`DATA 1 "ok" end`, "RST_STREAM 1 NO_ERROR")
		p.wantNoStreams()
	})
	t.Run("8.1 a body that is refused before its reply is sent takes no window from others", func(t *testing.T) {
		p := newPeer(t, nil)
		p.settings(4, 0)
		p.reads()
		const streams = 100
		for id := uint32(1); id < 2*streams; id += 2 {
			p.post(id)
			p.data(id, false, strings.Repeat("x", 16384))
			p.reads()
			s := p.stream(id)
			p.reply(s, "ok")
			p.conn.RefuseBody(s)
			p.data(id, false, strings.Repeat("x", 16384))
			p.reads()
			if n := len(s.Unread()); n > 0 || s.Unwanted() {
				t.Fatalf("%d octets are kept, and the stream is unwanted: %t", n, s.Unwanted())
			}
		}
		p.answers.Reset()
		for id := uint32(1); id < 2*streams; id += 2 {
			s := p.stream(id)
			p.frames.WriteWindowUpdate(id, 2)
			p.want(fmt.Sprintf(`DATA %d "ok" end`, id))
			p.conn.Forget(s)
			p.want(fmt.Sprintf("RST_STREAM %d NO_ERROR", id))
		}
		p.wantNoStreams()
	})
	t.Run("8.1.1 a body that nobody wants has its length nevertheless", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1, "content-length: 3")
		p.reads()
		s := p.stream(1)
		p.reply(s, "ok")
		p.conn.Forget(s)
		p.want("HEADERS 1 :status=200 content-length=2", `DATA 1 "ok" end`)
		p.data(1, false, "four")
		p.want("RST_STREAM 1 PROTOCOL_ERROR")
		p.wantNoStreams()
	})
	t.Run("8.1 a client may give up what was answered as often as it likes", func(t *testing.T) {
		p := newPeer(t, nil)
		for id := uint32(1); id < 1500; id += 2 {
			p.post(id)
			p.reads()
			s := p.stream(id)
			p.reply(s, "ok")
			p.conn.Forget(s)
			p.cancel(id)
			p.reads()
		}
		p.answers.Reset()
		p.wantAlive()
		p.wantNoStreams()
	})
	t.Run("8.1 a body that has come needs no reset", func(t *testing.T) {
		p, s := open(t)
		p.data(1, true, "body")
		p.reads()
		p.reply(s, "ok")
		p.conn.Forget(s)
		p.want("HEADERS 1 :status=200 content-length=2", `DATA 1 "ok" end`)
	})
	t.Run("8.1 a reply that is not whole is reset", func(t *testing.T) {
		p, s := open(t)
		p.head(s, Head{Status: 200, Length: 10})
		p.send(s, "four", false)
		p.conn.Forget(s)
		p.want("HEADERS 1 :status=200 content-length=10", `DATA 1 "four"`, "RST_STREAM 1 INTERNAL_ERROR")
	})
	t.Run("5.4.2 the driver resets", func(t *testing.T) {
		p, s := open(t)
		p.conn.Reset(s, Cancel)
		p.conn.Reset(s, Cancel)
		p.want("RST_STREAM 1 CANCEL")
		p.conn.Forget(s)
		p.want()
	})
	t.Run("5.4.2 what is sent on a stream that was reset goes nowhere", func(t *testing.T) {
		p, s := open(t)
		p.cancel(1)
		p.reads()
		p.head(s, Head{Status: 200, Length: -1})
		p.answers.Write(p.conn.AppendInform(nil, s, 100, nil))
		p.send(s, "content", true)
		p.answers.Write(p.conn.SendTrailer(nil, s, nil))
		p.want()
		p.conn.Forget(s)
	})
	t.Run("5.4.2 content that waits is dropped with its stream", func(t *testing.T) {
		p, s := open(t)
		p.head(s, Head{Status: 200, Length: -1})
		p.conn.Send(nil, s, []byte("waits"), true)
		p.cancel(1)
		p.want("HEADERS 1 :status=200")
		if s.Pending() != 0 || p.conn.HasOutput() {
			t.Errorf("%d octets wait", s.Pending())
		}
	})
	t.Run("5.4.1 all streams end with the connection", func(t *testing.T) {
		p, s := open(t)
		p.raw(framePing, 0, 0, "short")
		p.wantConnError(FrameSizeError, "6.7")
		n := 0
		for range p.conn.Streams() {
			n++
		}
		if !s.Closed() || n != 1 {
			t.Errorf("closed is %v, %d streams are left", s.Closed(), n)
		}
		p.conn.Forget(s)
		if !p.conn.Finished() {
			t.Error("it is not finished")
		}
	})
	t.Run("a stream that is used again knows nothing of its past", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1, "priority: u=1")
		p.data(1, true, "past")
		p.reads()
		s := p.stream(1)
		s.Owner = "past"
		p.reply(s, "ok")
		p.conn.Forget(s)
		p.get(3)
		p.reads()
		if again := p.stream(3); again != s || again.Owner != nil || len(again.Unread()) != 0 || again.credit != 0 || again.Closed() {
			t.Errorf("got %+v", again)
		}
	})
}

// What AppendOutput does with the buffer that it is given.
func TestOutput(t *testing.T) {
	t.Run("content is never more than the buffer holds", func(t *testing.T) {
		for room := 10; room < 3000; room += 37 {
			p, s := open(t)
			p.settings(4, 1<<20)
			p.reads()
			p.frameList()
			p.head(s, Head{Status: 200, Length: -1})
			p.conn.Send(nil, s, []byte(strings.Repeat("x", 5000)), true)
			for turns := 0; s.Pending() > 0; turns++ {
				out := p.conn.AppendOutput(make([]byte, 0, room), 0)
				if cap(out) != room || len(out) == 0 || turns > 5000 {
					t.Fatalf("a buffer of %d became one of %d with %d octets", room, cap(out), len(out))
				}
				p.answers.Write(out)
			}
			total := 0
			for _, f := range p.frameList()[1:] {
				var n int
				if strings.Contains(f, `"`) {
					total += len(f[strings.Index(f, `"`)+1 : strings.LastIndex(f, `"`)])
					continue
				}
				fmt.Sscanf(f, "DATA 1 %d", &n)
				total += n
			}
			if total != 5000 {
				t.Fatalf("room %d: %d octets came", room, total)
			}
		}
	})
	t.Run("content comes behind what the buffer holds, if that leaves room for a frame that is worth it", func(t *testing.T) {
		for _, row := range []struct{ used, size, content int }{
			{0, 2000, 2000 - headSize}, {1000, 2000, 1000 - headSize}, {2000 - headSize - tinyWindow, 2000, tinyWindow},
			{2001 - headSize - tinyWindow, 2000, 0}, {2000, 2000, 0}, {0, headSize + 1, 1}, {1, headSize + 2, 0}, {0, headSize, 0},
		} {
			p, s := open(t)
			p.conn.Send(nil, s, make([]byte, 4000), false)
			out := p.conn.AppendOutput(make([]byte, row.used, row.size), 0)
			if cap(out) != row.size || s.Pending() != 4000-row.content || !p.conn.HasOutput() {
				t.Errorf("behind %d of %d octets come %d of content, want %d; more: %v",
					row.used, row.size, 4000-s.Pending(), row.content, p.conn.HasOutput())
			}
		}
	})
	t.Run("small content is sent at once, if it just fits", func(t *testing.T) {
		for room, pending := range map[int]int{headSize + 1: 2, headSize + 2: 0} {
			p, s := open(t)
			if out := p.conn.Send(make([]byte, 5, 5+room), s, []byte("ok"), false); s.Pending() != pending || cap(out) != 5+room {
				t.Errorf("where there is room for %d octets, %d are pending", room, s.Pending())
			}
		}
	})
	t.Run("content of nothing is no end", func(t *testing.T) {
		p, s := open(t)
		p.send(s, "", false)
		p.send(s, "ok", true)
		p.want(`DATA 1 "ok" end`)
	})
	t.Run("answers are output", func(t *testing.T) {
		p := newPeer(t, nil)
		p.frames.WritePing(false, [8]byte{})
		var ev Event
		if _, err := p.conn.Next(p.wire.Bytes(), 0, &ev); err != nil || !p.conn.HasOutput() {
			t.Errorf("there is no output, and the error %v", err)
		}
		if p.flush(); p.conn.HasOutput() {
			t.Error("there is still output")
		}
	})
	t.Run("frames are short where several take turns", func(t *testing.T) {
		p := newPeer(t, nil)
		p.settings(5, 1<<20)
		p.get(1)
		p.get(3)
		p.want("SETTINGS ACK")
		for id := uint32(1); id < 5; id += 2 {
			p.conn.Send(nil, p.stream(id), make([]byte, 20000), false)
		}
		p.want("DATA 1 16384", "DATA 3 16384", "DATA 1 3616", "DATA 3 3616")
	})
	t.Run("the driver learns which streams have drained", func(t *testing.T) {
		p := newPeer(t, nil)
		for id := uint32(1); id <= 7; id += 2 {
			p.get(id)
		}
		p.reads()
		for id := uint32(1); id <= 7; id += 2 {
			p.conn.Send(nil, p.stream(id), []byte("content"), id == 3)
		}
		three := p.stream(3)
		p.conn.Forget(p.stream(1)) // is reset: its reply is not whole
		p.flush()
		var got []uint32
		for s := p.conn.Drained(); s != nil; s = p.conn.Drained() {
			got = append(got, s.ID())
		}
		if fmt.Sprint(got) != "[3 5 7]" || !three.Closed() || three.credit != -7 {
			t.Errorf("drained are %v, stream 3 is closed: %v", got, three.Closed())
		}
	})
	t.Run("what was drained is not told of after it is forgotten", func(t *testing.T) {
		p, s := open(t)
		p.conn.Send(nil, s, []byte("content"), false)
		p.flush()
		p.conn.Forget(s)
		if s := p.conn.Drained(); s != nil {
			t.Errorf("drained is %d", s.ID())
		}
	})
	t.Run("content does not overtake what waits", func(t *testing.T) {
		p := newPeer(t, nil)
		p.get(1)
		p.get(3)
		p.reads()
		p.conn.Send(nil, p.stream(1), []byte("first"), true)
		p.send(p.stream(3), "second", true)
		p.want(`DATA 1 "first" end`, `DATA 3 "second" end`)
	})
	t.Run("the time of progress is known", func(t *testing.T) {
		p, s := open(t)
		p.now = 5
		p.settings(4, 3)
		p.reads()
		p.send(s, "content", true)
		p.now = 9
		p.reads()
		if s.Moved() != 5 || !p.conn.Stalled(s) || p.conn.Sent() != 3 {
			t.Errorf("moved at %d, stalled %v, sent %d", s.Moved(), p.conn.Stalled(s), p.conn.Sent())
		}
		p.frames.WriteWindowUpdate(1, 1)
		p.reads()
		if s.Moved() != 9 {
			t.Errorf("moved at %d", s.Moved())
		}
		p.frames.WriteWindowUpdate(1, 1)
		var ev Event
		p.conn.Next(p.wire.Bytes(), 10, &ev)
		p.answers.Write(p.conn.AppendOutput(make([]byte, 0, 1000), 12))
		if s.Moved() != 12 {
			t.Errorf("moved at %d", s.Moved())
		}
		p.answers.Write(p.conn.AppendOutput(nil, 11)) // somebody was held up on his way here
		p.conn.Reset(s, Cancel)
		p.conn.Tick(0)
		if p.conn.now != 12 {
			t.Errorf("the time has gone back to %d", p.conn.now)
		}
	})
	t.Run("since when content waits is known, also if nothing of it was sent", func(t *testing.T) {
		p, s := open(t)
		p.now = 5
		p.settings(4, 0)
		p.reads()
		p.send(s, "content", true)
		if s.Moved() != 5 || !p.conn.Stalled(s) || p.conn.HasOutput() {
			t.Errorf("moved at %d, stalled %v, output %v", s.Moved(), p.conn.Stalled(s), p.conn.HasOutput())
		}
	})
	t.Run("the time that a driver tells goes on only", func(t *testing.T) {
		p, s := open(t)
		for _, now := range []int64{5, 3} {
			p.conn.Tick(now)
			p.send(s, "content", false)
			if s.Moved() != 5 {
				t.Errorf("moved at %d", s.Moved())
			}
		}
	})
	t.Run("content may not be sent over what waits", func(t *testing.T) {
		p, s := open(t)
		p.conn.Send(nil, s, []byte("waits"), false)
		defer func() {
			if recover() == nil {
				t.Error("there was no panic")
			}
		}()
		p.conn.Send(nil, s, []byte("too early"), false)
	})
}

// A reply takes no memory; a request takes the list of its fields.
func TestAllocations(t *testing.T) {
	p := newPeer(t, nil)
	p.serve = true
	for id := uint32(1); id < 9; id += 2 {
		p.get(id, "user-agent: x", "accept: */*")
	}
	p.reads()
	p.wire.Reset()
	p.get(1, "user-agent: x", "accept: */*")
	in := p.wire.Bytes()
	head := Head{Status: 200, Length: 2, Date: "now", Header: raxx.Header{{Name: "content-type", Value: "text/plain"}}}
	content := []byte("ok")
	out := make([]byte, 0, 1024)
	var ev Event
	got := testing.AllocsPerRun(100, func() {
		p.conn.lastID, p.conn.send = 0, 1000
		p.conn.Next(in, 0, &ev)
		out = p.conn.AppendHead(out[:0], ev.Stream, &head)
		out = p.conn.Send(out, ev.Stream, content, true)
		p.conn.Forget(ev.Stream)
		ev.reset()
	})
	if got > 1 {
		t.Errorf("a request and its reply take %v allocations", got)
	}
}
