package raxx

import "testing"

func TestNew(t *testing.T) {
	tests := []struct {
		target string
		want   Request
	}{
		{"/users?page=2", Request{Scheme: "http", Authority: "localhost", Path: "/users", Query: "page=2"}},
		{"", Request{Scheme: "http", Authority: "localhost", Path: "/"}},
		{"?a=b?c", Request{Scheme: "http", Authority: "localhost", Path: "/", Query: "a=b?c"}},
		{"HTTPS://Example.ORG:8443/A%2Fb?q", Request{Scheme: "https", Authority: "example.org:8443", Path: "/A%2Fb", Query: "q"}},
		{"http://a?q=://x", Request{Scheme: "http", Authority: "a", Path: "/", Query: "q=://x"}},
		{"/go?to=http://a/", Request{Scheme: "http", Authority: "localhost", Path: "/go", Query: "to=http://a/"}},
		{"http://a#b?c", Request{Scheme: "http", Authority: "a", Path: "/"}},
		{"/a#http://b/c", Request{Scheme: "http", Authority: "localhost", Path: "/a"}},
		{"/a#b?c", Request{Scheme: "http", Authority: "localhost", Path: "/a"}},
	}
	for _, tt := range tests {
		t.Run(tt.target, func(t *testing.T) {
			tt.want.Method = "GET"
			diff(t, tt.want, Get(tt.target))
		})
	}
}

func TestRequestConstructors(t *testing.T) {
	typed := Header{{"content-type", "text/plain"}}
	for method, req := range map[string]Request{
		"POST":  Post("/a", "text/plain", Data("x")),
		"PUT":   Put("/a", "text/plain", Data("x")),
		"PATCH": Patch("/a", "text/plain", Data("x")),
	} {
		diff(t, Request{Method: method, Scheme: "http", Authority: "localhost", Path: "/a", Header: typed, Body: Data("x")}, req)
	}
	diff(t, Header(nil), Post("/a", "", nil).Header)
	diff(t, "HEAD", Head("/").Method)
	diff(t, "DELETE", Delete("/").Method)
	wantPanic[*FieldError](t, func() { Post("/", "text/plain\r\nx: y", nil) })
}

func TestRequestChangesACopy(t *testing.T) {
	base := Get("/").Add("a", "1")
	diff(t, Header{{"a", "2"}}, base.With("a", "2").Header)
	diff(t, Header(nil), base.Without("a").Header)
	diff(t, Body(Data("x")), base.WithBody(Data("x")).Body)
	diff(t, Params{{"a", "b"}}, base.WithParams(Param{"a", "b"}).Params)
	diff(t, Get("/").Add("a", "1"), base)
}

func TestRequestAddress(t *testing.T) {
	tests := []struct{ url, target, host, port string }{
		{"http://example.org/a?b", "/a?b", "example.org", "80"},
		{"https://example.org/", "/", "example.org", "443"},
		{"https://example.org:8443/", "/", "example.org", "8443"},
		{"http://[2001:db8::1]/", "/", "[2001:db8::1]", "80"},
		{"http://[2001:db8::1]:81/", "/", "[2001:db8::1]", "81"},
	}
	for _, tt := range tests {
		r := Get(tt.url)
		got := []string{r.URL(), r.Target(), r.Host(), r.Port()}
		diff(t, []string{tt.url, tt.target, tt.host, tt.port}, got)
	}
	diff(t, "http://localhost", New("OPTIONS", "*", nil).URL())
}
