package raxxtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/raxx-go/raxx/raxx"
)

// A Trigger decides for which requests something goes wrong. It may be called
// from many goroutines at once.
type Trigger func(raxx.Request) bool

// Chaos makes something go wrong for the requests that the trigger chooses: fault
// is put around the handler for them. Other requests pass. Faults are [Answer],
// [Crash], [Cut], [Latency], or any middleware.
//
//	h = raxxtest.Chaos(raxxtest.Nth(2), raxxtest.Cut(100))(h)
func Chaos(when Trigger, fault raxx.Middleware) raxx.Middleware {
	return func(next raxx.Handler) raxx.Handler {
		faulty := fault(next)
		return func(req raxx.Request) raxx.Response {
			if when(req) {
				return faulty(req)
			}
			return next(req)
		}
	}
}

// Always is the trigger that chooses every request.
func Always(raxx.Request) bool { return true }

// Nth returns a trigger that chooses the requests with these numbers. The first
// request has the number one.
func Nth(numbers ...int64) Trigger {
	var count atomic.Int64
	return func(raxx.Request) bool {
		n := count.Add(1)
		return slices.Contains(numbers, n)
	}
}

// Every returns a trigger that chooses one in n requests, the nth first. It panics
// if n is less than one.
func Every(n int64) Trigger {
	if n < 1 {
		panic(fmt.Sprintf("raxxtest: Every of %d requests", n))
	}
	var count atomic.Int64
	return func(raxx.Request) bool { return count.Add(1)%n == 0 }
}

// Share returns a trigger that chooses a share of the requests, from 0 to 1. The
// same seed chooses the same ones.
func Share(share float64, seed uint64) Trigger {
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(seed, seed))
	return func(raxx.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		return random.Float64() < share
	}
}

// Answer is the fault that resp is answered, and the handler not asked.
func Answer(resp raxx.Response) raxx.Middleware {
	return func(raxx.Handler) raxx.Handler {
		return func(raxx.Request) raxx.Response { return resp }
	}
}

// Crash is the fault that the handler panics with v, when it has done its work.
func Crash(v any) raxx.Middleware {
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			next(req)
			panic(v)
		}
	}
}
