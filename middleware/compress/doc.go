// Package compress is the middleware that sends content in a content coding:
// zstd, br or gzip, as the client likes (RFC 9110, Section 8.4).
//
//	stack := raxx.Stack(
//		compress.Config{}.Middleware(),
//		middleware.ETag{}.Middleware(),
//		…
//	)
//
// It belongs outside of whatever looks at content (ETag, static files, views) and
// inside of what counts bytes or logs. So what makes entity tags sees the content
// as the handler made it.
//
// # What it does for each kind of response
//
//   - Complete ([raxx.Data]): it is compressed at once, and stays complete, so that
//     its length is known. If that does not make it shorter, it stays as it is.
//   - [raxx.File]: it becomes a stream, if it can be opened. A file that is
//     asked for often should have compressed siblings instead, which package
//     static serves.
//   - [raxx.Stream]: every chunk is compressed and flushed when it comes, so
//     nothing waits for what comes behind it. Nothing is held back or gathered.
//   - [raxx.Machine]: with gzip only. Each Data is compressed by itself, with
//     what was sent last as a dictionary, so that between two events there is
//     no encoder: an event stream that waits keeps 2 KiB more than without.
//     The state is a value, as the machine's own is.
//   - Deferred heads: the choice is made when the head comes.
//   - Failing ones: an error of a stream or an Abort stays what it is, so that the
//     client sees that the content is not whole. Content that has another length
//     than it promised becomes such an error. Replies with an error status are
//     compressed as any other.
//
// It leaves alone: small content, types that gain nothing, content that has a
// content-encoding already or is a part (206), is not to be transformed
// (cache-control: no-transform) or has a digest, upgrades, and responses that
// [Secret] has marked.
//
// A reply that could have been compressed has "vary: accept-encoding", whether
// it was or not, and so has a part of one. HEAD gets the head that GET gets.
//
// # Entity tags
//
// A compressed variant is another representation, so it must not have the strong
// tag of the plain one. It gets a weak one that tells where it comes from: "v1"
// becomes W/"v1~gzip". When a client sends that back, the handlers see "v1": so
// if-none-match leads to a 304, and if-match still protects a change from being
// lost, which it would not with a tag that was only made weak. In the if-none-match
// of GET and HEAD this holds only for codings that the request accepts: a cache
// asks with all the tags that it holds, whichever client it asks for.
//
// # Secrets
//
// The length of a compressed reply tells how much of it is repeated. If a reply
// holds a secret beside something that an attacker chose, and the attacker can
// make a victim's browser ask for it often and watch the lengths, the secret
// can be guessed piece by piece (the BREACH attack), whatever TLS does. Against it:
//
//   - A request that a page of another site caused (sec-fetch-site: cross-site)
//     and that carries a cookie, or credentials that a browser adds by itself,
//     is answered without compression; see [Config.CrossSite]. This fails open:
//     old browsers don't say where a request comes from.
//   - Mark responses that hold a secret which does not change from reply to reply,
//     with [Secret] or, for whole routes, [Off]. Masked tokens change and need no
//     mark.
//
// # Memory
//
// Encoders are kept for the next reply, at most about as many as are used at
// once. Complete bodies hold one only while they are compressed. For streams see
// [Config.Streams]. No client can ask for more.
package compress
