package raxx

import (
	"strings"
	"testing"
	"time"
)

func TestCookies(t *testing.T) {
	tests := []struct {
		name   string
		header Header
		want   []Pair
	}{
		{"none", nil, nil},
		{"in order", Header{{"cookie", "b=2; a=1; b=3"}}, []Pair{{"b", "2"}, {"a", "1"}, {"b", "3"}}},
		{"over several fields", Header{{"cookie", "a=1"}, {"cookie", "b=2"}}, []Pair{{"a", "1"}, {"b", "2"}}},
		{"as they were sent", Header{{"cookie", `a="x y",\;b==;c=`}}, []Pair{{"a", `"x y",\`}, {"b", "="}, {"c", ""}}},
		{"without the space between", Header{{"cookie", "a=1;b=2 ;\tc=3"}}, []Pair{{"a", "1"}, {"b", "2"}, {"c", "3"}}},
		{"8-bit values", Header{{"cookie", "a=\xff"}}, []Pair{{"a", "\xff"}}},
		{"malformed pairs are skipped", Header{{"cookie", "; =x; y; a b=1; =__Host-a=1;;a=1"}}, []Pair{{"a", "1"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { diff(t, tt.want, Request{Header: tt.header}.Cookies()) })
	}
}

func TestCookiesHaveALimit(t *testing.T) {
	r := Get("/").With("cookie", strings.Repeat("a=1;", MaxCookies)+"b=2")
	diff(t, MaxCookies, len(r.Cookies()))
	_, ok := r.Cookie("b")
	diff(t, false, ok)
}

func TestCookie(t *testing.T) {
	r := Get("/").With("cookie", "a=1; b=2; a=3")
	for name, want := range map[string]string{"a": "1", "b": "2", "A": "", "c": ""} {
		got, ok := r.Cookie(name)
		diff(t, want, got)
		diff(t, want != "", ok)
	}
}

func TestRequestWithCookie(t *testing.T) {
	r := Get("/").WithCookie("a", "1").WithCookie("b", "2").WithCookie("a", "3")
	diff(t, Header{{"cookie", "a=3; b=2"}}, r.Header)
	wantPanic[*CookieError](t, func() { Get("/").WithCookie("a b", "1") })
	wantPanic[*CookieError](t, func() { Get("/").WithCookie("a", "1; b=2") })
}

func TestParseSetCookie(t *testing.T) {
	tests := []struct {
		name, text string
		want       Cookie
	}{
		{"bare", "a=1", Cookie{Name: "a", Value: "1", Scriptable: true, SameSite: SameSiteUnset}},
		{"all of it",
			"a=b=c; path=/x; DOMAIN=.Example.org; max-age=60; expires=Sun, 06 Nov 1994 08:49:37 GMT; secure; httponly; samesite=STRICT; partitioned",
			Cookie{Name: "a", Value: "b=c", Path: "/x", Domain: "example.org", MaxAge: time.Minute, Expires: someDate,
				Secure: true, Partitioned: true, SameSite: SameSiteStrict}},
		{"the last of two", "a=;Path=/x;Path=/y;HttpOnly", Cookie{Name: "a", Path: "/y", SameSite: SameSiteUnset}},
		{"a path without a slash", "a=;Path=/x;Path=y;HttpOnly", Cookie{Name: "a", SameSite: SameSiteUnset}},
		{"malformed attributes", "a=; Max-Age=+1; Max-Age=x; Expires=never; SameSite=maybe; what=ever; HttpOnly",
			Cookie{Name: "a", SameSite: SameSiteUnset}},
		{"a malformed one leaves that before it", "a=; Max-Age=60; Max-Age=x; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Expires=never; HttpOnly",
			Cookie{Name: "a", MaxAge: time.Minute, Expires: someDate, SameSite: SameSiteUnset}},
		{"a second", "a=; Max-Age=1; HttpOnly", Cookie{Name: "a", MaxAge: time.Second, SameSite: SameSiteUnset}},
		{"dropped", "a=; Max-Age=0; HttpOnly", Cookie{Name: "a", MaxAge: -time.Second, SameSite: SameSiteUnset}},
		{"longer than a number", "a=; Max-Age=99999999999999999999; HttpOnly",
			Cookie{Name: "a", MaxAge: 9223372036 * time.Second, SameSite: SameSiteUnset}},
		{"longer ago than a number", "a=; Max-Age=-99999999999999999999; HttpOnly",
			Cookie{Name: "a", MaxAge: -time.Second, SameSite: SameSiteUnset}},
		{"longer than a duration", "a=; Max-Age=9223372036854775807; HttpOnly",
			Cookie{Name: "a", MaxAge: 9223372036 * time.Second, SameSite: SameSiteUnset}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseSetCookie(tt.text)
			diff(t, nil, err)
			diff(t, tt.want, got)
		})
	}
	for _, text := range []string{"", "a", "=a", "a b=c", ";a=b"} {
		if c, err := ParseSetCookie(text); err == nil {
			t.Errorf("ParseSetCookie(%q) = %v, want an error", text, c)
		}
	}
}

func FuzzCookies(f *testing.F) {
	for _, s := range []string{
		"a=1; b=2", `a="x;y"; =; ;`, "a=b=c; Path=/x; Max-Age=-1", "__Host-a=1; Secure", "a=\x00",
		"a=1; Expires=Sun, 06 Nov 1994 08:49:37 GMT; SameSite=None; Domain=.x",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		pairs := Request{Header: Header{{"cookie", text}}}.Cookies()
		if len(pairs) > MaxCookies || len(pairs) > len(text) {
			t.Fatalf("%d cookies", len(pairs))
		}
		c, err := ParseSetCookie(text)
		if err != nil || c.Check() != nil {
			return
		}
		if err := CheckField("set-cookie", c.String()); err != nil {
			t.Fatalf("Check accepts %+v: %v", c, err)
		}
		again, err := ParseSetCookie(c.String())
		diff(t, nil, err)
		if c.Path == "" {
			c.Path = "/"
		}
		if c.MaxAge < 0 {
			c.MaxAge, c.Expires = 0, time.Unix(0, 0)
		}
		diff(t, c, again)
	})
}

// A cookie that can be read and that Check lets pass is read again as the same.
func FuzzParseSetCookie(f *testing.F) {
	for _, s := range []string{
		"a=b", "a=b; Path=/x; Domain=.Example.org; Max-Age=60; Secure; HttpOnly; SameSite=none; Partitioned",
		"a=b; Expires=Sun, 06 Nov 1994 08:49:37 GMT; max-age=-1; max-age", "=;", "__Host-a=\"b\"; secure; path=/",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseSetCookie(s)
		if err != nil || c.Check() != nil {
			return
		}
		if err := CheckField("set-cookie", c.String()); err != nil {
			t.Fatal(err)
		}
		again, err := ParseSetCookie(c.String())
		diff(t, nil, err)
		diff(t, c.String(), again.String())
	})
}
