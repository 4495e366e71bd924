package raxx

import "context"

// A Key is a name under which middleware hands a value of type T to the
// handlers behind it. Make each key once, as a package variable:
//
//	var User = raxx.NewKey[Account]("user")
//
//	next(User.Set(req, account)) // in a middleware
//	account := User.Get(req)     // in a handler
//
// Two keys are the same only if they come from the same call of [NewKey].
type Key[T any] struct{ id *keyID }

type keyID struct{ name string }

// NewKey makes a key. The name is for people: it shows in String.
func NewKey[T any](name string) Key[T] { return Key[T]{&keyID{name}} }

// Set returns the request with v under the key. It panics if [NewKey] did not make
// the key.
func (k Key[T]) Set(r Request, v T) Request {
	r.Scope = k.In(r.Scope, v)
	return r
}

// In returns the scope with v under the key. It is what Set does, without the copy
// of a request:
//
//	req.Scope = User.In(req.Scope, account)
func (k Key[T]) In(s Scope, v T) Scope {
	if k.id == nil {
		panic("raxx: a value under a Key that NewKey did not make")
	}
	held := &keptValue[T]{value: v}
	held.scopeValue = scopeValue{k.id, held, s.values}
	s.values = &held.scopeValue
	return s
}

// Get returns the value under the key, or the zero T if there is none.
func (k Key[T]) Get(r Request) T {
	v, _ := k.Lookup(r)
	return v
}

// Lookup returns the value under the key, and reports whether there is one.
func (k Key[T]) Lookup(r Request) (T, bool) {
	return k.from(r.Scope.values.lookup(k.id))
}

// From returns the value under the key in a context that came from
// [Request.Context], and reports whether there is one.
func (k Key[T]) From(ctx context.Context) (T, bool) {
	return k.from(ctx.Value(k.id))
}

// from returns the value of what lookup has found.
func (k Key[T]) from(found any) (v T, ok bool) {
	held, ok := found.(*keptValue[T])
	if ok {
		v = held.value
	}
	return v, ok
}

// String returns the name.
func (k Key[T]) String() string {
	if k.id == nil {
		return ""
	}
	return k.id.name
}

// Equal reports whether both are the same key.
func (k Key[T]) Equal(l Key[T]) bool { return k.id == l.id }
