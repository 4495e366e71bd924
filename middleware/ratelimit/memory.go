package ratelimit

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// DefaultKeys is how many keys a [Memory] remembers by default: at about 300 bytes
// each, 20 MB.
const DefaultKeys = 1 << 16

// maxKey is the longest key that is kept as it is.
const maxKey = 64

// A Memory keeps buckets in this process. When there are more keys than it may
// remember, it forgets the one that has not been seen for longest: an attacker with
// so many keys is not bounded by one of them anyway. Any number of goroutines may
// use it.
type Memory struct {
	policy Policy
	limit  rate.Limit
	most   int

	mu      sync.Mutex
	buckets map[string]*bucket
	recent  bucket // the head of a ring: next is the bucket that was seen last
}

// A bucket is that of one key.
type bucket struct {
	key        string
	tokens     *rate.Limiter
	prev, next *bucket
}

// NewMemory returns a store of a policy, for at most so many keys; if keys is zero,
// for [DefaultKeys]. It panics if keys or a field of the policy is negative.
func NewMemory(p Policy, keys int) *Memory {
	if keys < 0 {
		panic(fmt.Sprintf("ratelimit: a memory of %d keys", keys))
	}
	if keys == 0 {
		keys = DefaultKeys
	}
	p = p.filled()
	m := &Memory{policy: p, limit: rate.Limit(p.perSecond()), most: keys, buckets: make(map[string]*bucket)}
	m.recent.prev, m.recent.next = &m.recent, &m.recent
	return m
}

// Policy returns the policy.
func (m *Memory) Policy() Policy { return m.policy }

// Keys returns how many keys are remembered.
func (m *Memory) Keys() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.buckets)
}

// Take takes a token. Its error is always nil.
func (m *Memory) Take(_ context.Context, key string) (Decision, error) {
	if len(key) > maxKey {
		sum := sha256.Sum256([]byte(key))
		key = "sha256:" + string(sum[:])
	}
	now := time.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.bucket(key)
	allowed := b.tokens.AllowN(now, 1)
	left := b.tokens.TokensAt(now)
	d := Decision{Allowed: allowed, Remaining: int(left), Reset: m.time(float64(m.policy.Requests) - left)}
	if !allowed {
		d.Retry = m.time(1 - left)
	}
	return d, nil
}

// time returns how long it takes until so many tokens have come back.
func (m *Memory) time(tokens float64) time.Duration {
	return time.Duration(max(tokens, 0) / float64(m.limit) * float64(time.Second))
}

// bucket returns the bucket of a key, as the one that was seen last. The lock is
// held.
func (m *Memory) bucket(key string) *bucket {
	b := m.buckets[key]
	if b == nil {
		b = m.add(strings.Clone(key)) // which may be a piece of a whole request
	} else {
		b.prev.next, b.next.prev = b.next, b.prev
	}
	b.prev, b.next = &m.recent, m.recent.next
	b.prev.next, b.next.prev = b, b
	return b
}

// add makes a bucket, in the place of the oldest one if there are too many.
func (m *Memory) add(key string) *bucket {
	if len(m.buckets) >= m.most {
		oldest := m.recent.prev
		oldest.prev.next, oldest.next.prev = oldest.next, oldest.prev
		delete(m.buckets, oldest.key)
	}
	b := &bucket{key: key, tokens: rate.NewLimiter(m.limit, m.policy.Requests)}
	m.buckets[key] = b
	return b
}
