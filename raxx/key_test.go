package raxx

import "testing"

func TestKey(t *testing.T) {
	user, other := NewKey[string]("user"), NewKey[string]("user")
	before := Get("/")
	after := user.Set(before, "ada")

	diff(t, "ada", user.Get(after))
	diff(t, "", user.Get(before))
	diff(t, "", other.Get(after))
	_, ok := user.Lookup(before)
	diff(t, false, ok)
	_, ok = other.From(after.Context())
	diff(t, false, ok)

	diff(t, "grace", user.Get(user.Set(after, "grace")))
	diff(t, "ada", user.Get(after)) // the first request did not change
	after.Scope = user.In(after.Scope, "edsger")
	diff(t, "edsger", user.Get(after))
	diff(t, "user", user.String())
	diff(t, false, user.Equal(other))
	diff(t, true, user.Equal(user))
}

func TestZeroKey(t *testing.T) {
	var key Key[string]
	diff(t, "", key.String())
	diff(t, "", key.Get(Get("/")))
	defer func() {
		if recover() == nil {
			t.Error("Set on the zero Key did not panic")
		}
	}()
	key.Set(Get("/"), "v")
}

func TestKeyOfAnInterfaceMayHoldNil(t *testing.T) {
	key := NewKey[error]("err")
	err, ok := key.Lookup(key.Set(Get("/"), nil))
	diff(t, nil, err)
	diff(t, true, ok)
	err, ok = key.From(key.Set(Get("/"), nil).Context())
	diff(t, nil, err)
	diff(t, true, ok)
}
