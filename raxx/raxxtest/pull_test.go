package raxxtest_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// reader is a machine that has a body read, and tells what it is told.
func reader(from ...raxx.Body) raxx.Response {
	return raxx.Response{Status: 200, Body: raxx.NewMachine(from, func(from []raxx.Body, event raxx.Event) ([]raxx.Body, []raxx.Part) {
		switch event := event.(type) {
		case raxx.Open, raxx.Info:
			if len(from) > 0 {
				return from[1:], []raxx.Part{raxx.Pull{Name: "it", From: from[0]}}
			}
		case raxx.Pulled:
			if event.End {
				return from, []raxx.Part{raxx.Data("/" + event.Cause.String())}
			}
			return from, []raxx.Part{event.Data}
		}
		return from, nil
	})}
}

func TestAdvanceBringsPieces(t *testing.T) {
	for name, test := range map[string]struct {
		from raxx.Body
		want []raxx.Part
	}{
		"chunks":                  {raxxtest.Chunks("one", "", "two"), []raxx.Part{raxx.Data("one"), raxx.Data("two"), raxx.Data("/none")}},
		"a body that breaks off":  {raxxtest.Broken(errors.New("dry"), "one"), []raxx.Part{raxx.Data("one"), raxx.Data("/dry")}},
		"nothing":                 {raxx.Data(""), []raxx.Part{raxx.Data("/none")}},
		"one that never was read": {raxx.Machine{}, []raxx.Part{raxx.Data("/" + raxx.ErrMachine.Error())}},
	} {
		t.Run(name, func(t *testing.T) {
			x := raxxtest.Start(reader(test.from))
			x.Take()
			var got []raxx.Part
			for range test.want {
				parts := x.Advance(0)
				if len(parts) != 1 {
					t.Fatalf("Advance has brought %v behind %v", parts, got)
				}
				got = append(got, parts...)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if parts := x.Advance(0); len(parts) > 0 {
				t.Errorf("behind the end there is %v", parts)
			}
		})
	}
}

// noting yields "a" without end, and notes that it was let go.
func noting(ended *bool) raxx.Body {
	return raxx.NewStream(-1, func(yield func([]byte, error) bool) {
		for yield([]byte("a"), nil) {
		}
		*ended = true
	})
}

func TestPullIsReplaced(t *testing.T) {
	var ended bool
	x := raxxtest.Start(reader(noting(&ended), raxx.Data("b"), nil))
	x.Advance(0)
	x.Send(raxx.Info{})
	if !ended {
		t.Error("the first body is still read")
	}
	if diff := cmp.Diff([]raxx.Part{raxx.Data("b")}, x.Advance(0)); diff != "" {
		t.Error(diff)
	}
	x.Send(raxx.Info{})
	if got := x.Advance(0); len(got) > 0 {
		t.Errorf("what was ended brings %v", got)
	}
}

func TestPullEndsWithTheExchange(t *testing.T) {
	var ended bool
	x := raxxtest.Start(reader(noting(&ended)))
	x.Advance(0)
	x.Send(raxx.Closed{Reason: raxx.ClientGone})
	if !ended {
		t.Error("the body is still read")
	}
}

// Run asks nobody: what comes is among its events.
func TestRunPullsNothing(t *testing.T) {
	asked := raxx.NewStream(-1, func(func([]byte, error) bool) { t.Error("the body is read") })
	got := raxxtest.Run(reader(asked), raxx.Pulled{Name: "it", Data: "one"}, raxx.Pulled{Name: "it", End: true})
	want := []raxx.Part{raxx.Response{Status: 200}, raxx.Pull{Name: "it", From: asked}, raxx.Data("one"), raxx.Data("/none")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
