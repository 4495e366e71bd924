// Package memnet is a network in memory: a listener and its connections, which
// hold what was written until it is read, as sockets do, and know deadlines and
// half-closed connections. It works inside a testing/synctest bubble, where a
// goroutine that waits for it counts as blocked.
package memnet
