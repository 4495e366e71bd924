package ratelimit

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
)

// A Limit answers clients that ask too often with 429 (RFC 6585, Section 4). It
// belongs behind what finds out who the client is ([middleware.ClientAddress], or
// the authentication, if Key is the user), and in front of what costs: in
// particular in front of whatever checks passwords.
//
// It fails closed: if the store does not answer, the reply is 503, unless
// FailOpen is set and the client still waits. The fields about the quota are set
// by [raxx.OnHead] on every kind of reply. A request counts when it comes,
// whatever becomes of it; a stream and a machine count once.
type Limit struct {
	// Name tells quotas apart in the fields. It consists of letters, digits, "-"
	// and "_". If empty, "default".
	Name string
	// Policy is the quota of a store in memory that Middleware makes if Store is
	// nil.
	Policy Policy
	// Store keeps the buckets.
	Store Store
	// Key returns whose quota counts. If nil, [ByAddress].
	Key func(raxx.Request) string
	// FailOpen lets requests through if the store does not answer, except those of
	// clients that have left.
	FailOpen bool
	// Quiet leaves out the fields, except retry-after.
	Quiet bool
}

// Middleware returns the middleware. All handlers that it is put around share
// the quota. It panics if the configuration can't be meant.
func (l Limit) Middleware() raxx.Middleware {
	if l.Name == "" {
		l.Name = "default"
	}
	for _, c := range []byte(l.Name) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && c != '-' && c != '_' {
			panic(fmt.Sprintf("ratelimit: the name %q holds %q", l.Name, c))
		}
	}
	if l.Store == nil {
		l.Store = NewMemory(l.Policy, 0)
	} else if l.Policy != (Policy{}) {
		panic("ratelimit: the policy is that of the store: set one of the two")
	}
	if l.Key == nil {
		l.Key = ByAddress
	}
	policy := policyField(l.Name, l.Store.Policy())
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response { return l.answer(next, req, policy) }
	}
}

func (l *Limit) answer(next raxx.Handler, req raxx.Request, policy string) raxx.Response {
	d, err := l.take(req)
	switch {
	case err != nil && l.FailOpen && req.Context().Err() == nil:
		// Who has left has made the store fail: it would get past any limit.
		return next(req)
	case err != nil:
		return raxx.Problem(raxx.StatusServiceUnavailable, "").With("retry-after", "1").WithCause(err)
	case !d.Allowed:
		resp := raxx.Problem(raxx.StatusTooManyRequests, "there were too many requests; try again later").
			With("retry-after", seconds(max(d.Retry, 1)))
		return l.tell(resp, d, policy)
	case l.Quiet:
		return next(req)
	}
	return raxx.OnHead(next(req), func(resp raxx.Response) raxx.Response { return l.tell(resp, d, policy) })
}

// take asks the store. A memory does not wait, so it is not handed a context,
// which costs the server something to make.
func (l *Limit) take(req raxx.Request) (Decision, error) {
	if m, ok := l.Store.(*Memory); ok {
		return m.Take(context.Background(), l.Key(req))
	}
	return l.Store.Take(req.Context(), l.Key(req))
}

// tell adds the fields about the quota. Those of another Limit stay: both are
// members of a list.
func (l *Limit) tell(resp raxx.Response, d Decision, policy string) raxx.Response {
	if l.Quiet {
		return resp
	}
	h := make(raxx.Header, len(resp.Header), len(resp.Header)+2)
	copy(h, resp.Header)
	resp.Header = append(h,
		raxx.Field{Name: "ratelimit-policy", Value: policy},
		raxx.Field{Name: "ratelimit", Value: decisionField(l.Name, d)})
	return resp
}

// ByAddress is the key by which each address has its own quota: that which
// [middleware.ClientAddress] found, or else that of the connection. Of IPv6, a
// network of 64 bits counts as one, since a client has all of its addresses. All
// clients whose address is not known share one quota.
func ByAddress(req raxx.Request) string {
	ip, ok := middleware.ClientIP.Lookup(req)
	if !ok {
		ip = middleware.PeerIP(req)
	}
	if !ip.IsValid() {
		return "unknown"
	}
	if ip.Is6() {
		ip = netip.PrefixFrom(ip.WithZone(""), 64).Masked().Addr()
	}
	return ip.String()
}
