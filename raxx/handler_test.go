package raxx

import (
	"strings"
	"testing"
)

func TestStack(t *testing.T) {
	mark := func(name string) Middleware {
		return func(next Handler) Handler {
			return func(req Request) Response {
				resp := next(req.Add("in", name))
				return resp.Add("out", name)
			}
		}
	}
	echo := func(req Request) Response {
		var in []string
		for v := range req.Header.Values("in") {
			in = append(in, v)
		}
		return Text(200, strings.Join(in, " "))
	}
	diff(t, Text(200, "a b c").Add("out", "c").Add("out", "b").Add("out", "a"),
		Stack(mark("a"), mark("b"), mark("c"))(echo)(Get("/")))
	diff(t, Text(200, ""), Stack()(echo)(Get("/")))
}

func TestMapMiddleware(t *testing.T) {
	stack := Stack(
		MapRequest(func(r Request) Request { return r.With("a", "1") }),
		MapResponse(func(r Response) Response { return r.With("b", "2") }),
	)
	h := stack(func(r Request) Response { return Text(200, r.Header.Get("a")) })
	diff(t, Text(200, "1").With("b", "2"), h(Get("/")))
}
