package nethttp_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/raxx"
)

// A middleware that decodes a body, as those of echo and gin do, leaves the length that
// it had before. What was not decoded has the length that it says, whoever reads it on
// the way.
func TestLengthOfADecodedBody(t *testing.T) {
	var coded bytes.Buffer
	w := gzip.NewWriter(&coded)
	io.WriteString(w, strings.Repeat("hello", 100))
	w.Close()
	for name, row := range map[string]struct {
		fields map[string]string
		change func(*http.Request)
		want   string
	}{
		"decoded": {map[string]string{"Content-Encoding": "gzip"}, func(r *http.Request) { r.Body, _ = gzip.NewReader(r.Body) }, "500 -1"},
		"decoded, without its fields": {map[string]string{"Content-Encoding": "gzip"}, func(r *http.Request) {
			r.Body, _ = gzip.NewReader(r.Body)
			r.Header.Del("Content-Encoding")
			r.Header.Del("Content-Length")
		}, "500 -1"},
		"decoded, and says so": {map[string]string{"Content-Encoding": "gzip"}, func(r *http.Request) {
			r.Body, _ = gzip.NewReader(r.Body)
			r.ContentLength = 500
			r.Header.Del("Content-Encoding")
			r.Header.Set("Content-Length", "500")
		}, "500 500"},
		"watched": {nil, func(r *http.Request) { r.Body = io.NopCloser(r.Body) }, fmt.Sprint(coded.Len(), " ", coded.Len())},
		"limited": {map[string]string{"Content-Encoding": "gzip"}, func(r *http.Request) { r.Body = http.MaxBytesReader(nil, r.Body, 1000) },
			fmt.Sprint(coded.Len(), " ", coded.Len())},
		"left": {map[string]string{"Content-Encoding": "gzip"}, func(*http.Request) {}, fmt.Sprint(coded.Len(), " ", coded.Len())},
	} {
		mw := func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				row.change(r)
				next.ServeHTTP(w, r)
			})
		}
		tell := func(req raxx.Request) raxx.Response {
			length := raxx.Length(req.Body)
			data, err := raxx.ReadAll(req.Body, 0)
			if err != nil {
				return raxx.Text(500, err.Error())
			}
			return raxx.Text(200, fmt.Sprint(len(data), " ", length))
		}
		for under, h := range map[string]http.Handler{"ToHTTP": mw(to(tell)), "FromMiddleware": to(nethttp.FromMiddleware(mw)(tell))} {
			s := httptest.NewServer(h)
			r, err := http.NewRequest("POST", s.URL, bytes.NewReader(coded.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			for key, value := range row.fields {
				r.Header.Set(key, value)
			}
			resp, err := s.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(resp.Body)
			if string(got) != row.want || err != nil {
				t.Errorf("%s, %s: got %s, %v, want %s", under, name, got, err, row.want)
			}
			resp.Body.Close()
			s.Close()
		}
	}
}
