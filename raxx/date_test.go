package raxx

import (
	"strings"
	"testing"
	"time"
)

var someDate = time.Date(1994, 11, 6, 8, 49, 37, 0, time.UTC)

func TestFormatDate(t *testing.T) {
	diff(t, "Sun, 06 Nov 1994 08:49:37 GMT", FormatDate(someDate))
	east := time.FixedZone("east", 2*60*60)
	diff(t, "Sun, 06 Nov 1994 08:49:37 GMT", FormatDate(someDate.Add(999*time.Millisecond).In(east)))
}

func TestParseDate(t *testing.T) {
	tests := []struct {
		name, text string
		ok         bool
	}{
		{"IMF-fixdate", "Sun, 06 Nov 1994 08:49:37 GMT", true},
		{"RFC 850", "Sunday, 06-Nov-94 08:49:37 GMT", true},
		{"asctime", "Sun Nov  6 08:49:37 1994", true},
		{"the wrong day", "Mon, 06 Nov 1994 08:49:37 GMT", true},
		{"no day", "06 Nov 1994 08:49:37 GMT", false},
		{"another zone", "Sun, 06 Nov 1994 08:49:37 CET", false},
		{"an offset", "Sun, 06 Nov 1994 08:49:37 +0000", false},
		{"a fraction", "Sun, 06 Nov 1994 08:49:37.5 GMT", false},
		{"one digit", "Sun, 6 Nov 1994 08:49:37 GMT", false},
		{"one digit of an hour", "Sun, 06 Nov 1994 8:49:37 GMT", false},
		{"another case", "Sun, 06 NOV 1994 08:49:37 GMT", false},
		{"a day that is none", "Sun, 31 Nov 1994 08:49:37 GMT", false},
		{"space behind it", "Sun, 06 Nov 1994 08:49:37 GMT ", false},
		{"nothing", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseDate(tt.text)
			if tt.ok {
				diff(t, nil, err)
				diff(t, someDate, got)
				diff(t, "UTC", got.Location().String())
				return
			}
			wantStatus(t, err, 400, "is no date (RFC 9110, 5.6.7)")
		})
	}
}

// RFC 9110, Section 5.6.7: a minute may have a second 60. For Go it is the first of
// the next minute.
func TestLeapSecond(t *testing.T) {
	for _, text := range []string{
		"Sat, 31 Dec 2016 23:59:60 GMT", "Saturday, 31-Dec-16 23:59:60 GMT", "Sat Dec 31 23:59:60 2016",
	} {
		got, err := ParseDate(text)
		diff(t, nil, err)
		diff(t, time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC), got)
	}
	got, err := ParseDate("Thu, 31 Dec 9998 23:59:60 GMT")
	diff(t, nil, err)
	diff(t, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), got)
	for _, text := range []string{"Fri, 31 Dec 9999 23:59:60 GMT", "Sat, 31 Dec 2016 22:59:60 GMT", "Sat, 32 Dec 2016 23:59:60 GMT", "23:59:60", "23:59:6023:59:60"} {
		if got, err := ParseDate(text); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("ParseDate(%q) = %v, %v; want an error that quotes it", text, got, err)
		}
	}
}

func TestCenturyOfTwoDigits(t *testing.T) {
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	for year, want := range map[int]int{1994: 1994, 2026: 2026, 1975: 2075, 1976: 2076, 1977: 1977, 2000: 2000} {
		got := withCentury(time.Date(year, 3, 1, 0, 0, 0, 0, time.UTC), now)
		diff(t, want, got.Year())
	}
	diff(t, 2030, withCentury(time.Date(2030, 3, 1, 0, 0, 0, 0, time.UTC), now.AddDate(-26, 0, 0)).Year())
	diff(t, 2010, withCentury(time.Date(2010, 3, 1, 0, 0, 0, 0, time.UTC), now.AddDate(73, 0, 0)).Year())
	diff(t, 2076, withCentury(now.AddDate(50, 0, 0), now).Year())
	diff(t, 1976, withCentury(now.AddDate(50, 0, 0).Add(time.Second), now).Year())
}

// Go has rules of its own for years of two digits.
func TestCenturyOfADateThatIsRead(t *testing.T) {
	want := time.Now().UTC().AddDate(49, 0, 0).Truncate(time.Second)
	got, err := ParseDate(want.Format("Monday, 02-Jan-06 15:04:05 GMT"))
	diff(t, nil, err)
	diff(t, want, got)
}

// What is read as a date is written so that it is read as the same.
func FuzzParseDate(f *testing.F) {
	for _, s := range []string{
		"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:60 GMT",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		date, err := ParseDate(s)
		if err != nil {
			return
		}
		again, err := ParseDate(FormatDate(date))
		if err != nil || !again.Equal(date) {
			t.Fatalf("%q is %v, and then %v, %v", s, date, again, err)
		}
	})
}
