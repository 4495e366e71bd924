// Package proxyproto reads the header of the PROXY protocol, version 1 and 2, by
// which a proxy tells where the connection that it forwards comes from.
//
// It is a function over bytes: no socket, no goroutine, no clock. The sections
// that it names are those of the specification of 2020-03-05
// (doc/proxy-protocol.txt in the source of HAProxy).
//
// It refuses what the specification wants refused, as soon as the octet is there
// that can't stand where it stands, so that the reason does not depend on how
// the header was cut on its way. It skips what a receiver may skip: the rest of
// a header that tells of no stream, and the TLVs behind the addresses.
package proxyproto
