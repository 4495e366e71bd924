package middleware

import (
	"crypto/rand"
	"reflect"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// A sessionKeeper reads and writes the sessions of one middleware.
type sessionKeeper[T any] struct {
	session Session[T]
	config  SessionConfig[T]
	carrier sessionCarrier
	name    string
}

func newSessionKeeper[T any](s Session[T], c SessionConfig[T]) *sessionKeeper[T] {
	if s.state.Equal(raxx.Key[sessionState[T]]{}) {
		panic("middleware: Session: it is not one that NewSession made")
	}
	c.check()
	return &sessionKeeper[T]{s, c, c.carrier(), c.name()}
}

// A sessionVisit is one request, with the session that it came with.
type sessionVisit[T any] struct {
	keeper *sessionKeeper[T]
	req    raxx.Request
	value  string // of the cookie; "" if it is that of no session
	stored []byte // the record as it was kept
	found  sessionRecord[T]
}

func (k *sessionKeeper[T]) serve(req raxx.Request, next raxx.Handler) raxx.Response {
	value, stored, found, err := k.load(req)
	if err != nil {
		return raxx.Problem(raxx.StatusServiceUnavailable, "the session can't be read at the moment").WithCause(err)
	}
	if found.set {
		req = k.session.state.Set(req, found.state())
	}
	if len(found.flashes) > 0 {
		req = flashesKey.Set(req, found.flashes)
	}
	resp := next(req)
	deferred := !hasHead(&resp)
	if !deferred && len(resp.Do) == 0 && !found.exists() {
		return protectSession(resp, false, false)
	}
	visit := &sessionVisit[T]{k, req, value, stored, found}
	// What came with a deferred response counts when the head comes.
	orders, resp := k.take(resp)
	return raxx.OnHead(resp, func(head raxx.Response) raxx.Response {
		late, head := k.take(head)
		written, err := visit.commit(head, orders.and(late))
		switch {
		case err == nil:
			return written
		case deferred && head.Body == nil:
			// What follows the head comes anyway.
			return head.WithStatus(raxx.StatusInternalServerError).WithCause(err)
		}
		return raxx.Problem(raxx.StatusInternalServerError, "").WithCause(err)
	})
}

// load returns the session of the request, as it was kept, too, and the value of
// its cookie.
func (k *sessionKeeper[T]) load(req raxx.Request) (value string, stored []byte, found sessionRecord[T], err error) {
	value, ok := singleCookie(req, k.name)
	if !ok {
		return "", nil, found, nil
	}
	stored, err = k.carrier.load(req, value)
	if err != nil {
		return "", nil, found, err
	}
	found, ok = decodeSession[T](stored)
	if !ok || found.expired(time.Now(), k.config.idle(), k.config.lifetime()) {
		return "", nil, sessionRecord[T]{}, nil
	}
	return value, stored, found, nil
}

// sessionOrders are what a response says of the session.
type sessionOrders[T any] struct {
	changes []sessionChange[T]
	flashes []Flash
}

func (o sessionOrders[T]) and(p sessionOrders[T]) sessionOrders[T] {
	return sessionOrders[T]{append(o.changes[:len(o.changes):len(o.changes)], p.changes...), append(o.flashes[:len(o.flashes):len(o.flashes)], p.flashes...)}
}

// take takes the orders out of the response.
func (k *sessionKeeper[T]) take(resp raxx.Response) (o sessionOrders[T], rest raxx.Response) {
	if len(resp.Do) == 0 {
		return o, resp
	}
	o.changes, resp = k.session.change.Take(resp)
	o.flashes, resp = flashNote.Take(resp)
	return o, resp
}

// commit carries out the orders and returns the head with the cookie.
func (v *sessionVisit[T]) commit(head raxx.Response, o sessionOrders[T]) (raxx.Response, error) {
	now := time.Now()
	stale := v.found.exists() && now.Sub(v.found.seen) >= v.keeper.config.idle()/8
	if len(o.changes)+len(o.flashes)+len(v.found.flashes) == 0 && !stale {
		return v.protect(head, false), nil
	}
	if v.found.exists() {
		// The handler may have changed what is behind the pointers of its value:
		// what counts as the value before is what was kept.
		v.found, _ = decodeSession[T](v.stored)
	}
	record, renew := v.apply(o.changes)
	shown := len(record.flashes) > 0 && flashesShown(v.req, head)
	if shown {
		record.flashes = nil
	}
	record.flashes = newestFlashes(record.flashes, o.flashes)

	changed := shown || renew || len(o.flashes) > 0 || len(o.changes) > 0 && !reflect.DeepEqual(record.value, v.found.value)
	switch {
	case !record.set && len(record.flashes) == 0:
		return v.end(head, len(o.changes) > 0)
	case !changed && (!stale || isPublic(head)):
		return v.protect(head, false), nil
	}
	return v.write(head, record, renew || !v.found.exists(), now)
}

// apply returns the record as the changes leave it, and reports whether it needs a
// new identifier.
func (v *sessionVisit[T]) apply(changes []sessionChange[T]) (record sessionRecord[T], renew bool) {
	record = v.found
	if len(changes) == 0 {
		return record, false
	}
	for _, change := range changes {
		record.value, record.set = change.value, change.kind != sessionEnd
		renew = renew || change.kind != sessionSet
		if change.kind == sessionEnd {
			record.flashes = nil
		}
	}
	return record, renew || record.set != v.found.set || v.keeper.principalChanged(v.found.value, record.value)
}

func (k *sessionKeeper[T]) principalChanged(before, after T) bool {
	if k.config.Principal == nil {
		return !reflect.DeepEqual(before, after)
	}
	return k.config.Principal(before) != k.config.Principal(after)
}

// write keeps the record, under a new identifier if it is fresh.
func (v *sessionVisit[T]) write(head raxx.Response, record sessionRecord[T], fresh bool, now time.Time) (raxx.Response, error) {
	record.seen = now
	if fresh {
		rand.Read(record.id[:])
		record.begun = now
	}
	ttl := min(v.keeper.config.idle(), v.keeper.config.lifetime()-now.Sub(record.begun))
	if ttl <= 0 {
		// Its lifetime has ended while the head was still to come.
		return v.protect(head, false), nil
	}
	data, err := record.encode()
	if err == nil {
		err = v.keeper.carrier.fits(data)
	}
	if err != nil {
		return head, err
	}
	value, err := v.keep(data, fresh, ttl)
	if err != nil {
		return head, err
	}
	if value == "" {
		// The browser has the cookie of the other request: it stays.
		return v.protect(head, false), nil
	}
	return v.protect(head.WithCookie(v.keeper.config.cookie(value, ttl)), true), nil
}

// keep hands the record to the carrier and returns the value of the cookie. It is
// "" if another request has ended the session meanwhile, or given it a new
// identifier.
func (v *sessionVisit[T]) keep(data []byte, fresh bool, ttl time.Duration) (string, error) {
	carrier := v.keeper.carrier
	if !fresh {
		return carrier.keep(v.req, v.value, data, ttl)
	}
	if v.value != "" {
		if there, err := carrier.drop(v.req, v.value); err != nil || !there {
			return "", err
		}
	}
	return carrier.begin(v.req, data, ttl)
}

// end forgets the session. A browser without one is told so only if the handler
// said it: its cookie may be good on another server, which has a newer secret.
func (v *sessionVisit[T]) end(head raxx.Response, said bool) (raxx.Response, error) {
	_, sent := v.req.Cookie(v.keeper.name)
	if !v.found.exists() && (!said || !sent) {
		return v.protect(head, false), nil
	}
	if v.value != "" {
		if _, err := v.keeper.carrier.drop(v.req, v.value); err != nil {
			return head, err
		}
	}
	return v.protect(head.WithCookie(v.keeper.config.cookie("", -time.Second)), true), nil
}

func (v *sessionVisit[T]) protect(head raxx.Response, cookie bool) raxx.Response {
	return protectSession(head, v.found.exists(), cookie)
}

// protectSession keeps caches from giving the response to somebody else
// (CVE-2023-30861): one to a browser that has a session, or gets a cookie.
func protectSession(head raxx.Response, session, cookie bool) raxx.Response {
	switch {
	case cookie:
		head = keepPrivate(head)
	case isPublic(head):
		return head
	case session:
		head = head.Default("cache-control", "private")
	}
	return varyOn(head, "cookie")
}
