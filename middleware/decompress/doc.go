// Package decompress is the middleware that takes the content coding off the
// body of a request: gzip, zstd or br (RFC 9110, Section 8.4), so that handlers
// see what the client meant.
//
//	stack := raxx.Stack(
//		decompress.Config{}.Middleware(),
//		…
//	)
//
// It belongs outside of whatever reads bodies ([raxx.Complete], a router) and of
// limits of their size, which then hold for what the handler sees. It belongs
// inside of whatever answers without reading (rate limits, authentication), so that
// nobody makes the server decode without leave.
//
// # What it does
//
// A body that is a [raxx.Stream] or a [raxx.File] becomes a stream, which is
// decoded while it is read, and not at all if nobody reads it. Complete bodies stay
// complete. The fields content-encoding and content-length are taken out. It does
// not touch responses, of whatever kind, with one exception: a machine would get
// what the handler has not read of the body as it came, still coded. Such a
// response becomes a 415, with "accept-encoding: identity".
//
//   - A coding that it does not know, and several at once: 415 with
//     accept-encoding (RFC 9110, Sections 12.5.3 and 15.5.16).
//   - Content that is not what its coding says, ends early, or goes on behind
//     its end: 400.
//   - More than [Config.MaxSize] bytes, or a bomb ([Config.MaxRatio]): 413.
//   - More bodies at a time than [Config.Decoders]: 503.
//
// The handler of a stream finds these as the error of its body, a
// [*raxx.Error], behind what could be read.
//
// It fails closed: a body that is not decoded is not handed on, since the handlers
// behind would take it for something that the client did not say.
//
// # Memory
//
// A body that is being read takes a window of at most 8 MiB, which is what
// RFC 9659 has clients restrict themselves to, and there are at most
// [Config.Decoders] of them. Nothing is gathered.
package decompress
