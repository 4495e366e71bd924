// Package scheduler gives connections a goroutine only while they have something
// to do.
//
// A connection is a [Task]: a state with a function, Turn, that does what can be
// done. While it waits it is an entry in epoll and nothing else. A few pollers,
// one for each processor, take what is readable and call Turn right there: no
// other goroutine is woken.
//
// # The role
//
// Whoever polls holds the role of its poller. The role is a number that only
// grows: odd while its holder is within a handler, else even. To take the role
// away is to move the number on, with a compare-and-swap:
//
//	holder:  v even ──Enter──▶ v+1 ──handler──▶ Exit: v+2 ──Enter──▶ …
//	monitor:                   v+1, still v+1 at the next tick ──▶ v+2, and
//	                           another goroutine goes on as the holder
//
// The one that lost the role finds out when its own compare-and-swap fails. It
// ends its Turn, makes its connection ready to be polled again, and is free to
// be the next that takes over a role. So a handler that does not return at once,
// because it blocks or computes, stalls the connections of its poller for two
// ticks at the most. Whoever is about to wait gives the role away by itself: see
// [Conn.Leave].
//
// # Waiting within a Turn
//
// [Conn.WaitRead] and [Conn.WaitWrite] block the calling goroutine like reads
// and writes of a net.Conn do; the poller wakes it. Meanwhile epoll watches for
// just what is waited for.
//
// Linux only. On other systems [New] fails, and a server runs a goroutine for
// each connection.
package scheduler
