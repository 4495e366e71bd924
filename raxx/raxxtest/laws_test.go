package raxxtest

import (
	"strings"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

func TestLawsPassGoodMiddleware(t *testing.T) {
	for name, mw := range map[string]raxx.Middleware{
		"nothing":     raxx.Stack(),
		"Complete":    raxx.Complete(0),
		"MapRequest":  raxx.MapRequest(func(r raxx.Request) raxx.Request { return r.With("a", "1") }),
		"MapResponse": raxx.MapResponse(func(r raxx.Response) raxx.Response { return r.Add("a", "1").Add("a", "2") }),
	} {
		t.Run(name, func(t *testing.T) { Laws(t, mw) })
	}
}

func TestLawsNameLawAndCase(t *testing.T) {
	var r recorder
	Laws(&r, raxx.MapResponse(func(r raxx.Response) raxx.Response { return r.WithStatus(201) }))
	if len(r.failures) == 0 || !strings.HasPrefix(r.failures[0], `law "the status stays", case "GET, answered by no body": it is 201`) {
		t.Errorf("got %q", r.failures)
	}
	if last := r.failures[len(r.failures)-1]; len(r.failures) > 100 || !strings.Contains(last, "more cases") {
		t.Errorf("got %d failures, the last is %q", len(r.failures), last)
	}
}
