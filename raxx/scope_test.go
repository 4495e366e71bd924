package raxx

import (
	"context"
	"testing"
)

type countingSource struct{ asked []uint64 }

func (s *countingSource) ExchangeContext(id uint64) context.Context {
	s.asked = append(s.asked, id)
	return context.Background()
}

func TestContextIsMadeWhenAskedFor(t *testing.T) {
	source := &countingSource{}
	req := Get("/")
	req.Scope = NewScope(source, 7)
	_ = req.With("a", "b").Path
	diff(t, []uint64(nil), source.asked)
	req.Context()
	diff(t, []uint64{7}, source.asked)
}

func TestZeroScope(t *testing.T) {
	ctx := Get("/").Context()
	if ctx.Err() != nil || ctx.Done() != nil {
		t.Error("the context of the zero scope can end")
	}
}

func TestWithContextKeepsTheValues(t *testing.T) {
	type other struct{}
	key := NewKey[string]("k")
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), other{}, "below"))
	req := key.Set(Get("/"), "v").WithContext(ctx)
	cancel()
	if req.Context().Err() == nil {
		t.Error("the context did not end")
	}
	diff(t, "v", key.Get(req))
	v, ok := key.From(req.Context())
	diff(t, "v", v)
	diff(t, true, ok)
	diff(t, any("below"), req.Context().Value(other{}))
	diff(t, nil, req.Context().Value("unknown"))
}

// An endingSource notes for which exchange it was asked, and says that it is over.
type endingSource struct{ countingSource }

func (s *endingSource) OnExchangeEnd(id uint64, f func(Ending)) bool {
	s.asked = append(s.asked, id)
	f(Ending{Status: 200})
	return true
}

// The end of an exchange is not that of a context which somebody puts in its place.
func TestOnEnd(t *testing.T) {
	for _, scope := range []Scope{{}, NewScope(&countingSource{}, 7), Request{}.WithContext(t.Context()).Scope} {
		diff(t, false, scope.OnEnd(func(Ending) { t.Error("it was told") }))
	}
	source := &endingSource{}
	req := Request{Scope: NewScope(source, 7)}
	for _, scope := range []Scope{req.Scope, req.WithContext(t.Context()).Scope, req.WithContext(t.Context()).WithContext(t.Context()).Scope} {
		var told Ending
		diff(t, true, scope.OnEnd(func(e Ending) { told = e }))
		diff(t, Ending{Status: 200}, told)
	}
	diff(t, []uint64{7, 7, 7}, source.asked)
}

func TestScopeEqual(t *testing.T) {
	a, b := NewKey[int]("a"), NewKey[int]("b")
	one := Get("/")
	tests := []struct {
		name string
		x, y Request
		want bool
	}{
		{"empty", one, one, true},
		{"the same in another order", b.Set(a.Set(one, 1), 2), a.Set(b.Set(one, 2), 1), true},
		{"set again", a.Set(a.Set(one, 1), 2), a.Set(one, 2), true},
		{"another value", a.Set(one, 1), a.Set(one, 2), false},
		{"another key", a.Set(one, 1), b.Set(one, 1), false},
		{"one more", a.Set(one, 1), b.Set(a.Set(one, 1), 2), false},
		{"another context", one.WithContext(t.Context()), one, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, tt.want, tt.x.Scope.Equal(tt.y.Scope))
			diff(t, tt.want, tt.y.Scope.Equal(tt.x.Scope))
		})
	}
}
