package h2

import "strings"

// An urgency is a priority by RFC 9218, Section 4.
type urgency struct {
	level       uint8 // 0, the most urgent, to 7
	incremental bool
}

// priorityState is what a connection knows of the client's priorities.
type priorityState struct {
	aware bool // the client has used RFC 9218
	early []earlyPriority
}

// An earlyPriority is that of a stream that is not open yet.
type earlyPriority struct {
	stream uint32
	urge   urgency
}

// byDefault is the priority of a stream of which nothing was said. The RFC has
// it not incremental, so that one reply is sent behind the other. A client that
// never says anything does not know of that, and its replies share alike.
func (p *priorityState) byDefault() urgency { return urgency{3, !p.aware} }

// of returns the priority of a stream that is about to open.
func (p *priorityState) of(stream uint32) urgency {
	if len(p.early) > 0 {
		for _, e := range p.early {
			if e.stream == stream {
				return e.urge
			}
		}
	}
	return p.byDefault()
}

// readPriority applies the Priority fields of a request, unless a
// PRIORITY_UPDATE frame has come before it (RFC 9218, Section 7).
func (c *Conn) readPriority(s *Stream, m *message) {
	p := &c.priority
	if len(p.early) > 0 && p.drop(s.id) || !m.urged {
		return
	}
	p.aware = true
	s.urge = m.urge
}

// drop forgets the early priorities of streams up to one, which can't be early
// any more. It reports whether there was one for that.
func (p *priorityState) drop(stream uint32) (found bool) {
	kept := p.early[:0]
	for _, e := range p.early {
		found = found || e.stream == stream
		if e.stream > stream {
			kept = append(kept, e)
		}
	}
	if p.early = kept; len(kept) == 0 {
		p.early = nil
	}
	return found
}

// onPriorityUpdate handles PRIORITY_UPDATE (RFC 9218, Section 7.1).
func (c *Conn) onPriorityUpdate(said *controlFrame) error {
	if err := c.spend(priorities, 1); err != nil {
		return err
	}
	if said.prioritized%2 == 0 {
		return connError(ProtocolError, "5.1.1", "a PRIORITY_UPDATE frame for a push that was never promised (RFC 9218, 7.1)")
	}
	c.priority.aware = true
	urge := unsaid.with(said.priority)
	if s := c.stream(said.prioritized); s != nil {
		c.reprioritize(s, urge)
		return nil
	}
	if c.isIdle(said.prioritized) {
		c.priority.keep(earlyPriority{said.prioritized, urge}, c.limits.earlyPriority())
	}
	return nil
}

// keep remembers the priority of a stream that is not open yet; of too many, the
// newest.
func (p *priorityState) keep(e earlyPriority, limit int) {
	for i := range p.early {
		if p.early[i].stream == e.stream {
			p.early[i] = e
			return
		}
	}
	if len(p.early) >= limit {
		p.early = append(p.early[:0], p.early[1:]...)
	}
	p.early = append(p.early, e)
}

// onPriority handles PRIORITY (RFC 9113, Section 6.3), whose scheme is
// deprecated: it is checked and ignored.
func (c *Conn) onPriority(f frame, said *controlFrame) error {
	if err := c.spend(priorities, 1); err != nil || said.dependency != f.stream {
		return err
	}
	const reason = "a stream that depends on itself (RFC 7540, 5.3.1)"
	if c.isIdle(f.stream) {
		return connError(ProtocolError, "6.3", reason) // RST_STREAM is not for idle streams
	}
	return streamError(f.stream, ProtocolError, "6.3", reason)
}

// unsaid is the priority that a dictionary begins with (RFC 9218, Section 4).
var unsaid = urgency{level: 3}

// with returns u with what the two parameters that RFC 9218, Section 4 defines
// say in one more part of their dictionary. What is malformed or unknown counts
// as not said.
func (u urgency) with(field string) urgency {
	for member := range strings.SplitSeq(field, ",") {
		member, _, _ = strings.Cut(member, ";")
		switch member = strings.Trim(member, " \t"); {
		case member == "i" || member == "i=?1":
			u.incremental = true
		case member == "i=?0":
			u.incremental = false
		case len(member) == 3 && member[:2] == "u=" && '0' <= member[2] && member[2] <= '7':
			u.level = member[2] - '0'
		}
	}
	return u
}
