package raxx

import "testing"

func TestCollect(t *testing.T) {
	tests := []struct {
		name  string
		parts []Part
		want  Response
		err   string
	}{
		{"a complete response is itself", []Part{Text(200, "x")}, Text(200, "x"), ""},
		{"reads a stream", []Part{Reply(200, "a/b", streamOf("a", "b"))}, Reply(200, "a/b", Data("ab")), ""},
		{"takes the trailer of a stream",
			[]Part{Response{Status: 200, Body: streamOf("a").WithTrailer(func() Header { return Header{{"t", "1"}} })}},
			Response{Status: 200, Body: Data("a"), Trailer: Header{{"t", "1"}}}, ""},
		{"joins the data", []Part{Response{Status: 200}, Data("a"), Data("b"), Tail{}}, Response{Status: 200, Body: Data("ab")}, ""},
		{"takes the tail", []Part{Response{Status: 200}.WithTrailer("a", "1"), Tail{Header{{"b", "2"}}}},
			Response{Status: 200, Trailer: Header{{"a", "1"}, {"b", "2"}}}, ""},
		{"an empty body is nil", []Part{Response{Status: 200, Body: Data("")}}, Response{Status: 200}, ""},
		{"no part", nil, Response{}, "raxx: a response in parts begins with a Response, and there is no part"},
		{"no head", []Part{Data("x")}, Response{}, "raxx: a response in parts begins with a Response, not with raxx.Data"},
		{"two heads", []Part{Text(200, ""), Text(200, "")}, Response{}, "raxx: part 1 of a response is a raxx.Response, and neither Data nor a Tail"},
		{"data behind the tail", []Part{Response{}, Tail{}, Data("x")}, Response{}, "raxx: part 2, a raxx.Data, comes behind the Tail"},
		{"a request", []Part{Response{}, Get("/")}, Response{}, "raxx: part 1 of a response is a raxx.Request, and neither Data nor a Tail"},
		{"the error of the body", []Part{Response{Body: NewStream(-1, chunksOf(errCut))}}, Response{}, errCut.Error()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Collect(tt.parts...)
			diff(t, tt.want, got)
			diff(t, tt.err, textOf(err))
		})
	}
}

func TestStreamTrailerBeforeItsTime(t *testing.T) {
	diff(t, Header(nil), streamOf("a").Trailer())
}
