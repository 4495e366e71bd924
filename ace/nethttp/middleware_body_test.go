package nethttp_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// A middleware that puts a reader of its own around every body, as the limit of net/http
// does, makes none of what is none: a request for a WebSocket may have none.
func TestFromMiddlewareAroundNoBody(t *testing.T) {
	for name, row := range map[string]struct {
		around func(io.ReadCloser) io.ReadCloser
		want   string
	}{
		"nothing":           {func(body io.ReadCloser) io.ReadCloser { return http.MaxBytesReader(nil, body, 9) }, "no body, told [{Peer:{Address: Protocol: TLS:<nil>}} hi]"},
		"what it brings":    {func(io.ReadCloser) io.ReadCloser { return io.NopCloser(strings.NewReader("a")) }, "a <nil>"},
		"what it can't say": {func(io.ReadCloser) io.ReadCloser { return io.NopCloser(errReader{}) }, " 400 Bad Request: the body did not arrive whole: "},
	} {
		mw := around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
			r.Body = row.around(r.Body)
			next.ServeHTTP(w, r)
		})
		got := ""
		resp := mw(func(req raxx.Request) raxx.Response {
			if req.Body != nil {
				data, err := raxx.ReadAll(req.Body, 0)
				got = fmt.Sprint(data, " ", err)
				return raxx.NoContent()
			}
			var told []raxx.Event
			return raxx.Response{Status: 101, Header: raxx.Header{{Name: "upgrade", Value: "chat"}}, Body: reacts(func(event raxx.Event) []raxx.Part {
				told = append(told, event)
				got = fmt.Sprintf("no body, told %+v", told)
				return nil
			})}
		})(raxx.Get("/").With("upgrade", "chat"))
		if m, ok := resp.Body.(raxx.Machine); ok {
			m, _ = m.Step(raxx.Open{})
			m.Step(raxx.Data("hi"))
		}
		if !strings.HasPrefix(got, row.want) {
			t.Errorf("%s: got %q, want %q", name, got, row.want)
		}
	}
}
