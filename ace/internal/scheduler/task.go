package scheduler

import "time"

// Tick is how often the monitor looks while somebody works. A Turn that is seen
// twice has lasted for one Tick at least and two at the most.
const Tick = 200 * time.Microsecond

// A Task is what a connection does.
type Task interface {
	// Turn is called when what was last asked for with [Conn.Expect] has come,
	// or [Conn.Kick] was called, and no Turn is under way. It does what can be
	// done and returns, whereupon the connection waits again, or it calls
	// [Conn.Close]. It reports whether it was detached: see
	// [Conn.EnterDetachable].
	Turn() (detached bool)
}

// The states of a connection.
const (
	idle    uint32 = iota // it waits
	running               // a Turn is under way
	kicked                // and another one has to follow
	closed
)
