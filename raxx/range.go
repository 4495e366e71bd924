package raxx

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A ByteRange is a part of a body that a client asks for.
type ByteRange struct {
	Offset int64 // of the first byte
	Length int64 // at least 1
}

// ContentRange returns the value of the content-range field for this part of a
// body of length bytes: "bytes 0-99/1000" (RFC 9110, Section 14.4).
func (b ByteRange) ContentRange(length int64) string {
	return fmt.Sprintf("bytes %d-%d/%d", b.Offset, b.Offset+b.Length-1, length)
}

// MaxRanges is the largest number of ranges that [Ranges] takes; a request for more
// gets the whole. A request for many is an attack: each one costs a head of its own
// in the reply.
const MaxRanges = 16

// Ranges returns which parts of a body of length bytes a GET asks for (RFC 9110,
// Section 14.2), in the order of the request, cut at the end of the body. An empty
// list means: send all of it. The list is empty if the method is not GET, if the
// length is -1 (not known; see [Length]), and if there is no range field, or one
// that may be ignored: in another unit than bytes, malformed, of more than
// [MaxRanges] parts, of parts that are together longer than the whole, or of the
// last bytes of an empty body. Ask [IfRange] first, or let [Partial] do all of it.
// The error is an [*Error] of status 416, with "content-range: bytes */length", if
// no part lies within the body.
func Ranges(r Request, length int64) ([]ByteRange, error) {
	value, ok := single(r.Header, "range")
	set, isBytes := cutUnit(value)
	if !ok || !isBytes || r.Method != MethodGet || length < 0 {
		return nil, nil
	}
	specs := strings.SplitN(set, ",", MaxRanges+1)
	if len(specs) > MaxRanges {
		return nil, nil
	}
	var ranges []ByteRange
	total := int64(0)
	for _, spec := range specs {
		part, ok := parseRange(trimOWS(spec), length)
		if !ok {
			return nil, nil
		}
		if part.Length > 0 {
			ranges = append(ranges, part)
			total += part.Length
		}
	}
	if len(ranges) == 0 {
		return nil, &Error{
			Status: StatusRangeNotSatisfiable, Detail: fmt.Sprintf("the body has %d bytes", length),
			Header: Header{{"content-range", fmt.Sprintf("bytes */%d", length)}},
		}
	}
	if total > length {
		return nil, nil
	}
	return ranges, nil
}

// cutUnit returns what follows "bytes=", whose letters may be of either case.
func cutUnit(value string) (set string, ok bool) {
	unit, set, ok := strings.Cut(value, "=")
	return set, ok && strings.EqualFold(unit, "bytes")
}

// parseRange reads "first-last", "first-" or "-count" (RFC 9110, Section
// 14.1.2). A part that lies behind the end has the length 0.
func parseRange(spec string, length int64) (part ByteRange, ok bool) {
	from, to, ok := strings.Cut(spec, "-")
	first, ok1 := parseOffset(from)
	last, ok2 := parseOffset(to)
	switch {
	case !ok || !ok1 && from != "" || !ok2 && to != "" || from == "" && to == "":
		return ByteRange{}, false
	case from == "" && length == 0 && last > 0:
		// RFC 9110, Section 14.1.2: all of it would do, and no 206 can say so.
		return ByteRange{}, false
	case from == "":
		count := min(last, length)
		return ByteRange{length - count, count}, true
	case to == "":
		last = length - 1
	case last < first:
		return ByteRange{}, false
	}
	last = min(last, length-1)
	return ByteRange{first, max(last-first+1, 0)}, true
}

// parseOffset reads digits. A number that is too large for an int64 lies behind
// the end of every body, as the largest int64 does.
func parseOffset(s string) (n int64, ok bool) {
	n, _ = strconv.ParseInt(s, 10, 64)
	return n, s != "" && strings.Trim(s, "0123456789") == ""
}

// IfRange reports whether the if-range field of the request allows a part of the
// body to be sent: there is none, or the version that it names is the current one,
// by a strong tag or the very date (RFC 9110, Section 13.1.5). A date can't tell
// two versions of the same second apart: give a zero modified where files change
// that often.
func IfRange(r Request, etag ETag, modified time.Time) bool {
	if !r.Header.Has("if-range") {
		return true
	}
	value, ok := single(r.Header, "if-range")
	if !ok {
		return false
	}
	if tag, err := ParseETag(value); err == nil {
		return etag != ETag{} && tag.StrongMatch(etag)
	}
	date, err := ParseDate(value)
	return err == nil && !modified.IsZero() && modified.Truncate(time.Second).Equal(date)
}
