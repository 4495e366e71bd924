package raxx

import (
	"testing"
	"time"
)

// RFC 6265bis, Section 5.1.1.
func TestCookieDates(t *testing.T) {
	for _, s := range []string{
		"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
		"Sun, 06-Nov-1994 08:49:37 GMT", "Sun, 6 Nov 1994 8:49:37 UTC", "06 november 1994 08:49:37", "Nov 06 1994 08:49:37",
		"Mon, 06 Nov 1994 08:49:37 +0100", "08:49:37;06;NOV;1994", "Sun, 06 Nov 1994 08:49:37.5 GMT", "6th Nov 1994z 08:49:37x",
		"06 Nov 1994 08:49:37 10:11:12 07 Dec 1995", "Sun,\t06/Nov/1994~08:49:37", "06 94 Nov 08:49:37",
	} {
		if got, ok := parseCookieDate(s); !ok || !got.Equal(someDate) {
			t.Errorf("parseCookieDate(%q) = %v, %v, want %v", s, got, ok, someDate)
		}
	}
	for s, year := range map[string]int{
		"1 Jan 00 0:0:0": 2000, "1 Jan 69 0:0:0": 2069, "1 Jan 70 0:0:0": 1970, "1 Jan 99 0:0:0": 1999, "1 Jan 100 0:0:0": 0,
		"1 Jan 1601 0:0:0": 1601, "1 Jan 1600 0:0:0": 0, "1 Jan 9999 0:0:0": 9999, "1 Jan 10000 0:0:0": 0, "1 Jan 7 0:0:0": 0,
	} {
		if got, ok := parseCookieDate(s); ok != (year > 0) || ok && got.Year() != year {
			t.Errorf("parseCookieDate(%q) = %v, %v, want the year %d", s, got, ok, year)
		}
	}
	for _, s := range []string{
		"", "never", "0", "06 Nov 1994", "06 Nov 08:49:37", "06 1994 08:49:37", "Nov 1994 08:49:37",
		"31 Nov 1994 08:49:37", "29 Feb 1995 08:49:37", "00 Nov 1994 08:49:37", "32 Jan 1994 08:49:37", "006 Nov 1994 08:49:37",
		"06 Nov 1994 24:00:00", "06 Nov 1994 08:60:00", "06 Nov 1994 08:49:60", "06 Nov 1994 08:49", "06 Nov 1994 08:49:370",
		"06 Nov 1994 008:49:37", "06 Nov 1994 08::37", "06 No 1994 08:49:37", "06 ovd 1994 08:49:37",
	} {
		if got, ok := parseCookieDate(s); ok {
			t.Errorf("parseCookieDate(%q) = %v, want none", s, got)
		}
	}
	c, err := ParseSetCookie("sid=; Expires=Thu, 01-Jan-1970 00:00:01 GMT")
	diff(t, nil, err)
	diff(t, time.Unix(1, 0).UTC(), c.Expires)
}
