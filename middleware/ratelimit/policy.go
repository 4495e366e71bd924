package ratelimit

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// A Policy is a quota: so many requests in so much time.
type Policy struct {
	// Requests is how many requests there may be in Per in the long run, and how
	// many at once after a pause. If zero, 300.
	Requests int
	// Per is the time. If zero, a minute.
	Per time.Duration
}

// filled returns the policy with its defaults. It panics if it can't be meant.
func (p Policy) filled() Policy {
	if p.Requests < 0 || p.Per < 0 {
		panic(fmt.Sprintf("ratelimit: %d requests per %v: neither may be negative", p.Requests, p.Per))
	}
	if p.Requests == 0 {
		p.Requests = 300
	}
	if p.Per == 0 {
		p.Per = time.Minute
	}
	return p
}

// perSecond returns how fast tokens come back.
func (p Policy) perSecond() float64 { return float64(p.Requests) / p.Per.Seconds() }

// A Decision is what a store says of a request.
type Decision struct {
	// Allowed reports whether there was a token.
	Allowed bool
	// Remaining is how many tokens are left.
	Remaining int
	// Reset is the time until all are back.
	Reset time.Duration
	// Retry is the time until there is one for a request that was refused.
	Retry time.Duration
}

// policyField returns the value of ratelimit-policy. The name is checked.
func policyField(name string, p Policy) string {
	return `"` + name + `";q=` + strconv.Itoa(p.Requests) + ";w=" + seconds(p.Per)
}

// decisionField returns the value of ratelimit.
func decisionField(name string, d Decision) string {
	return `"` + name + `";r=` + strconv.Itoa(max(d.Remaining, 0)) + ";t=" + seconds(d.Reset)
}

// seconds returns d in whole seconds, rounded up: who comes then is not too
// early.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64(math.Ceil(max(d, 0).Seconds())), 10)
}
