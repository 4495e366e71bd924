package middleware_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// A testBrowser keeps cookies by their name, and nothing else of what a browser
// does. It does not look at dates: a server has to.
type testBrowser struct {
	handler raxx.Handler
	jar     map[string]string
}

func newTestBrowser(h raxx.Handler) *testBrowser { return &testBrowser{h, map[string]string{}} }

// do sends the request with the cookies, and keeps those of the response.
func (b *testBrowser) do(t testing.TB, req raxx.Request) raxx.Response {
	t.Helper()
	resp := b.handler(b.with(req))
	for value := range resp.Header.Values("set-cookie") {
		c, err := raxx.ParseSetCookie(value)
		if err != nil {
			t.Fatal(err)
		}
		if b.jar[c.Name] = c.Value; c.MaxAge < 0 || !c.Expires.IsZero() && c.Expires.Unix() <= 0 {
			delete(b.jar, c.Name)
		}
	}
	return resp
}

// with returns the request with the cookies.
func (b *testBrowser) with(req raxx.Request) raxx.Request {
	for _, name := range slices.Sorted(maps.Keys(b.jar)) {
		req = req.WithCookie(name, b.jar[name])
	}
	return req
}

// get returns the body of a page.
func (b *testBrowser) get(t testing.TB, target string) string {
	t.Helper()
	body, _ := b.do(t, raxx.Get(target)).Body.(raxx.Data)
	return string(body)
}

// copy returns a browser with the same cookies: somebody who has stolen them, or
// the same one in another request at the same time.
func (b *testBrowser) copy() *testBrowser { return &testBrowser{b.handler, maps.Clone(b.jar)} }
