package h2

import "cmp"

// A budget is for frames of one kind, which are cheap to send and could keep us
// busy without end (RFC 9113, Section 10.5).
type budget uint8

const (
	resets budget = iota
	settingsFrames
	pings
	windowUpdates
	tinyWindows
	priorities
	unknownFrames
	emptyFrames
	smallFrames
	closedStreams
	budgets // how many there are
)

// A guard counts frames within a period. What has been used up is back when the
// next period begins, or when real work was done.
type guard struct {
	began int64
	used  [budgets]int32
	lent  int64 // octets that we have sent, on a stream and on the connection, and windows have not given back
}

// spend uses up a part of a budget. Its error is a ConnError.
func (c *Conn) spend(b budget, n int32) error {
	g := &c.guard
	if c.now-g.began >= budgetPeriod {
		*g = guard{began: c.now, lent: g.lent}
	}
	g.used[b] += n
	limit, name, reason := c.limits.budget(b)
	if int(g.used[b]) <= limit {
		return nil
	}
	return &ConnError{EnhanceYourCalm, "10.5", reason, name}
}

// fairPiece is the least of what we have sent that a client may give back as often
// as it has read so much: it costs us less than to send it did. Package net/http
// gives back 4 KiB, which may be long after we have sent it.
const fairPiece = 2048

// givesBack reports whether a WINDOW_UPDATE frame gives back what we have sent, in
// a piece that is worth it.
func (g *guard) givesBack(increment int64) bool {
	if increment < fairPiece || increment > g.lent {
		return false
	}
	g.lent -= increment
	return true
}

// earn gives back what frames that go with a request, or with n DATA frames
// that have content, use up. A client sends two WINDOW_UPDATE frames for each
// of ours, at most, and may time it with a PING (gRPC does, be it ever so short), unless
// its own windows have made it short; with a request it may send
// priorities, and content in small pieces; every other one that has a body may be
// answered before its end, and then be reset. What we send may be the reply to a
// small piece, as in a chat.
func (g *guard) earn(updates, pinged, prioritized, small, late int32) {
	g.used[windowUpdates] = max(g.used[windowUpdates]-updates, 0)
	g.used[closedStreams] = max(g.used[closedStreams]-late, 0)
	g.used[pings] = max(g.used[pings]-pinged, 0)
	g.used[priorities] = max(g.used[priorities]-prioritized, 0)
	g.used[smallFrames] = max(g.used[smallFrames]-small, 0)
}

// budget returns how much there is of a budget, the name of its limit, and what
// it means to go beyond it.
func (l *Limits) budget(b budget) (limit int, name, reason string) {
	switch b {
	case resets:
		return cmp.Or(l.Resets, 500), "Resets", "too many streams that were reset or refused"
	case settingsFrames:
		return cmp.Or(l.Settings, 100), "Settings", "too many SETTINGS and GOAWAY frames"
	case pings:
		return cmp.Or(l.Pings, 500), "Pings", "too many PING frames"
	case windowUpdates:
		return cmp.Or(l.WindowUpdates, 1000), "WindowUpdates", "too many WINDOW_UPDATE frames"
	case tinyWindows:
		return cmp.Or(l.TinyWindows, 100), "TinyWindows", "too many windows of a few octets"
	case priorities:
		return cmp.Or(l.Priorities, 500), "Priorities", "too many PRIORITY and PRIORITY_UPDATE frames"
	case unknownFrames:
		return cmp.Or(l.UnknownFrames, 500), "UnknownFrames", "too many frames of unknown types"
	case emptyFrames:
		return cmp.Or(l.EmptyFrames, 100), "EmptyFrames", "too many DATA frames without content"
	case smallFrames:
		return cmp.Or(l.SmallFrames, 50000), "SmallFrames", "too many DATA frames with little content"
	}
	return cmp.Or(l.ClosedStreams, 1000), "ClosedStreams", "too many frames for streams that are closed"
}
