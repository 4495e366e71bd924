package raxx

import (
	"context"
	"reflect"
)

// A Scope holds what belongs to an exchange but is not part of the message: how
// to learn that it is over, and the values that middleware set with a [Key].
// The zero Scope never ends and holds no value.
//
// Two scopes are equal if they hold equal values under the same keys; contexts
// are left out of the comparison.
type Scope struct {
	source ContextSource
	id     uint64
	values *scopeValue
}

// A ContextSource makes the context of an exchange when somebody asks for it.
// It is implemented by servers, so that an exchange whose context nobody asks
// for does not pay for one.
type ContextSource interface {
	// ExchangeContext returns the context of the exchange that the source
	// knows by id: the same one at every call, and one that has ended if the
	// exchange has. It may be called from any goroutine at any time.
	ExchangeContext(id uint64) context.Context
}

// NewScope returns the scope of the exchange that source knows by id. It is for
// servers; tests and middleware use [Request.WithContext].
func NewScope(source ContextSource, id uint64) Scope {
	return Scope{source: source, id: id}
}

// Context returns a context that ends when the client has gone away or the
// server has ended the exchange: after the last byte of the reply at the
// latest. The values of the scope can be found in it with [Key.From].
func (s Scope) Context() context.Context {
	ctx := context.Background()
	if s.source != nil {
		ctx = s.source.ExchangeContext(s.id)
	}
	if s.values != nil {
		ctx = &scopeContext{ctx, s.values}
	}
	return ctx
}

// Equal reports whether both scopes hold the same values.
func (s Scope) Equal(t Scope) bool {
	return s.values.within(t.values) && t.values.within(s.values)
}

// A scopeValue is a link in the list of an exchange's values, the newest first.
// Links are never changed, so requests share them.
type scopeValue struct {
	key  *keyID
	kept kept
	next *scopeValue
}

// lookup returns what is kept under the key, or nil.
func (v *scopeValue) lookup(key *keyID) kept {
	for ; v != nil; v = v.next {
		if v.key == key {
			return v.kept
		}
	}
	return nil
}

// A kept is a value of whatever type.
type kept interface{ any() any }

// A keptValue is a link together with its value, so that both take one
// allocation.
type keptValue[T any] struct {
	scopeValue
	value T
}

func (k *keptValue[T]) any() any { return k.value }

// within reports whether all that can be looked up in v is the same in w.
func (v *scopeValue) within(w *scopeValue) bool {
	for l := v; l != nil && v != w; l = l.next {
		mine, theirs := v.lookup(l.key), w.lookup(l.key)
		if theirs == nil || !reflect.DeepEqual(mine.any(), theirs.any()) {
			return false
		}
	}
	return true
}

// A scopeContext makes the values of a scope visible in its context.
type scopeContext struct {
	context.Context
	values *scopeValue
}

// Value returns the value of a scope's key, or asks the context below.
func (c *scopeContext) Value(key any) any {
	if id, ok := key.(*keyID); ok {
		if v := c.values.lookup(id); v != nil {
			return v // for Key.From
		}
	}
	return c.Context.Value(key)
}

// fixedContext is the source of a context that is there already. The end of the
// exchange is that of the scope which has been given the context.
type fixedContext struct {
	ctx   context.Context
	scope Scope
}

func (f fixedContext) ExchangeContext(uint64) context.Context { return f.ctx }

func (f fixedContext) OnExchangeEnd(_ uint64, end func(Ending)) bool { return f.scope.OnEnd(end) }
