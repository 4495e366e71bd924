// Package ratelimit bounds how often somebody may ask: a [Limit] is a middleware
// that gives each key (an address, a user, an API key) a quota, and answers 429
// when it is used up.
//
//	login := ratelimit.Limit{Policy: ratelimit.Policy{Requests: 5, Per: time.Minute}}
//
//	router.Post("/login", logIn).With(login.Middleware())
//
// # Model
//
// A key has a bucket of tokens. A request takes one; they come back steadily, so
// that a bucket that was empty is full again after [Policy.Per]. Who asks evenly
// is never refused, and there is no edge of a window at which twice the quota
// fits through at once. Who has not asked for a while finds a full bucket, and what
// comes back meanwhile: twice the quota at the most within Per, and the quota in
// each Per from then on.
//
// The buckets are in a [Store]. [Memory] keeps them in this process, for a bounded
// number of keys, on golang.org/x/time/rate. Several processes that share a
// quota need a store that they share: two methods.
//
// # Fields
//
// Replies carry ratelimit-policy and ratelimit
// (draft-ietf-httpapi-ratelimit-headers), a refusal retry-after, too.
//
// # Limits
//
// If nothing is said, 300 requests a minute for each address, and 65,536 keys in
// memory ([DefaultKeys]): beyond that the one is forgotten that was not seen for
// longest.
//
// # What it refuses to do
//
// Nobody is made to wait: who is over the quota is told so at once. It believes no
// field about who asks; that is for [middleware.ClientAddress] to find out.
package ratelimit
