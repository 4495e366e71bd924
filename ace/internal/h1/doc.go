// Package h1 is the server's side of an HTTP/1.1 connection (RFC 9112) as a
// state machine over bytes. It sees no socket, no goroutine and no clock: a
// driver hands it the bytes that have come, and writes the bytes that it
// appends.
//
// One [Conn] goes through the messages of a connection in turn:
//
//	Head → (Body …) → AppendHead → (AppendDataHead, AppendDataEnd …) → AppendTail → Next → Head …
//
// The two directions are independent of each other: a reply may begin, and end,
// before the request's body has come.
//
// What two parsers could read differently is refused, never repaired. A
// [ParseError] names the status to answer with and the section of the RFC that
// the peer broke. After one, the connection can only be closed.
package h1
