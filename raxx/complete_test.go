package raxx

import (
	"strings"
	"testing"
)

func TestComplete(t *testing.T) {
	trailer := Header{{"digest", "x"}}
	echo := func(req Request) Response {
		return Response{Status: 200, Body: req.Body, Trailer: req.Trailer}
	}
	tests := []struct {
		name  string
		body  Body
		limit int64
		want  Response
	}{
		{"leaves no body alone", nil, 5, Response{Status: 200}},
		{"leaves data alone", Data("abc"), 0, Response{Status: 200, Body: Data("abc")}},
		{"refuses data over the default limit", Data(strings.Repeat("x", DefaultBodyLimit+1)), 0, tooLarge(DefaultBodyLimit).Response()},
		{"leaves any data alone without a limit", Data("abc"), -1, Response{Status: 200, Body: Data("abc")}},
		{"refuses data over the limit", Data("abc"), 2, tooLarge(2).Response()},
		{"reads a stream and its trailer",
			streamOf("a", "bc").WithTrailer(func() Header { return trailer }), 3,
			Response{Status: 200, Body: Data("abc"), Trailer: trailer}},
		{"makes nil of an empty stream", streamOf(), 5, Response{Status: 200}},
		{"refuses a stream over the limit", streamOf("abc"), 2, tooLarge(2).Response()},
		{"answers 400 if the body was cut", NewStream(-1, chunksOf(errCut, "a")), 5,
			Problem(400, "the body did not arrive whole").WithCause(errCut)},
		{"answers as the body's error says", NewStream(-1, chunksOf(&Error{Status: 408}, "a")), 5,
			(&Error{Status: 408}).Response()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, tt.want, Complete(tt.limit)(echo)(Post("/", "text/plain", tt.body)))
		})
	}
	diff(t, Response{Status: 200}, Complete(0)(echo)(Request{Body: Data("")})) // nil, as Post would have made it
}
