package raxx

import (
	"fmt"
	"strings"
	"time"
)

// The three formats of RFC 9110, Section 5.6.7.
const (
	imfFixdate = "Mon, 02 Jan 2006 15:04:05 GMT"
	rfc850Date = "Monday, 02-Jan-06 15:04:05 GMT"
	asctime    = "Mon Jan _2 15:04:05 2006"
)

// FormatDate returns t as it stands in a field: "Sun, 06 Nov 1994 08:49:37 GMT"
// (RFC 9110, Section 5.6.7). Fractions of a second are cut off.
func FormatDate(t time.Time) string { return t.UTC().Format(imfFixdate) }

// ParseDate reads a date in one of the three formats that RFC 9110, Section 5.6.7
// asks a recipient to read, and returns it in UTC. Whether the day of the week is
// the right one is not checked. A year of two digits that would be more than 50
// years in the future is one of the last century. A leap second, which Go does not
// know, is read as the second after it. The error is an [*Error] of status 400.
func ParseDate(s string) (time.Time, error) {
	before, after, leap := strings.Cut(s, "23:59:60")
	if !leap {
		if t, ok := parseDate(s); ok {
			return t, nil
		}
	} else if t, ok := parseDate(before + "23:59:59" + after); ok && t.Year() < 9999 {
		return t.Add(time.Second), nil
	}
	return time.Time{}, &Error{Status: StatusBadRequest, Detail: fmt.Sprintf("%q is no date (RFC 9110, 5.6.7)", clip(s))}
}

// parseDate reads a date in one of the three formats.
func parseDate(s string) (t time.Time, ok bool) {
	for _, layout := range []string{imfFixdate, rfc850Date, asctime} {
		t, err := time.Parse(layout, s)
		if err != nil || afterDay(t.Format(layout)) != afterDay(s) {
			continue // also what time.Parse forgives, such as fractions
		}
		if layout == rfc850Date {
			t = withCentury(t, time.Now())
		}
		return t.UTC(), true
	}
	return time.Time{}, false
}

// afterDay returns what stands behind the day of the week.
func afterDay(s string) string {
	_, rest, _ := strings.Cut(s, " ")
	return rest
}

// withCentury returns t, of whose year only two digits are known, in the
// century that the RFC asks for.
func withCentury(t, now time.Time) time.Time {
	year := now.Year()/100*100 + t.Year()%100
	if date := inYear(t, year); !date.After(now.AddDate(50, 0, 0)) {
		return date
	}
	return inYear(t, year-100)
}

func inYear(t time.Time, year int) time.Time {
	return time.Date(year, t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}
