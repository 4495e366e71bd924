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

	if _, isStream := body.(Stream); !isStream {
		t.Errorf("the body is a %T", body)
	}
	for range Chunks(body) {
		break
	}

	begun := false
	_, body = MultipartBody(FormPart{Name: "a", Body: NewStream(-1, func(func([]byte, error) bool) { begun = true })})
	diff(t, false, begun)
	_, err = ReadAll(body, -1)
	diff(t, nil, err)
	diff(t, true, begun)

	other, body := MultipartBody(FormPart{Name: "a", Body: NewStream(-1, chunksOf(errCut, "1"))})
	_, err = ReadAll(body, -1)
	diff(t, errCut.Error(), textOf(err))
	var last error
	for _, last = range Chunks(body) {
		// What is behind the error would look like the end of the form.
	}
	diff(t, errCut.Error(), textOf(last))
	if contentType == other {
		t.Errorf("two streams have the boundary of %s", other)
	}
}

func TestMultipartBodyCannotBeSplit(t *testing.T) {
	contentType, body := MultipartBody(FormPart{Name: "a b\r\n\r\nx", Filename: "b\x00\n\x7f"})
	got, err := readForm(Post("/", contentType, body), MultipartLimits{})
	diff(t, nil, err)
	diff(t, []readPart{{"a b%0D%0A%0D%0Ax", "b%00%0A%7F", "application/octet-stream", ""}}, got)
	wantPanic[*FieldError](t, func() { MultipartBody(FormPart{Name: "a", Header: Header{{"x", "a\r\nb"}}}) })
}

func TestMultipartBodyWithoutParts(t *testing.T) {
	contentType, body := MultipartBody()
	diff(t, Data("--"+strings.TrimPrefix(contentType, "multipart/form-data; boundary=")+"--\r\n"), asData(body))
}
