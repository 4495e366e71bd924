package raxx

import "testing"

func TestResponseConstructors(t *testing.T) {
	tests := []struct {
		name      string
		got, want Response
	}{
		{"Text", Text(200, "hi"), Response{Status: 200, Header: Header{{"content-type", "text/plain; charset=utf-8"}}, Body: Data("hi")}},
		{"HTML", HTML(404, "<p>"), Response{Status: 404, Header: Header{{"content-type", "text/html; charset=utf-8"}}, Body: Data("<p>")}},
		{"Reply without a media type", Reply(200, "", Data("x")), Response{Status: 200, Body: Data("x")}},
		{"Reply", Reply(200, "image/png", nil), Response{Status: 200, Header: Header{{"content-type", "image/png"}}}},
		{"NoContent", NoContent(), Response{Status: 204}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { diff(t, tt.want, tt.got) })
	}
}

func TestResponseChangesACopy(t *testing.T) {
	base := Text(200, "x")
	changed := base.With("a", "1").Add("a", "2").Default("a", "3").Default("b", "4").Without("content-type").
		WithStatus(201).WithBody(Data("y")).WithTrailer("t", "5").WithCause(errCut)
	diff(t, Response{
		Status: 201, Header: Header{{"a", "1"}, {"a", "2"}, {"b", "4"}}, Body: Data("y"),
		Trailer: Header{{"t", "5"}}, Cause: NewCause(errCut),
	}, changed)
	diff(t, Text(200, "x"), base)
}

func TestResponsesRefuseWhatWouldSplitTheMessage(t *testing.T) {
	for _, bad := range []string{"text/plain\r\nset-cookie: a=b", "a\nb", "a\x00b"} {
		wantPanic[*FieldError](t, func() { Reply(200, bad, nil) })
		wantPanic[*FieldError](t, func() { Attachment("f", bad, nil) })
		wantPanic[*FieldError](t, func() { Response{}.WithTrailer("x", bad) })
		wantPanic[*FieldError](t, func() { Response{}.With(bad, "v") })
		wantPanic[*CookieError](t, func() { Response{}.WithCookie(Cookie{Name: "a", Value: bad}) })
		wantPanic[*CookieError](t, func() { Get("/").WithCookie("a", bad) })
	}
}

// Where a text is not refused, it is encoded.
func TestResponsesEncodeWhatWouldSplitTheMessage(t *testing.T) {
	const bad = "a\r\nset-cookie: a=b\x00"
	for name, resp := range map[string]Response{
		"Redirect":   Redirect(302, bad),
		"Attachment": Attachment(bad, "text/plain", nil),
		"Problem":    Problem(400, bad),
		"Instance":   ProblemDetails{Type: bad, Title: bad, Instance: bad, Extensions: map[string]any{bad: bad}}.Response(),
	} {
		for _, f := range resp.Header {
			if err := CheckField(f.Name, f.Value); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, c := range []byte(asData(resp.Body)) {
			if c < ' ' {
				t.Errorf("%s: the body holds %q", name, c)
			}
		}
	}
}

func TestWithDoKeepsWhatWasThere(t *testing.T) {
	base := NoContent().WithDo(Publish{"a", "1"})
	one, two := base.WithDo(Publish{"b", "2"}), base.WithDo(Publish{"c", "3"})
	diff(t, []Effect{Publish{"a", "1"}, Publish{"b", "2"}}, one.Do)
	diff(t, []Effect{Publish{"a", "1"}, Publish{"c", "3"}}, two.Do)
}
