package raxx

import (
	"testing"
	"time"
)

func TestPrecondition(t *testing.T) {
	const now, before, after = "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:36 GMT", "Sun, 06 Nov 1994 08:49:38 GMT"
	etag, weak, none := ETag{Tag: "a"}, ETag{Weak: true, Tag: "a"}, ETag{}
	modified := someDate.Add(500 * time.Millisecond)
	type h = Header
	tests := []struct {
		name     string
		method   string
		header   Header
		etag     ETag
		modified time.Time
		want     int
	}{
		{"13.1 no condition", "GET", nil, etag, modified, 0},

		{"13.1.1 If-Match holds", "PUT", h{{"if-match", `"b", "a"`}}, etag, modified, 0},
		{"13.1.1 If-Match fails", "PUT", h{{"if-match", `"b"`}}, etag, modified, 412},
		{"13.1.1 If-Match fails for a GET", "GET", h{{"if-match", `"b"`}}, etag, modified, 412},
		{"13.1.1 If-Match compares strongly", "PUT", h{{"if-match", `W/"a"`}}, weak, modified, 412},
		{"13.1.1 If-Match * holds if there is a version", "PUT", h{{"if-match", "*"}}, none, modified, 0},
		{"13.1.1 If-Match * fails if there is none", "PUT", h{{"if-match", "*"}}, none, time.Time{}, 412},
		{"13.1.1 If-Match fails without a tag", "PUT", h{{"if-match", `""`}}, none, modified, 412},
		{"13.1.1 If-Match that is malformed fails", "PUT", h{{"if-match", "a"}}, etag, modified, 412},

		{"13.1.2 If-None-Match holds", "GET", h{{"if-none-match", `"b"`}}, etag, modified, 0},
		{"13.1.2 If-None-Match fails for a GET", "GET", h{{"if-none-match", `"a"`}}, etag, modified, 304},
		{"13.1.2 If-None-Match fails for a HEAD", "HEAD", h{{"if-none-match", `"a"`}}, etag, modified, 304},
		{"13.1.2 If-None-Match fails for a PUT", "PUT", h{{"if-none-match", `"a"`}}, etag, modified, 412},
		{"13.1.2 If-None-Match compares weakly", "GET", h{{"if-none-match", `"a"`}}, weak, modified, 304},
		{"13.1.2 If-None-Match * to create", "PUT", h{{"if-none-match", "*"}}, none, time.Time{}, 0},
		{"13.1.2 If-None-Match * where it exists", "PUT", h{{"if-none-match", "*"}}, etag, time.Time{}, 412},

		{"13.1.3 modified since", "GET", h{{"if-modified-since", before}}, none, modified, 0},
		{"13.1.3 not modified since", "GET", h{{"if-modified-since", now}}, none, modified, 304},
		{"13.1.3 not modified since a later date", "GET", h{{"if-modified-since", after}}, none, modified, 304},
		{"13.1.3 only for GET and HEAD", "POST", h{{"if-modified-since", now}}, none, modified, 0},
		{"13.1.3 a malformed date does not count", "GET", h{{"if-modified-since", "today"}}, none, modified, 0},
		{"13.1.3 two dates do not count", "GET", h{{"if-modified-since", now}, {"if-modified-since", now}}, none, modified, 0},
		{"13.1.3 no date of the version", "GET", h{{"if-modified-since", now}}, etag, time.Time{}, 0},

		{"13.1.4 unmodified since", "PUT", h{{"if-unmodified-since", now}}, none, modified, 0},
		{"13.1.4 modified since", "PUT", h{{"if-unmodified-since", before}}, none, modified, 412},
		{"13.1.4 a malformed date does not count", "PUT", h{{"if-unmodified-since", "x"}}, none, modified, 0},
		{"13.1.4 no date of the version", "PUT", h{{"if-unmodified-since", before}}, etag, time.Time{}, 0},

		{"13.2.1 OPTIONS has no conditions", "OPTIONS", h{{"if-match", `"b"`}}, etag, modified, 0},
		{"13.2.1 TRACE has none", "TRACE", h{{"if-match", `"b"`}}, etag, modified, 0},
		{"13.2.1 CONNECT has none", "CONNECT", h{{"if-match", `"b"`}}, etag, modified, 0},
		{"13.2.2 If-Match wins over If-Unmodified-Since", "PUT", h{{"if-match", `"a"`}, {"if-unmodified-since", before}}, etag, modified, 0},
		{"13.2.2 If-None-Match wins over If-Modified-Since", "GET", h{{"if-none-match", `"b"`}, {"if-modified-since", now}}, etag, modified, 0},
		{"13.2.2 If-Match comes before If-None-Match", "GET", h{{"if-none-match", `"a"`}, {"if-match", `"b"`}}, etag, modified, 412},
		{"13.2.2 both hold and fail", "GET", h{{"if-match", `"a"`}, {"if-none-match", `"a"`}}, etag, modified, 304},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, tt.want, Precondition(Request{Method: tt.method, Header: tt.header}, tt.etag, tt.modified))
		})
	}
}

func TestConditional(t *testing.T) {
	page := HTML(200, "<p>").With("etag", `"a"`).With("last-modified", FormatDate(someDate)).
		With("cache-control", "no-cache").With("content-language", "en").WithTrailer("t", "1")
	notModified := Response{Status: 304, Header: Header{
		{"etag", `"a"`}, {"last-modified", "Sun, 06 Nov 1994 08:49:37 GMT"}, {"cache-control", "no-cache"},
	}}
	tests := []struct {
		name string
		req  Request
		resp Response
		want Response
	}{
		{"no condition", Get("/"), page, page},
		{"by tag", Get("/").With("if-none-match", `W/"a"`), page, notModified},
		{"by date", Head("/").With("if-modified-since", FormatDate(someDate)), page, notModified},
		{"a digest of the content", Get("/").With("if-none-match", `"a"`), page.With("content-digest", "sha-256=:x:"), notModified},
		{"another tag", Get("/").With("if-none-match", `"b"`), page, page},
		{"412", Get("/").With("if-match", `"b"`), page, Problem(412, "")},
		{"not for a POST", Post("/", "a/b", nil).With("if-none-match", `"a"`), page, page},
		{"not for another status", Get("/").With("if-none-match", `"a"`), page.WithStatus(203), page.WithStatus(203)},
		{"not without tag and date", Get("/").With("if-match", "*"), Text(200, ""), Text(200, "")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { diff(t, tt.want, Conditional(tt.req, tt.resp)) })
	}
}

// The work has been done, and what it asked for besides the reply with it:
// a session that has begun, a message to others.
func TestEffectsOutliveTheReplyTheyCameWith(t *testing.T) {
	do := []Effect{Publish{"visits", "1"}, NewKey[int]("visits").Note(1)}
	page := Text(200, "0123456789").With("etag", `"a"`).WithDo(do...)
	for status, req := range map[int]Request{
		200: Get("/"),
		206: Get("/").With("range", "bytes=0-1"),
		304: Get("/").With("if-none-match", `"a"`),
		412: Get("/").With("if-match", `"b"`),
		416: Get("/").With("range", "bytes=10-"),
	} {
		got := Partial(req, Conditional(req, page))
		diff(t, status, got.Status)
		diff(t, do, got.Do)
	}
}
