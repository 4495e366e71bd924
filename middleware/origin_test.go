package middleware

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var originTestTable = map[string]bool{
	"https://a.org":         true,
	"http://localhost:3000": true,
	"http://127.0.0.1":      true,
	"https://[2001:db8::1]": true,
	"https://xn--bcher.org": true,
	"https://a_b.org":       true,
	"app+x.1://host":        true,
	"https://a.org:443":     false,
	"http://a.org:80":       false,
	"http://a.org:443":      true,
	"https://a.org:080":     false,
	"https://a.org:":        false,
	"https://a.org:x":       false,
	"https://a.org:12345":   true,
	"https://a.org:123456":  false,
	"https://a.org:80":      true,
	"https://a.org/":        false,
	"https://a.org?x":       false,
	"https://a.org#x":       false,
	"https://u@a.org":       false,
	"https://u:p@a.org":     false,
	"https://A.org":         false,
	"HTTPS://a.org":         false,
	"https://a..org":        false,
	"https://.a.org":        false,
	"https://[::1":          false,
	"https://[]":            false,
	"https://::1]":          false,
	"https://[::g]":         false,
	"https://[::1]x":        false,
	"https://a.org\\x":      false,
	"https://a.org, x":      false,
	"https://*.a.org":       false,
	"https://bücher.org":    false,
	"https://":              false,
	"://a.org":              false,
	"1http://a.org":         false,
	"a-b://host":            true,
	"-a://host":             false,
	"a_b://host":            false,
	"a{://host":             false,
	"https://a{.org":        false,
	"a.org":                 false,
	"null":                  false,
	"file://":               false,
	"":                      false,
}

func TestParseOrigin(t *testing.T) {
	for text, want := range originTestTable {
		if _, ok := parseOrigin(text); ok != want {
			t.Errorf("parseOrigin(%q) = %v, want %v", text, ok, want)
		}
	}
}

// What is accepted is what net/url reads in the same way, and nothing else in it.
func FuzzParseOrigin(f *testing.F) {
	for text := range originTestTable {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		origin, ok := parseOrigin(text)
		if !ok {
			return
		}
		if origin.String() != text {
			t.Errorf("%q was read as %q", text, origin)
		}
		u, err := url.Parse(text)
		if err != nil {
			return // such as an address in brackets that is none
		}
		if diff := cmp.Diff(&url.URL{Scheme: origin.scheme, Host: origin.authority}, u); diff != "" {
			t.Errorf("net/url reads %q differently: %s", text, diff)
		}
	})
}
