package scheduler

// A Ticket is what a piece of work is known by that may be detached.
type Ticket uint64
