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
// that a bucket that was empty is full again after [Policy.Per]. A client that asks
// evenly is never refused, and there is no edge of a window at which twice the
// quota fits through at once. A client that has not asked for a while finds a full
// bucket, and gets the tokens that come back meanwhile: twice the quota at the most
// within the first Per, and the quota in each Per from then on.
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
// By default, 300 requests a minute for each address, and 65,536 keys in memory
// ([DefaultKeys]): one more takes the place of the key that was not seen for
// longest.
//
// # What it refuses to do
//
// Nobody is made to wait: a client that is over the quota is told so at once. It
// believes no field about who the client is; that is for [middleware.ClientAddress]
// to find out.
package ratelimit
