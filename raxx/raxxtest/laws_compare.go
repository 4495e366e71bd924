package raxxtest

import (
	"errors"
	"reflect"
	"slices"

	"github.com/raxx-go/raxx/raxx"
)

// try lets a handler of kind k answer the request a, by itself and behind the
// middleware, and compares. It reports whether the request got through.
func (l *laws) try(k kind, a ask) (reached bool) {
	if k.upgrade != a.upgrade {
		return false
	}
	if k.breaks && l.decodes {
		return true // content that is changed has another length
	}
	l.kase = a.name + ", answered by " + k.name
	alone, behind, ref, got := l.watchBoth(k, a)
	l.checkGuards(behind)
	if l.own(behind, got) {
		return false
	}
	l.compareRequest(a, ref, alone, behind)
	l.compareReply(ref, got)
	l.comparePull(behind, got)
	if got.panicked == nil && ref.panicked == nil && !l.isReplaced(ref) {
		l.demand(reflect.DeepEqual(behind.events, alone.events), lawEvents,
			"it got %v of %v", behind.events, alone.events)
	}
	return true
}

// watchBoth lets a handler of kind k answer the request a, by itself and behind the
// middleware.
func (l *laws) watchBoth(k kind, a ask) (alone, behind *probe, ref, got *sight) {
	alone, behind = &probe{}, &probe{}
	ref = watch(alone.handler(k, a), l.prepare(a.req(alone)), k, alone, identity)
	got = watch(l.mw(behind.handler(k, a)), l.prepare(a.req(behind)), k, behind, l.decode)
	return alone, behind, ref, got
}

// own reports whether the middleware has answered by itself, and checks what it
// has said.
func (l *laws) own(p *probe, got *sight) bool {
	if p.called > 0 {
		return false
	}
	l.demand(got.panicked == nil, lawPanics, "the middleware panics: %v", got.panicked)
	l.checkSendable(got)
	return true
}

// checkSendable reports whether a server would have sent all of it.
func (l *laws) checkSendable(got *sight) bool {
	var rule *RuleError
	sendable := !errors.As(got.err, &rule)
	l.demand(sendable, lawSendable, "%v", rule)
	return sendable
}

func (l *laws) isReplaced(ref *sight) bool { return ref.reply.headed && l.replaces(ref.reply.head) }

// compareRequest checks what has reached the handler, or the machine to which it
// has left the body.
func (l *laws) compareRequest(a ask, ref *sight, alone, p *probe) {
	value := lawKey.Get(p.req)
	l.demand(value == "kept", lawScope, "it holds %q", value)
	gathers := l.completes || p.bodyEnd == "data" || a.fails || l.isReplaced(ref)
	l.demand(p.kept == "" || gathers, lawFlush, "%s", p.kept)
	left := alone.bodyEnd == "" || p.bodyEnd == "" && l.isReplaced(ref)
	if a.content == "" && !a.fails || left {
		return
	}
	if a.fails {
		l.demand(p.bodyEnd == "error", lawRequest, "it does not know that the body failed")
		return
	}
	l.demand(p.bodyEnd != "", lawRequest, "it does not know that the body has ended")
	l.demand(p.body == a.content, lawRequest, "it got %q of %q", p.body, a.content)
	for _, f := range a.trailer {
		l.demand(slices.Contains(p.trailer, f), lawRequest, "it got the trailer %v instead of %v", p.trailer, a.trailer)
	}
}

// comparePull checks who has pulled the stream of the response, and when.
func (l *laws) comparePull(p *probe, got *sight) {
	l.demand(got.early == 0, lawPull, "%d chunks were pulled before the response was sent", got.early)
	if p.req.Method == raxx.MethodHead && got.early == 0 {
		l.demand(p.pulled == 0, lawPull, "%d chunks were pulled in reply to HEAD", p.pulled)
	}
	l.demand(!p.opened || p.closed, lawPull, "it is not let go of when nobody reads on")
	l.demand(p.late == "" || got.early > 0, lawFlush, "%s", p.late)
}

// compareReply checks what has come out.
func (l *laws) compareReply(ref, got *sight) {
	if ref.panicked != nil {
		became := got.reply.headed && got.reply.head.Status >= 500
		l.demand(got.panicked != nil || got.err != nil || became, lawPanics,
			"it became a response of status %d", got.reply.head.Status)
		return
	}
	if got.panicked != nil {
		l.demand(false, lawPanics, "there is a panic that is not the handler's: %v", got.panicked)
		return
	}
	if rule, broken := errors.AsType[*RuleError](ref.err); broken {
		l.demand(got.err != nil || l.isReplaced(ref), lawErrors, "%v, and nobody sees it", rule)
		return
	}
	if !l.checkSendable(got) || l.isReplaced(ref) {
		return
	}
	l.compareHeads(ref, got)
	l.compareErrors(ref, got)
	l.demand(slices.Equal(ref.notes, got.notes), lawEffects, "the notes are %q instead of %q", got.notes, ref.notes)
	for _, f := range ref.reply.trailer {
		l.demand(slices.Contains(got.reply.trailer, f), lawTrailer, "it is %v instead of %v", got.reply.trailer, ref.reply.trailer)
	}
	l.demand(got.garbled == nil, lawContent, "it can't be decoded: %v", got.garbled)
	if got.garbled == nil && !errors.Is(got.err, errLate) {
		want, content := ref.last().content, got.last().content
		l.demand(content == want, lawContent, "it is %q instead of %q", clip(content), clip(want))
		l.compareSteps(ref.steps, got.steps)
	}
}

// clip bounds what a message repeats.
func clip(content raxx.Data) raxx.Data {
	const most = 80
	if len(content) > most {
		return content[:most] + "..."
	}
	return content
}

// compareHeads checks what the handler has put into its head.
func (l *laws) compareHeads(ref, got *sight) {
	a, b := ref.reply.head, got.reply.head
	l.demand(a.Status == b.Status, lawStatus, "it is %d instead of %d", b.Status, a.Status)
	for _, name := range []string{"content-type", "location", "set-cookie", "upgrade", "x-law"} {
		want, have := slices.Collect(a.Header.Values(name)), slices.Collect(b.Header.Values(name))
		single := name == "content-type" || name == "location"
		l.demand(kept(want, have) && !(single && len(want) == 1 && len(have) > 1), lawFields, "%s is %q instead of %q", name, have, want)
	}
	if cause := a.Cause.Err(); cause != nil {
		l.demand(errors.Is(b.Cause.Err(), cause), lawCause, "it is %q instead of %q", b.Cause, a.Cause)
	}
}

// compareErrors checks that what has failed is seen to have failed.
func (l *laws) compareErrors(ref, got *sight) {
	var closed *ClosedError
	switch {
	case errors.Is(got.err, errLate):
		// The law about what is held back tells of it.
	case ref.err == nil:
		l.demand(got.err == nil, lawErrors, "there is an error that is not the handler's: %v", got.err)
	case errors.As(ref.err, &closed):
		l.demand(errors.As(got.err, &closed), lawErrors, "the client is gone, and the error is %v", got.err)
	default:
		l.demand(errors.Is(got.err, ref.err), lawErrors, "it is %v instead of %q", got.err, ref.err)
	}
}

// compareSteps checks that everything comes when it came from the handler.
func (l *laws) compareSteps(ref, got []step) {
	for i := range ref {
		a, b := ref[i], got[i]
		l.demand(!a.headed || b.headed, lawFlush, "the head has not come at event %d", i)
		l.demand(len(b.content) >= len(a.content), lawFlush,
			"%d of %d bytes have come at event %d", len(b.content), len(a.content), i)
		l.demand(a.ended == b.ended, lawEnd, "after event %d it has ended: %v instead of %v", i, b.ended, a.ended)
		l.demand(kept(a.effects, b.effects), lawEffects, "they are %v instead of %v at event %d", b.effects, a.effects, i)
	}
}

// kept reports whether all of the handler's stand among all, in the same order and
// as often. What somebody else has added does not count.
func kept[E any](handlers, all []E) bool {
	same := func(a, b E) bool { return reflect.DeepEqual(a, b) }
	all = slices.DeleteFunc(slices.Clone(all), func(e E) bool {
		return !slices.ContainsFunc(handlers, func(h E) bool { return same(h, e) })
	})
	return slices.EqualFunc(handlers, all, same)
}

// tryHeads compares what the middleware adds to a head that is there at once and
// to one that comes later.
func (l *laws) tryHeads() {
	names := map[string][]string{}
	for _, k := range kinds() {
		for _, a := range asks() {
			if a.upgrade != k.upgrade || a.name != "GET" && !a.upgrade {
				continue
			}
			_, behind, ref, got := l.watchBoth(k, a)
			if behind.called == 0 || !got.reply.headed || !ref.reply.headed || l.isReplaced(ref) {
				continue
			}
			names[k.name] = got.added(ref)
			if atOnce, ok := names[k.like]; ok {
				l.kase = a.name + ", answered by " + k.name
				l.demand(slices.Equal(atOnce, names[k.name]), lawHead,
					"the fields %q were added; to one that is there at once, %q", names[k.name], atOnce)
			}
		}
	}
}
