package h2

// A scheduler chooses whose content is sent next (RFC 9218, Section 10), a frame
// at a time, among the streams that have content and a window:
//
//   - the more urgent before the less urgent;
//   - within an urgency, those that are not incremental one behind the other, in
//     the order in which they were opened; those that are incremental in turn;
//     where there are both, the first of the former takes turns with the latter.
//
// So that nobody starves behind a reply that does not end, one frame in eight
// goes to the stream that has waited longest, whatever its urgency: of n streams
// that could send, each gets at least one frame in 8n.
type scheduler struct {
	lists [8][2]streamList // by urgency; those that are incremental second
	ready int              // streams in the lists
	turns uint32           // frames that have been given out
	mixed bool             // whose turn it is where there are both
}

// fairShare is one frame in so many.
const fairShare = 8

// A streamList is a ring of streams, of which head is the first.
type streamList struct{ head *Stream }

func (l *streamList) empty() bool { return l.head == nil }

// insert puts s before the stream at, which is in the list.
func (l *streamList) insert(s, at *Stream) {
	s.list = l
	if at == nil {
		l.head, s.next, s.prev = s, s, s
		return
	}
	s.next, s.prev = at, at.prev
	at.prev.next = s
	at.prev = s
}

func (l *streamList) push(s *Stream) { l.insert(s, l.head) }

func (l *streamList) remove(s *Stream) {
	if s.next == s {
		l.head = nil
	} else {
		s.prev.next, s.next.prev = s.next, s.prev
		if l.head == s {
			l.head = s.next
		}
	}
	s.list, s.next, s.prev = nil, nil, nil
}

// add puts a stream among those that are ready.
func (q *scheduler) add(s *Stream) {
	q.ready++
	s.turn = q.turns
	if s.urge.incremental {
		q.lists[s.urge.level][1].push(s)
		return
	}
	l := &q.lists[s.urge.level][0]
	if l.empty() || l.head.id > s.id {
		l.insert(s, l.head)
		l.head = s
		return
	}
	last := l.head.prev
	for last.id > s.id { // from the end: streams mostly come in their order
		last = last.prev
	}
	l.insert(s, last.next)
}

func (q *scheduler) remove(s *Stream) {
	q.ready--
	s.list.remove(s)
}

// next returns the stream that is to send, and gives it its turn.
func (q *scheduler) next() *Stream {
	q.turns++
	s := q.first()
	if q.ready > 1 && q.turns%fairShare == 0 {
		s = q.oldest()
	}
	s.turn = q.turns
	if l := &q.lists[s.urge.level][1]; s == l.head {
		l.head = s.next
	}
	return s
}

// first returns the stream that priorities choose.
func (q *scheduler) first() *Stream {
	for level := range q.lists {
		inOrder, inTurn := q.lists[level][0].head, q.lists[level][1].head
		switch {
		case inOrder == nil && inTurn == nil:
			continue
		case inTurn == nil:
			return inOrder
		case inOrder == nil:
			return inTurn
		}
		if q.mixed = !q.mixed; q.mixed {
			return inOrder
		}
		return inTurn
	}
	return nil
}

// oldest returns the stream that has waited longest for its turn.
func (q *scheduler) oldest() (oldest *Stream) {
	for level := range q.lists {
		for i := range q.lists[level] {
			head := q.lists[level][i].head
			for s := head; s != nil; {
				if oldest == nil || q.turns-s.turn > q.turns-oldest.turn {
					oldest = s
				}
				if s = s.next; s == head {
					break
				}
			}
		}
	}
	return oldest
}

// wake puts a stream among those that can send, if it is one.
func (c *Conn) wake(s *Stream) {
	if len(s.pending) == 0 || s.list != nil || c.sendWindow(s) <= 0 {
		return
	}
	if c.scheduler == nil {
		c.scheduler = new(scheduler)
	}
	c.scheduler.add(s)
}

// unlink takes a stream out of the list that it is in.
func (c *Conn) unlink(s *Stream) {
	if s.list == &c.drained {
		c.drained.remove(s)
		return
	}
	c.scheduler.remove(s)
}

// reprioritize changes the priority of a stream that is open.
func (c *Conn) reprioritize(s *Stream, urge urgency) {
	waits := s.list != nil && s.list != &c.drained
	if waits {
		c.scheduler.remove(s)
	}
	s.urge = urge
	if waits {
		c.scheduler.add(s)
	}
}
