package ratelimit

import "context"

// A Store keeps the buckets. Its methods are called from many goroutines.
type Store interface {
	// Policy returns the quota of each key. It does not change.
	Policy() Policy
	// Take takes a token from the bucket of a key, if there is one. The key may
	// be of any length, and chosen by a client. An error means that the store
	// does not know.
	Take(ctx context.Context, key string) (Decision, error)
}

var _ Store = (*Memory)(nil)
