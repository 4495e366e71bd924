package raxx

import (
	"strconv"
	"strings"
	"time"
)

// A cookieDate is what has been found of the date of a cookie. Its fields are -1 as
// long as nothing has.
type cookieDate struct{ year, month, day, hour, minute, second int }

// parseCookieDate reads the date of a cookie as browsers do: words between all that
// may stand between them, of which each says the first thing that it can say and
// that is not known yet (RFC 6265bis, Section 5.1.1). There are servers that write
// "Sun, 06-Nov-1994 08:49:37 GMT".
func parseCookieDate(s string) (time.Time, bool) {
	d := cookieDate{-1, -1, -1, -1, -1, -1}
	for word := range strings.FieldsFuncSeq(s, isCookieDateDelimiter) {
		_ = d.hour < 0 && d.setTime(word) || d.day < 0 && d.setDay(word) ||
			d.month < 0 && d.setMonth(word) || d.year < 0 && d.setYear(word)
	}
	t := time.Date(d.year, time.Month(d.month), d.day, d.hour, d.minute, d.second, 0, time.UTC)
	// What does not come out as it was put in does not exist, such as a 31st of
	// November, or has not been found.
	exists := t.Month() == time.Month(d.month) && t.Day() == d.day &&
		t.Hour() == d.hour && t.Minute() == d.minute && t.Second() == d.second
	return t, exists && d.year >= 1601
}

func isCookieDateDelimiter(r rune) bool {
	return r == '\t' || ' ' <= r && r <= '/' || ';' <= r && r <= '@' || '[' <= r && r <= '`' || '{' <= r && r <= '~'
}

func (d *cookieDate) setTime(word string) bool {
	hour, rest, ok := cutNumber(word, 1, 2)
	rest, ok2 := strings.CutPrefix(rest, ":")
	minute, rest, ok3 := cutNumber(rest, 1, 2)
	rest, ok4 := strings.CutPrefix(rest, ":")
	second, _, ok5 := cutNumber(rest, 1, 2)
	if !ok || !ok2 || !ok3 || !ok4 || !ok5 {
		return false
	}
	d.hour, d.minute, d.second = hour, minute, second
	return true
}

func (d *cookieDate) setDay(word string) bool {
	n, _, ok := cutNumber(word, 1, 2)
	if !ok {
		return false
	}
	d.day = n
	return true
}

func (d *cookieDate) setMonth(word string) bool {
	const names = "janfebmaraprmayjunjulaugsepoctnovdec"
	if len(word) < 3 {
		return false
	}
	at := strings.Index(names, strings.ToLower(word[:3]))
	if at < 0 || at%3 != 0 {
		return false
	}
	d.month = at/3 + 1
	return true
}

func (d *cookieDate) setYear(word string) bool {
	n, _, ok := cutNumber(word, 2, 4)
	if !ok {
		return false
	}
	switch {
	case n < 70:
		n += 2000
	case n < 100:
		n += 1900
	}
	d.year = n
	return true
}

// cutNumber reads the digits that s begins with, if they are so many at the least and
// at the most.
func cutNumber(s string, least, most int) (n int, rest string, ok bool) {
	rest = strings.TrimLeft(s, "0123456789")
	digits := s[:len(s)-len(rest)]
	if len(digits) < least || len(digits) > most {
		return -1, s, false
	}
	n, _ = strconv.Atoi(digits)
	return n, rest, true
}
