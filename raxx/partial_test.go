package raxx

import (
	"fmt"
	"testing"
)

func TestPartial(t *testing.T) {
	ten := Text(200, "0123456789")
	file := NewFile(testFiles, "ten")
	offered := func(resp Response) Response { return resp.With("accept-ranges", "bytes") }
	part := func(resp Response, body Body, of string) Response {
		return offered(resp).WithStatus(206).WithBody(body).With("content-range", of)
	}
	get := func(fields ...string) Request {
		req := Get("/")
		for i := 0; i < len(fields); i += 2 {
			req = req.With(fields[i], fields[i+1])
		}
		return req
	}
	tagged := ten.With("etag", `"a"`).With("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT")
	tests := []struct {
		name string
		req  Request
		resp Response
		want Response
	}{
		{"all of it", get(), ten, offered(ten)},
		{"a part", get("range", "bytes=2-4"), ten, part(ten, Data("234"), "bytes 2-4/10")},
		{"to the end", get("range", "bytes=8-"), ten, part(ten, Data("89"), "bytes 8-9/10")},
		{"a part of a file", get("range", "bytes=2-4"), ten.WithBody(file.Range(0, 10)),
			part(ten, file.Range(2, 3), "bytes 2-4/10")},
		{"a part of a part of a file", get("range", "bytes=-2"), ten.WithBody(file.Range(5, 4)),
			part(ten, file.Range(7, 2), "bytes 2-3/4")},
		{"an empty file", get(), ten.WithBody(file.Range(0, 0)), offered(ten).WithBody(file.Range(0, 0))},
		{"no body that somebody wrote as Data", get("range", "bytes=0-"), Response{Status: 200, Body: Data("")}, Response{Status: 200, Body: Data("")}},
		{"several parts", get("range", "bytes=0-0,2-2"), ten, offered(ten)},
		{"a part of the version that the client has", get("range", "bytes=0-0", "if-range", `"a"`), tagged,
			part(tagged, Data("0"), "bytes 0-0/10")},
		{"a part by its date", get("range", "bytes=0-0", "if-range", "Sun, 06 Nov 1994 08:49:37 GMT"), tagged,
			part(tagged, Data("0"), "bytes 0-0/10")},
		{"all of another version", get("range", "bytes=0-0", "if-range", `"b"`), tagged, offered(tagged)},
		{"no such part", get("range", "bytes=10-"), ten,
			Problem(416, "the body has 10 bytes").With("content-range", "bytes */10")},
		{"a length of its own", get("range", "bytes=1-1"), ten.With("content-length", "10"),
			part(ten, Data("1"), "bytes 1-1/10")},
		{"digests", get("range", "bytes=1-1"), ten.With("content-digest", "sha-256=:whole:").With("repr-digest", "sha-256=:whole:"),
			part(ten.With("repr-digest", "sha-256=:whole:"), Data("1"), "bytes 1-1/10")},
		{"HEAD", Head("/").With("range", "bytes=2-4"), ten, offered(ten)},
		{"POST", Post("/", "a/b", nil).With("range", "bytes=2-4"), ten, ten},
		{"another status", get("range", "bytes=0-1"), ten.WithStatus(404), ten.WithStatus(404)},
		{"no body", get("range", "bytes=0-1"), Response{Status: 200}, Response{Status: 200}},
		{"a stream", get("range", "bytes=0-1"), ten.WithBody(NewStream(10, nil)), ten.WithBody(NewStream(10, nil))},
		{"a file of unknown length", get("range", "bytes=0-1"), ten.WithBody(file), ten.WithBody(file)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, tt.want, Partial(tt.req, tt.resp).WithCause(nil))
		})
	}
}

// What Partial sends is what content-range says.
func FuzzPartial(f *testing.F) {
	f.Add("bytes=2-4", "0123456789")
	f.Add("bytes=-2", "a")
	f.Add("bytes=0-0,3-", "abcdef")
	f.Fuzz(func(t *testing.T, field, text string) {
		whole := Response{Status: 200}.WithBody(Data(text))
		got := Partial(Request{Method: "GET", Header: Header{{"range", field}}}, whole)
		switch got.Status {
		case 200:
			diff(t, whole.Body, got.Body)
		case 206:
			var first, last, length int
			_, err := fmt.Sscanf(got.Header.Get("content-range"), "bytes %d-%d/%d", &first, &last, &length)
			if err != nil || length != len(text) {
				t.Fatalf("content-range is %q, %v", got.Header.Get("content-range"), err)
			}
			diff(t, Body(Data(text[first:last+1])), got.Body)
		case 416:
		default:
			t.Fatalf("status %d", got.Status)
		}
	})
}
