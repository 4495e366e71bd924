package raxx

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestCookieString(t *testing.T) {
	tests := []struct {
		name   string
		cookie Cookie
		want   string
	}{
		{"safe by default", Cookie{Name: "a", Value: "1"}, "a=1; Path=/; HttpOnly; SameSite=Lax"},
		{"all of it",
			Cookie{
				Name: "a", Path: "/x", Domain: "example.org", MaxAge: time.Hour, Expires: someDate,
				Secure: true, Scriptable: true, Partitioned: true, SameSite: SameSiteNone,
			},
			"a=; Path=/x; Domain=example.org; Max-Age=3600; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Secure; SameSite=None; Partitioned"},
		{"strict", Cookie{Name: "a", SameSite: SameSiteStrict}, "a=; Path=/; HttpOnly; SameSite=Strict"},
		{"no SameSite", Cookie{Name: "a", SameSite: SameSiteUnset}, "a=; Path=/; HttpOnly"},
		{"rounds up", Cookie{Name: "a", MaxAge: 1500 * time.Millisecond}, "a=; Path=/; Max-Age=2; HttpOnly; SameSite=Lax"},
		{"rounds up to one", Cookie{Name: "a", MaxAge: 1}, "a=; Path=/; Max-Age=1; HttpOnly; SameSite=Lax"},
		{"drop it", Cookie{Name: "a", MaxAge: -1, Expires: someDate},
			"a=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, nil, tt.cookie.Check())
			diff(t, tt.want, tt.cookie.String())
		})
	}
}

func TestCookieCheck(t *testing.T) {
	tests := []struct {
		name   string
		cookie Cookie
		reason string // "" if it is accepted
	}{
		{"a quoted value", Cookie{Name: "a", Value: `"b"`}, ""},
		{"every octet that a value may hold", Cookie{Name: "a", Value: "!#$%&'()*+-./09:<=>?@AZ[]^_`az{|}~"}, ""},
		{"a domain", Cookie{Name: "a", Domain: "a-1.Example.org"}, ""},
		{"__Secure-", Cookie{Name: "__Secure-a", Secure: true, Path: "/x", Domain: "a.b"}, ""},
		{"__Host-", Cookie{Name: "__Host-a", Secure: true, Path: "/"}, ""},
		{"empty quotes", Cookie{Name: "a", Value: `""`}, ""},
		{"as long as it may be", Cookie{Name: "a", Value: strings.Repeat("x", 4095)}, ""},
		{"a path as long as it may be", Cookie{Name: "a", Path: "/~ " + strings.Repeat("x", 1021)}, ""},
		{"a domain as long as it may be", Cookie{Name: "a", Domain: strings.Repeat("x.", 511) + "xx"}, ""},
		{"a label as long as it may be", Cookie{Name: "a", Domain: strings.Repeat("x", 63) + ".org"}, ""},
		{"the first year", Cookie{Name: "a", Expires: time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC)}, ""},
		{"the last year", Cookie{Name: "a", Expires: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)}, ""},
		{"no name", Cookie{}, "the name is no token"},
		{"a name with a space", Cookie{Name: "a b"}, "the name is no token"},
		{"a value with a space", Cookie{Name: "a", Value: "b c"}, `the value holds ' '`},
		{"a value with a semicolon", Cookie{Name: "a", Value: "b; Domain=x"}, `the value holds ';'`},
		{"a value with a comma", Cookie{Name: "a", Value: "b,c"}, `the value holds ','`},
		{"a value with a backslash", Cookie{Name: "a", Value: `b\`}, `the value holds '\\'`},
		{"a value with half a quote", Cookie{Name: "a", Value: `"`}, `the value holds '"'`},
		{"a value with a quote in front", Cookie{Name: "a", Value: `"b`}, `the value holds '"'`},
		{"a value with a quote at its end", Cookie{Name: "a", Value: `b"`}, `the value holds '"'`},
		{"a semicolon behind the first quote", Cookie{Name: "a", Value: `";b"`}, `the value holds ';'`},
		{"a semicolon before the last quote", Cookie{Name: "a", Value: `"b;"`}, `the value holds ';'`},
		{"an 8-bit value", Cookie{Name: "a", Value: "ü"}, `the value holds`},
		{"a value with CR and LF", Cookie{Name: "a", Value: "b\r\nx: y"}, `the value holds '\r'`},
		{"too long", Cookie{Name: "a", Value: strings.Repeat("x", 4096)}, "longer than 4096 bytes"},
		{"a path with a semicolon", Cookie{Name: "a", Path: "/;Secure"}, `the path holds ';'`},
		{"a path with LF", Cookie{Name: "a", Path: "/\n"}, `the path holds '\n'`},
		{"an 8-bit path", Cookie{Name: "a", Path: "/ü"}, "the path holds"},
		{"a path with DEL", Cookie{Name: "a", Path: "/\x7f"}, `the path holds '\x7f'`},
		{"a path that ends with a space", Cookie{Name: "a", Path: "/ "}, "the path ends with a space"},
		{"a path without a slash", Cookie{Name: "a", Path: "x"}, "does not begin"},
		{"a path that is too long", Cookie{Name: "a", Path: "/" + strings.Repeat("x", 1024)}, "longer than 1024 bytes"},
		{"a domain with a dot in front", Cookie{Name: "a", Domain: ".example.org"}, "no host name"},
		{"a domain with a semicolon", Cookie{Name: "a", Domain: "a;b"}, "no host name"},
		{"a domain that begins with a semicolon", Cookie{Name: "a", Domain: ";a"}, "no host name"},
		{"a domain with a hyphen in front", Cookie{Name: "a", Domain: "-a.org"}, "no host name"},
		{"a domain with a hyphen at its end", Cookie{Name: "a", Domain: "a-.org"}, "no host name"},
		{"a label that is too long", Cookie{Name: "a", Domain: strings.Repeat("x", 64) + ".org"}, "no host name"},
		{"a domain that is too long", Cookie{Name: "a", Domain: strings.Repeat("x.", 512) + "x"}, "longer than 1024 bytes"},
		{"a date before all dates", Cookie{Name: "a", Expires: time.Date(1600, 1, 1, 0, 0, 0, 0, time.UTC)}, "not between"},
		{"a date with five digits", Cookie{Name: "a", Expires: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, "not between"},
		{"__Secure- without Secure", Cookie{Name: "__Secure-a"}, "asks for Secure"},
		{"__Host- without Secure", Cookie{Name: "__Host-a"}, "asks for Secure"},
		{"the prefix alone", Cookie{Name: "__Host-"}, "asks for Secure"},
		{"__host- in lower case", Cookie{Name: "__host-a"}, "asks for Secure"},
		{"__Host- with a path", Cookie{Name: "__Host-a", Secure: true, Path: "/x"}, `asks for the path "/" and no domain`},
		{"__Host- with a domain", Cookie{Name: "__Host-a", Secure: true, Domain: "a.b"}, `asks for the path "/" and no domain`},
		{"SameSite=None without Secure", Cookie{Name: "a", SameSite: SameSiteNone}, "SameSite=None asks for Secure"},
		{"Partitioned without Secure", Cookie{Name: "a", Partitioned: true}, "Partitioned asks for Secure"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.cookie.Check()
			if tt.reason == "" {
				diff(t, nil, err)
				return
			}
			var fault *CookieError
			if !errors.As(err, &fault) || fault.Name != tt.cookie.Name || !strings.Contains(fault.Reason, tt.reason) {
				t.Errorf("Check = %v, want %q", err, tt.reason)
			}
			wantPanic[*CookieError](t, func() { Response{}.WithCookie(tt.cookie) })
		})
	}
}

func TestWithCookieReplaces(t *testing.T) {
	resp := Response{}.With("a", "b").With("x", "a=1").
		WithCookie(Cookie{Name: "a", Value: "1"}).WithCookie(Cookie{Name: "aa"}).WithCookie(Cookie{Name: "a", Value: "2"})
	diff(t, Header{
		{"a", "b"},
		{"x", "a=1"},
		{"set-cookie", "aa=; Path=/; HttpOnly; SameSite=Lax"},
		{"set-cookie", "a=2; Path=/; HttpOnly; SameSite=Lax"},
	}, resp.Header)
}

func TestWithoutCookie(t *testing.T) {
	resp := Response{}.WithCookie(Cookie{Name: "a", Value: "1"}).WithoutCookie("a", "__Host-b")
	diff(t, Header{
		{"set-cookie", "a=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax"},
		{"set-cookie", "__Host-b=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=Lax"},
	}, resp.Header)
}
