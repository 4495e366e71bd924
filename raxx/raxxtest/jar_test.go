package raxxtest

import (
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// A row is a set-cookie field that comes from one URL, and whether the cookie
// goes to another.
func TestJar(t *testing.T) {
	for _, tt := range []struct {
		name, from, set, to string
		sent                bool
	}{
		{"5.1.3 the same host", "https://a.example/", "c=1", "https://a.example/", true},
		{"5.1.3 not hosts below", "https://a.example/", "c=1", "https://b.a.example/", false},
		{"5.1.3 hosts below with a domain", "https://a.example/", "c=1; Domain=a.example", "https://b.a.example/", true},
		{"5.1.3 with a dot, too", "https://a.example/", "c=1; Domain=.a.example", "https://b.a.example/", true},
		{"5.6.3 one dot is taken off", "https://a.example/", "c=1; Domain=..a.example", "https://a.example/", false},
		{"5.7 not for other domains", "https://a.example/", "c=1; Domain=b.example", "https://b.example/", false},
		{"5.1.3 not where only the end is the same", "https://a.example/", "c=1; Domain=a.example", "https://xa.example/", false},
		{"5.1.3 no address is below another", "https://2.1.1.1/", "c=1; Domain=1.1.1", "https://3.1.1.1/", false},
		{"5.1.4 below the path", "https://a.example/", "c=1; Path=/x", "https://a.example/x/y", true},
		{"5.1.4 the path itself", "https://a.example/", "c=1; Path=/x", "https://a.example/x", true},
		{"5.1.4 not beside it", "https://a.example/", "c=1; Path=/x", "https://a.example/xy", false},
		{"5.1.4 the folder, by default", "https://a.example/x/y", "c=1", "https://a.example/x/z", true},
		{"5.1.4 and no other", "https://a.example/x/y", "c=1", "https://a.example/z", false},
		{"5.8.3 without Secure also without TLS", "http://a.example/", "c=1", "http://a.example/", true},
		{"5.8.3 Secure not without TLS", "https://a.example/", "c=1; Secure", "http://a.example/", false},
		{"5.7 Secure not from without TLS", "http://a.example/", "c=1; Secure", "https://a.example/", false},
		{"5.8.3 the own machine is secure", "http://localhost/", "c=1; Secure", "http://localhost/", true},
		{"5.7 Max-Age of the past", "https://a.example/", "c=1; Max-Age=0", "https://a.example/", false},
		{"5.7 Expires in the past", "https://a.example/", "c=1; Expires=Fri, 31 Dec 1999 23:59:59 GMT", "https://a.example/", false},
		{"5.7 Expires in the future", "https://a.example/", "c=1; Expires=Sat, 01 Jan 2000 00:00:01 GMT", "https://a.example/", true},
		{"4.1.3.2 __Host-", "https://a.example/", "__Host-c=1; Secure; Path=/", "https://a.example/", true},
		{"4.1.3.2 __Host- without Secure", "https://a.example/", "__Host-c=1; Path=/", "https://a.example/", false},
		{"4.1.3.1 __Secure-", "https://a.example/", "__Secure-c=1; Secure", "https://a.example/", true},
		{"5.1.4 all paths, from a page at the top", "https://a.example/x", "c=1", "https://a.example/y", true},
		{"4.1.3.2 __Host- with a domain", "https://a.example/", "__Host-c=1; Secure; Path=/; Domain=a.example", "https://a.example/", false},
		{"4.1.3.2 __Host- without a path", "https://a.example/", "__Host-c=1; Secure", "https://a.example/", false},
		{"4.1.3.1 __Secure- without Secure", "https://a.example/", "__Secure-c=1", "https://a.example/", false},
		{"5.7 SameSite=None", "https://a.example/", "c=1; SameSite=None; Secure", "https://a.example/", true},
		{"5.7 SameSite=None without Secure", "https://a.example/", "c=1; SameSite=None", "https://a.example/", false},
		{"no cookie", "https://a.example/", "=1", "https://a.example/", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var j jar
			now := NewServer(nil).now
			j.keep(raxx.Get(tt.from), tt.set, now)
			if got := len(j.sent(raxx.Get(tt.to), now)) == 1; got != tt.sent {
				t.Errorf("sent: %v, want %v", got, tt.sent)
			}
		})
	}
}

// Those that differ in name, domain, path, or in whether they go to hosts below, are
// others (RFC 6265bis, 5.7).
func TestJarKeepsOneOfEach(t *testing.T) {
	var j jar
	now := NewServer(nil).now
	req := raxx.Get("https://a.example/x/y")
	for _, set := range []string{"a=1; Path=/", "b=3; Path=/", "a=2; Path=/x", "a=5; Path=/; Domain=a.example", "a=4; Path=/"} {
		j.keep(req, set, now)
	}
	var got []string
	for _, e := range j.sent(req, now) {
		got = append(got, e.Name+e.Value)
	}
	diff(t, []string{"a2", "b3", "a5", "a4"}, got)
	got = nil
	j.keep(raxx.Get("https://b.a.example/"), "a=6; Path=/", now) // of another host
	for _, e := range j.sent(req, now) {
		got = append(got, e.Name+e.Value)
	}
	diff(t, []string{"a2", "b3", "a5", "a4"}, got)
}

// Whoever answers in place of the site where there is no TLS can't put a cookie in the
// place of a secure one, nor before it (RFC 6265bis, 5.7).
func TestJarLeavesSecureCookiesAlone(t *testing.T) {
	now := NewServer(nil).now
	for _, tt := range []struct {
		from, set string
		kept      bool
	}{
		{"http://a.example/", "c=2; Path=/x", false},
		{"http://a.example/", "c=2; Path=/x/y", false},
		{"http://b.a.example/", "c=2; Domain=a.example; Path=/x", false},
		{"http://b.a.example/", "c=2; Path=/x", false},
		{"http://a.example/", "e=2; Domain=a.example", false},
		{"https://a.example/", "c=2; Path=/x/y", true},
		{"http://a.example/", "d=2; Path=/x", true},
		{"http://a.example/", "c=2; Path=/", true},
		{"http://xa.example/", "c=2; Path=/x", true},
	} {
		var j jar
		j.keep(raxx.Get("https://a.example/"), "c=1; Secure; Path=/x; Domain=a.example", now)
		j.keep(raxx.Get("https://a.example/"), "d=1; Path=/x; Domain=a.example", now)
		j.keep(raxx.Get("https://b.a.example/"), "e=1; Secure", now)
		j.keep(raxx.Get(tt.from), tt.set, now)
		if kept := len(j.entries) == 4; kept != tt.kept || !j.entries[0].Secure {
			t.Errorf("%s from %s: kept %v", tt.set, tt.from, kept)
		}
	}
}

// What another site causes gets the cookies that say so (RFC 6265bis, 5.6.7).
func TestSameSite(t *testing.T) {
	for _, tt := range []struct {
		set, method, mode string
		sent              bool
	}{
		{"c=1; SameSite=Strict", "GET", "navigate", false},
		{"c=1; SameSite=Lax", "GET", "navigate", true},
		{"c=1; SameSite=Lax", "GET", "cors", false},
		{"c=1; SameSite=Lax", "POST", "navigate", false},
		{"c=1", "POST", "navigate", false},
		{"c=1; SameSite=None; Secure", "POST", "cors", true},
	} {
		seen := false
		b := NewBrowser(func(req raxx.Request) raxx.Response {
			_, seen = req.Cookie("c")
			return raxx.NoContent().Add("set-cookie", tt.set)
		})
		b.Visit("/")
		b.Do(raxx.New(tt.method, "https://localhost/", nil).With("sec-fetch-site", "cross-site").With("sec-fetch-mode", tt.mode))
		if seen != tt.sent {
			t.Errorf("%s with %s %s: sent %v", tt.set, tt.method, tt.mode, seen)
		}
	}
}

// Nor does another site's page make this one set any others, unless it leads here
// (RFC 6265bis, 5.7).
func TestSameSiteIsSet(t *testing.T) {
	for _, tt := range []struct {
		set, site, mode string
		kept            bool
	}{
		{"c=1; SameSite=Lax", "cross-site", "cors", false},
		{"c=1", "cross-site", "cors", false},
		{"c=1; SameSite=Strict", "cross-site", "navigate", true},
		{"c=1; SameSite=Strict", "same-origin", "cors", true},
		{"c=1; SameSite=None; Secure", "cross-site", "cors", true},
	} {
		b := NewBrowser(func(raxx.Request) raxx.Response { return raxx.NoContent().Add("set-cookie", tt.set) })
		b.Do(raxx.Get("https://localhost/").With("sec-fetch-site", tt.site).With("sec-fetch-mode", tt.mode))
		if kept := len(b.Cookies()) == 1; kept != tt.kept {
			t.Errorf("%s with %s %s: kept %v", tt.set, tt.site, tt.mode, kept)
		}
	}
}
