package raxxtest

import (
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
