package raxx

import (
	"strings"
	"testing"
	"time"
)

func TestRanges(t *testing.T) {
	tests := []struct {
		name, field string
		length      int64
		want        []ByteRange
		status      int
	}{
		{"first to last", "bytes=0-4", 10, []ByteRange{{0, 5}}, 0},
		{"of several digits", "bytes=10-12", 20, []ByteRange{{10, 3}}, 0},
		{"one byte", "bytes=9-9", 10, []ByteRange{{9, 1}}, 0},
		{"to the end", "bytes=7-", 10, []ByteRange{{7, 3}}, 0},
		{"the last ones", "bytes=-3", 10, []ByteRange{{7, 3}}, 0},
		{"more last ones than there are", "bytes=-30", 10, []ByteRange{{0, 10}}, 0},
		{"cut at the end", "bytes=8-99", 10, []ByteRange{{8, 2}}, 0},
		{"a number over all numbers", "bytes=8-99999999999999999999", 10, []ByteRange{{8, 2}}, 0},
		{"several", "bytes=0-0, -1 ,3-4", 10, []ByteRange{{0, 1}, {9, 1}, {3, 2}}, 0},
		{"several, of which one can be had", "bytes=20-, 0-0", 10, []ByteRange{{0, 1}}, 0},
		{"the unit in another case", "Bytes=0-0", 10, []ByteRange{{0, 1}}, 0},
		{"behind the end", "bytes=10-", 10, nil, 416},
		{"far behind the end", "bytes=99999999999999999999-", 10, nil, 416},
		{"no last one", "bytes=-0", 10, nil, 416},
		{"of nothing", "bytes=0-", 0, nil, 416},
		{"the last ones of nothing", "bytes=-5", 0, nil, 0},
		{"none of nothing", "bytes=-0", 0, nil, 416},
		{"of a length that is not known", "bytes=0-4", -1, nil, 0},
		{"the last ones of such a body", "bytes=-4", -1, nil, 0},
		{"another unit", "lines=0-4", 10, nil, 0},
		{"last before first", "bytes=4-0", 10, nil, 0},
		{"no dash", "bytes=4", 10, nil, 0},
		{"nothing", "bytes=", 10, nil, 0},
		{"a dash", "bytes=-", 10, nil, 0},
		{"an empty member", "bytes=0-0,,1-1", 10, nil, 0},
		{"a sign", "bytes=+1-2", 10, nil, 0},
		{"two dashes", "bytes=--1", 10, nil, 0},
		{"a space within", "bytes=1 -2", 10, nil, 0},
		{"no =", "bytes 0-4", 10, nil, 0},
		{"one malformed member", "bytes=0-0,x", 10, nil, 0},
		{"as many as there may be", "bytes=" + strings.Repeat("0-0,", MaxRanges-1) + "1-1", 100,
			append(manyRanges(MaxRanges-1), ByteRange{1, 1}), 0},
		{"too many", "bytes=" + strings.Repeat("0-0,", MaxRanges) + "1-1", 100, nil, 0},
		{"more than the whole", "bytes=0-, 0-", 10, nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Ranges(Get("/").With("range", tt.field), tt.length)
			wantStatus(t, err, tt.status, "")
			diff(t, tt.want, got)
		})
	}
}

func manyRanges(n int) []ByteRange {
	list := make([]ByteRange, n)
	for i := range list {
		list[i].Length = 1
	}
	return list
}

func TestRangesOfOtherRequests(t *testing.T) {
	for _, r := range []Request{
		Get("/"),
		Head("/").With("range", "bytes=0-0"),
		Get("/").Add("range", "bytes=0-0").Add("range", "bytes=0-0"),
	} {
		got, err := Ranges(r, 10)
		diff(t, nil, err)
		diff(t, []ByteRange(nil), got)
	}
}

func TestContentRange(t *testing.T) {
	diff(t, "bytes 7-9/10", ByteRange{7, 3}.ContentRange(10))
}

func TestIfRange(t *testing.T) {
	etag, date := ETag{Tag: "a"}, FormatDate(someDate)
	tests := []struct {
		name, field string
		etag        ETag
		modified    time.Time
		want        bool
	}{
		{"no field", "-", etag, someDate, true},
		{"the same tag", `"a"`, etag, someDate, true},
		{"another tag", `"b"`, etag, someDate, false},
		{"a weak tag", `W/"a"`, ETag{true, "a"}, someDate, false},
		{"no tag", `""`, ETag{}, someDate, false},
		{"the same date", date, etag, someDate.Add(time.Millisecond), true},
		{"an earlier date", date, etag, someDate.Add(time.Hour), false},
		{"a later date", date, etag, someDate.Add(-time.Hour), false},
		{"no date", date, etag, time.Time{}, false},
		{"no date, and one that no version has", "Mon, 01 Jan 0001 00:00:00 GMT", etag, time.Time{}, false},
		{"neither", "a", etag, someDate, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, tt.want, IfRange(accepting("if-range", tt.field), tt.etag, tt.modified))
		})
	}
	diff(t, false, IfRange(Get("/").Add("if-range", `"a"`).Add("if-range", `"a"`), etag, someDate))
}

func FuzzRange(f *testing.F) {
	f.Add("bytes=0-4,-3, 5-", int64(10))
	f.Add("bytes=9223372036854775807-9223372036854775807", int64(1<<62))
	f.Add("bytes=-9223372036854775808", int64(0))
	f.Fuzz(func(t *testing.T, field string, length int64) {
		if length < 0 {
			return
		}
		ranges, err := Ranges(Request{Method: "GET", Header: Header{{"range", field}}}, length)
		wantOK := err == nil || len(ranges) == 0
		total := int64(0)
		for _, r := range ranges {
			total += r.Length
			if r.Offset < 0 || r.Length < 1 || r.Offset+r.Length > length || r.Offset+r.Length < 0 {
				t.Fatalf("%+v lies not within %d bytes", r, length)
			}
		}
		if !wantOK || total > length || len(ranges) > MaxRanges {
			t.Fatalf("Ranges = %v, %v", ranges, err)
		}
	})
}
