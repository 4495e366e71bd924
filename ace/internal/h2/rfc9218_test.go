package h2

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// RFC 9218, Section 4 and 5: priority parameters and the Priority field.
func TestPriorityField(t *testing.T) {
	for _, test := range []struct {
		name, field string
		want        urgency
	}{
		{"4.1 urgency", "u=0", urgency{0, false}},
		{"4.1 the least urgency", "u=7", urgency{7, false}},
		{"4.1 an urgency out of range counts as not said", "u=8", urgency{3, false}},
		{"4.1 a negative urgency", "u=-1", urgency{3, false}},
		{"4.1 an urgency that is no integer", "u=1.5", urgency{3, false}},
		{"4.2 incremental", "i", urgency{3, true}},
		{"4.2 incremental as a boolean", "u=5, i=?1", urgency{5, true}},
		{"4.2 not incremental", "i=?0", urgency{3, false}},
		{"4.2 of several, the last counts", "i, u=1, i=?0, u=2", urgency{2, false}},
		{"4.2 incremental that is no boolean", "i=1", urgency{3, false}},
		{"4.3 unknown parameters are ignored", "x=y, u=1;q=7, i;z", urgency{1, true}},
		{"5 nothing", ",,=,", urgency{3, false}},
		{"5 a field that is empty is none", "", urgency{3, true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPeer(t, nil)
			p.get(1, "priority: "+test.field)
			p.reads()
			if got := p.stream(1).urge; got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// Several fields are one list (RFC 9110, Section 5.3).
func TestPriorityFields(t *testing.T) {
	p := newPeer(t, nil)
	p.get(1, "priority: u=1", "priority: i")
	p.reads()
	if got := p.stream(1).urge; got != (urgency{1, true}) {
		t.Errorf("got %v", got)
	}
}

// RFC 9218, Section 7.1: the PRIORITY_UPDATE frame.
func TestPriorityUpdate(t *testing.T) {
	update := func(p *peer, stream uint32, field string) { p.frames.WritePriorityUpdate(stream, field) }
	t.Run("7 it beats the field of a request that comes later", func(t *testing.T) {
		p := newPeer(t, nil)
		update(p, 3, "u=1")
		p.get(1)
		p.get(3, "priority: u=6")
		p.reads()
		if got := p.stream(3).urge; got.level != 1 || p.conn.priority.early != nil {
			t.Errorf("the urgency is %v, kept are %v", got, p.conn.priority.early)
		}
	})
	t.Run("7.1 it changes a stream that is open", func(t *testing.T) {
		p := newPeer(t, nil)
		p.get(1, "priority: u=6")
		update(p, 1, "u=2, i")
		p.reads()
		if got, want := p.stream(1).urge, (urgency{2, true}); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	})
	t.Run("7.1 for a stream that is closed it is ignored", func(t *testing.T) {
		p := newPeer(t, nil)
		p.served(1)
		update(p, 1, "u=2")
		p.wantAlive()
	})
	t.Run("7.1 as many are kept as the limit says", func(t *testing.T) {
		p := newPeer(t, nil)
		for i := range uint32(100) {
			update(p, 2*i+1, "u=1")
		}
		p.reads()
		if got := len(p.conn.priority.early); got != 32 {
			t.Errorf("%d are kept", got)
		}
	})
	for _, test := range []frameTest{
		{"7.1 on a stream", func(p *peer) { p.raw(framePriorityUpdate, 0, 1, "\x00\x00\x00\x01u=1") }, ProtocolError, "6"},
		{"7.1 for stream 0", func(p *peer) { p.raw(framePriorityUpdate, 0, 0, "\x00\x00\x00\x00u=1") }, ProtocolError, "6"},
		{"7.1 for a push that was never promised", func(p *peer) { p.raw(framePriorityUpdate, 0, 0, "\x00\x00\x00\x02u=1") }, ProtocolError, "5.1.1"},
		{"7.1 of 3 octets", func(p *peer) { p.raw(framePriorityUpdate, 0, 0, "\x00\x00\x00") }, FrameSizeError, "6"},
	} {
		runFrameTests(t, []frameTest{test})
	}
}

// RFC 9218, Section 10: in which order replies are sent. Each row is the fields
// of streams 1, 3, 5 …, of which each has a reply of three frames, and the order
// of the streams whose frames are sent.
func TestScheduling(t *testing.T) {
	for _, test := range []struct {
		name   string
		fields []string
		want   string
	}{
		{"10 the more urgent come first", []string{"u=5", "u=1", "u=3"}, "333555111"},
		{"10 those that are not incremental come in their order", []string{"u=3", "u=3", "u=3"}, "111333555"},
		{"10 those that are incremental take turns", []string{"i", "i", "i"}, "135135135"},
		{"10 where there are both, they take turns", []string{"i", "u=3", "i"}, "313531515"},
		{"10 a client that knows no priorities gets all of them in turns", []string{"", "", ""}, "135135135"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPeer(t, nil)
			p.settings(4, 1<<30)
			p.frames.WriteWindowUpdate(0, 1<<30)
			p.conn.limits = &Limits{}
			got := p.order(test.fields, 3)
			// One frame in eight goes to whoever has waited longest: see below.
			if diff := cmp.Diff(test.want[:7], got[:7]); diff != "" {
				t.Errorf("got %s, want %s", got, test.want)
			}
			for _, stream := range "135" {
				if n := strings.Count(got, string(stream)); n != 3 {
					t.Errorf("stream %c was sent %d frames", stream, n)
				}
			}
		})
	}
	t.Run("10 nobody starves", func(t *testing.T) {
		p := newPeer(t, nil)
		p.settings(4, 1<<30)
		p.frames.WriteWindowUpdate(0, 1<<30)
		got := p.order([]string{"u=0", "u=3", "u=7"}, 40)[:40]
		for _, stream := range "135" {
			if strings.Count(got, string(stream)) < 2 {
				t.Errorf("stream %c was hardly sent: %s", stream, got)
			}
		}
	})
	t.Run("10 the order is that of the streams, not of their replies", func(t *testing.T) {
		p := newPeer(t, nil)
		for id := uint32(1); id < 9; id += 2 {
			p.get(id, "priority: u=3")
		}
		p.reads()
		p.frameList()
		for _, id := range []uint32{5, 7, 1, 3} {
			p.conn.Send(nil, p.stream(id), []byte(strings.Repeat("x", 100)), true)
		}
		if got := p.streamsSent(); got != "1357" {
			t.Errorf("the order is %s", got)
		}
	})
	t.Run("10 a change of priority counts at once", func(t *testing.T) {
		p := newPeer(t, nil)
		p.settings(4, 1<<30)
		p.frames.WriteWindowUpdate(0, 1<<30)
		p.waiting([]string{"u=3", "u=3"}, 2)
		p.frames.WritePriorityUpdate(3, "u=0")
		if got := p.streamsSent(); got != "3311" {
			t.Errorf("the order is %s", got)
		}
	})
}

// order has replies of n frames wait on streams with these priorities, and
// returns the order in which the frames come.
func (p *peer) order(priorities []string, n int) string {
	p.waiting(priorities, n)
	return p.streamsSent()
}

// waiting opens streams with these priorities, and makes a reply of n frames
// wait on each.
func (p *peer) waiting(priorities []string, n int) {
	for i, priority := range priorities {
		if priority == "" {
			p.get(uint32(2*i + 1))
			continue
		}
		p.get(uint32(2*i+1), "priority: "+priority)
	}
	p.reads()
	p.frameList()
	content := []byte(strings.Repeat("x", n*16384))
	for i := range priorities {
		p.conn.Send(nil, p.stream(uint32(2*i+1)), content, true)
	}
}

// streamsSent returns the streams of the DATA frames that come.
func (p *peer) streamsSent() (order string) {
	p.reads()
	for _, f := range p.frameList() {
		var stream, n int
		if k, _ := fmt.Sscanf(f, "DATA %d %d", &stream, &n); k == 2 {
			order += fmt.Sprint(stream)
		}
	}
	return order
}

// A field that comes again and again, each time as one octet that stands for it in
// the table, costs no memory.
func TestManyPriorityFields(t *testing.T) {
	var m message
	limits := new(Limits)
	if allocs := testing.AllocsPerRun(10, func() {
		m.begin(limits, false, false)
		for range 100 {
			m.field("priority", "u=1,                                                                i")
		}
		if !m.urged || m.urge != (urgency{1, true}) || m.tooLarge {
			t.Fatalf("got %v", m.urge)
		}
		m.end()
	}); allocs != 0 {
		t.Errorf("%.0f allocations", allocs)
	}
}
