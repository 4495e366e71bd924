package raxx

import (
	"strings"
	"testing"
)

func TestMultipartBody(t *testing.T) {
	parts := []FormPart{
		{Name: "title", Body: Data("Cats\r\n--form-")},
		{Name: "empty"},
		{Name: `q"\ü`, Filename: `a".png`, Body: Data("\x00\xff")},
		{Name: "typed", Filename: "b", Header: Header{{"content-type", "image/png"}, {"content-disposition", "dropped"}}, Body: Data("1")},
	}
	want := []readPart{
		{"title", "", "", "Cats\r\n--form-"},
		{"empty", "", "", ""},
		{`q"\ü`, `a".png`, "application/octet-stream", "\x00\xff"},
		{"typed", "b", "image/png", "1"},
	}
	contentType, body := MultipartBody(parts...)
	if _, ok := body.(Data); !ok {
		t.Errorf("the body of complete parts is a %T", body)
	}
	got, err := readForm(Post("/", contentType, body), MultipartLimits{})
	diff(t, nil, err)
	diff(t, want, got)

	sameType, sameBody := MultipartBody(parts...)
	diff(t, contentType, sameType)
	diff(t, body, sameBody)
	if otherType, _ := MultipartBody(parts[:3]...); otherType == contentType {
		t.Error("other parts have the same boundary: it could be written into one")
	}
}

func TestMultipartBodyOfStreams(t *testing.T) {
	contentType, body := MultipartBody(FormPart{Name: "a", Body: streamOf("1", "2")}, FormPart{Name: "b", Body: Data("3")})
	got, err := readForm(Post("/", contentType, body), MultipartLimits{})
	diff(t, nil, err)
	diff(t, []readPart{{Name: "a", Content: "12"}, {Name: "b", Content: "3"}}, got)

	other, body := MultipartBody(FormPart{Name: "a", Body: NewStream(-1, chunksOf(errCut, "1"))})
	_, err = ReadAll(body, -1)
	diff(t, errCut.Error(), textOf(err))
	if contentType == other {
		t.Errorf("two streams have the boundary of %s", other)
	}
}

func TestMultipartBodyCannotBeSplit(t *testing.T) {
	contentType, body := MultipartBody(FormPart{Name: "a\r\n\r\nx", Filename: "b\x00\n"})
	got, err := readForm(Post("/", contentType, body), MultipartLimits{})
	diff(t, nil, err)
	diff(t, []readPart{{"a%0D%0A%0D%0Ax", "b%00%0A", "application/octet-stream", ""}}, got)
	wantPanic[*FieldError](t, func() { MultipartBody(FormPart{Name: "a", Header: Header{{"x", "a\r\nb"}}}) })
}

func TestMultipartBodyWithoutParts(t *testing.T) {
	contentType, body := MultipartBody()
	diff(t, Data("--"+strings.TrimPrefix(contentType, "multipart/form-data; boundary=")+"--\r\n"), asData(body))
}
