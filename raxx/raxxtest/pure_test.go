package raxxtest

import (
	"strings"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

func TestPure(t *testing.T) {
	Pure(t, raxx.Defer(raxx.NewMachine(0, count)), raxx.Data("a"), raxx.Data("b"), raxx.Tail{})
	Pure(t, room(raxx.Get("/a")), raxx.Open{}, raxx.Info{Message: "a"}, raxx.Drain{})
	Pure(t, raxx.Defer(saying(nil, parts{raxx.Text(200, "").WithBody(Chunks("a"))})), raxx.Info{})

	shared := func(seen map[string]int, event raxx.Event) (map[string]int, []raxx.Part) {
		if info, ok := event.(raxx.Info); ok {
			seen[info.Message]++
			return seen, parts{raxx.Data(strings.Repeat("x", seen[info.Message]))}
		}
		return seen, nil
	}
	var r recorder
	Pure(&r, raxx.Defer(raxx.NewMachine(map[string]int{}, shared)), raxx.Info{Message: "a"})
	Pure(&r, raxx.NoContent())
	n := 0
	Pure(&r, raxx.Defer(raxx.NewMachine(0, func(int, raxx.Event) (int, []raxx.Part) {
		n++
		return 0, parts{raxx.Text(200, strings.Repeat("x", n))}
	})))
	Pure(&r, raxx.Defer(raxx.NewMachine(0, func(int, raxx.Event) (int, []raxx.Part) {
		n++
		return 0, parts{raxx.NoContent().WithTrailer("n", strings.Repeat("x", n))}
	})))
	Pure(&r, raxx.Defer(raxx.NewMachine(0, func(s int, _ raxx.Event) (int, []raxx.Part) {
		if n++; s == 0 {
			return 1, nil
		}
		return s, parts{raxx.Data(strings.Repeat("x", n))}
	})), raxx.Info{})
	if len(r.failures) != 5 || !strings.Contains(r.failures[0], "event 1, a raxx.Info: the step returns [x], and from the same state again [xx]") {
		t.Errorf("got %q", r.failures)
	}
}
