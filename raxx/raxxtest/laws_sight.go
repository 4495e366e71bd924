package raxxtest

import (
	"slices"

	"github.com/raxx-go/raxx/raxx"
)

// A sight is what a client and its server have seen of one exchange.
type sight struct {
	steps    []step
	reply    reply
	early    int // chunks that were pulled before anything was sent
	notes    []string
	err      error
	garbled  error // of the decoder
	panicked any
}

// A step is what has been seen after one more event.
type step struct {
	headed, ended bool
	content       raxx.Data   // all of it so far, decoded
	effects       []raxx.Part // of this step, and interim responses
}

// A decoder returns what a client can read of content.
type decoder = func(raxx.Response, raxx.Data) (raxx.Data, error)

func identity(_ raxx.Response, content raxx.Data) (raxx.Data, error) { return content, nil }

// watch makes an exchange with h and tells its machine the events of k.
func watch(h raxx.Handler, req raxx.Request, k kind, p *probe, decode decoder) (s *sight) {
	s = &sight{}
	server := NewServer(nil)
	server.still = true
	x := server.newExchange(req.Method)
	defer func() {
		s.reply, s.err, s.panicked = x.reply, x.err, recover()
	}()
	look := func() raxx.Data {
		if len(x.content) == 0 {
			return ""
		}
		content, err := decode(x.reply.head, raxx.Data(x.content))
		if err != nil {
			s.garbled = err
		}
		return content
	}
	note := func() {
		s.steps = append(s.steps, step{x.reply.headed, x.Ended(), look(), effectsAmong(x.Take())})
	}
	in := newIncoming(Chunks())
	if stream, ok := req.Body.(raxx.Stream); ok {
		in = newIncoming(stream)
		req.Body = in.body()
	}
	defer in.stop()
	resp := s.takeNotes(h(req))
	s.early = p.pulled
	p.seen = look
	if k.endless {
		x.sated = func() bool { return p.pulled > 20 }
	}
	x.begin(resp, raxx.Open{Peer: req.Peer})
	for _, streams := req.Body.(raxx.Stream); streams && x.running && !in.done; {
		x.handle(in.event())
	}
	note()
	for _, event := range k.events {
		x.handle(event)
		note()
	}
	return s
}

// takeNotes takes the notes out of a response, as a middleware further out does.
func (s *sight) takeNotes(resp raxx.Response) raxx.Response {
	take := func(resp raxx.Response) raxx.Response {
		notes, resp := lawNote.Take(resp)
		s.notes = append(s.notes, notes...)
		return resp
	}
	if resp.Status == 0 {
		resp = take(resp)
	}
	return raxx.OnHead(resp, take)
}

// effectsAmong returns the effects among parts, with those that a response
// brings, and the interim responses.
func effectsAmong(parts []raxx.Part) (effects []raxx.Part) {
	for _, part := range parts {
		switch part := part.(type) {
		case raxx.Response:
			for _, effect := range part.Do {
				effects = append(effects, effect)
			}
		case raxx.Effect, raxx.Inform:
			effects = append(effects, part)
		}
	}
	return effects
}

// last returns the last step; a zero one if there was none.
func (s *sight) last() step {
	if len(s.steps) == 0 {
		return step{}
	}
	return s.steps[len(s.steps)-1]
}

// added returns the names of the fields that the head has beyond those of ref,
// sorted. Fields that follow from the content are left out: what comes later may
// be treated otherwise.
func (s *sight) added(ref *sight) (names []string) {
	count := map[string]int{}
	for _, f := range ref.reply.head.Header {
		count[f.Name]--
	}
	for _, f := range s.reply.head.Header {
		if count[f.Name]++; count[f.Name] > 0 && !followsFromContent(f.Name) {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	return names
}

func followsFromContent(name string) bool {
	switch name {
	case "accept-ranges", "content-encoding", "content-length", "content-range", "etag", "last-modified", "vary":
		return true
	}
	return false
}
