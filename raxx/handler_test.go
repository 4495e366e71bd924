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

// What was made of a list does not change with it.
func TestListsOfArgumentsAreCopied(t *testing.T) {
	params := []Param{{"id", "1"}}
	req := Get("/").WithParams(params...)
	parts := []FormPart{{Name: "a", Body: streamOf("1")}}
	_, form := MultipartBody(parts...)
	name := func(name string) Middleware {
		return MapResponse(func(resp Response) Response { return resp.Add("by", name) })
	}
	stack := []Middleware{name("a")}
	stacked := Stack(stack...)

	teapot := []func(error) Response{func(error) Response { return Text(418, "") }}
	tried := Try(func(Request) (Response, error) { return Response{}, errCut }, teapot...)

	params[0].Value, parts[0].Body, stack[0], teapot[0] = "2", Data("2"), name("b"), nil
	diff(t, 418, tried(req).Status)
	diff(t, "1", req.Params.Get("id"))
	diff(t, NoContent().Add("by", "a"), stacked(func(Request) Response { return NoContent() })(req))
	data, err := ReadAll(form, 0)
	diff(t, nil, err)
	if !strings.Contains(string(data), "\r\n1\r\n") {
		t.Errorf("the form is %q, want the part that it was made of", data)
	}
	diff(t, Params(nil), Get("/").WithParams(params[:0]...).Params)
}
