package raxxtest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// A machine gets what is published from its Subscribe on, and until its
// Unsubscribe, also if all of it is in one list of parts.
func TestSubscribeCountsFromNowOn(t *testing.T) {
	publish := func(message string) raxx.Part { return raxx.Publish{Topic: "t", Message: message} }
	step := func(n int, event raxx.Event) (int, []raxx.Part) {
		switch event := event.(type) {
		case raxx.Open:
			return n, []raxx.Part{publish("before "), raxx.Subscribe{Topic: "t"}, publish("between ")}
		case raxx.Data:
			return n, []raxx.Part{publish("late "), raxx.Unsubscribe{Topic: "t"}, publish("behind ")}
		case raxx.Info:
			return n, []raxx.Part{raxx.Data(event.Message)}
		}
		return n, nil
	}
	x := raxxtest.Start(raxx.Reply(200, "text/plain", raxx.NewMachine(0, step)))
	x.Send(raxx.Data("go on"))
	if diff := cmp.Diff(raxx.Data("between "), x.Content()); diff != "" {
		t.Error(diff)
	}
}
