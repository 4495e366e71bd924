package raxx

import "testing"

func TestRedirect(t *testing.T) {
	tests := []struct{ name, location, want string }{
		{"a path", "/users?page=2#top", "/users?page=2#top"},
		{"a URI with an IPv6 address", "https://u@[::1]:8/a;b=(c)", "https://u@[::1]:8/a;b=(c)"},
		{"an escape stays", "/a%2Fb%0d", "/a%2Fb%0d"},
		{"CR and LF", "/\r\nset-cookie: a=b", "/%0D%0Aset-cookie:%20a=b"},
		{"NUL and DEL", "/\x00\x7f", "/%00%7F"},
		{"8-bit octets", "/ü", "/%C3%BC"},
		{"a backslash, which browsers take for a slash", `/\evil.example`, "/%5Cevil.example"},
		{"quotes and brackets", "/\"<>^`{|}", "/%22%3C%3E%5E%60%7B%7C%7D"},
		{"a space at the begin", " //a", "%20//a"},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, Response{Status: 307, Header: Header{{"location", tt.want}}}, Redirect(307, tt.location))
		})
	}
	diff(t, Redirect(303, "/a"), SeeOther("/a"))
}

func TestBack(t *testing.T) {
	tests := []struct{ name, method, referer, want string }{
		{"the page", "POST", "https://a.org/notes?page=2", "/notes?page=2"},
		{"the page, of a link", "GET", "https://a.org/notes?page=2", "/notes?page=2"},
		{"the page itself, of a form", "POST", "https://a.org/vote", "/vote"},
		{"the page itself, of a link", "GET", "https://a.org/vote", "/"},
		{"the page itself, with an empty query", "GET", "https://a.org/vote?", "/"},
		{"not told", "POST", "", "/"},
		{"the origin only", "POST", "https://a.org", "/"},
		{"another site", "POST", "https://evil.org/notes", "/"},
		{"a site that begins like it", "POST", "https://a.org.evil.org/", "/"},
		{"a user in front", "POST", "https://a.org@evil.org/", "/"},
		{"another port", "POST", "https://a.org:8443/notes", "/"},
		{"another scheme", "POST", "http://a.org/notes", "/"},
		{"a path that is another site in a location", "POST", "https://a.org//evil.org/", "/"},
		{"a backslash", "POST", `https://a.org/\evil.org/`, "/%5Cevil.org/"},
		{"a path alone", "POST", "/notes", "/"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req := New(tt.method, "https://a.org/vote", nil)
			if tt.referer != "" {
				req = req.With("referer", tt.referer)
			}
			diff(t, SeeOther(tt.want), Back(req, "/"))
		})
	}
}
