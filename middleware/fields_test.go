package middleware

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
)

func TestVaryOn(t *testing.T) {
	tests := map[string]struct{ header, want raxx.Header }{
		"none before":        {nil, raxx.Header{{Name: "vary", Value: "origin, cookie"}}},
		"one of them before": {raxx.Header{{Name: "vary", Value: "accept, Origin"}}, raxx.Header{{Name: "vary", Value: "accept, Origin"}, {Name: "vary", Value: "cookie"}}},
		"both before":        {raxx.Header{{Name: "vary", Value: "cookie,origin"}}, raxx.Header{{Name: "vary", Value: "cookie,origin"}}},
		"everything before":  {raxx.Header{{Name: "vary", Value: "*"}}, raxx.Header{{Name: "vary", Value: "*"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, varyOn(raxx.Response{Header: test.header}, "origin", "cookie").Header); diff != "" {
				t.Error(diff)
			}
		})
	}
}
