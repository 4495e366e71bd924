// Package process runs machines (see [raxx.Machine]): a process is a machine
// with a mailbox, timers, subscriptions and a reason for its end.
//
// A process has no goroutine. It has an owner, which lends it one: when
// something has come for it the owner is told, takes the events one at a time
// with [Process.Next], and hands them, and those of its own (what the client
// sends), to [Process.Handle], which steps the machine, carries out its effects
// and hands its parts to an [Out]. While it waits, a process is a few words of
// memory.
//
//	message ──▶ Hub ──▶ mailbox ─┐
//	timer ─────────────▶ mailbox ├─▶ Owner.Ready ··▶ Next ─▶ Handle ─▶ step ─▶ parts ─▶ Out
//	drain ─────────────▶ mailbox ┤                                         └▶ effects
//	kill ────────────────────────┘
//
// A [Hub] is where messages are published. A mailbox that is full never makes
// a publisher wait; what happens instead is the subscriber's choice.
package process
