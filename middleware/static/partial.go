package static

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// partial is [raxx.Partial] that also answers a request for several parts.
func partial(req raxx.Request, resp raxx.Response, tag raxx.ETag, modified time.Time) raxx.Response {
	file, ok := resp.Body.(raxx.File)
	if !ok || resp.Status != raxx.StatusOK || !req.Header.Has("range") ||
		// RFC 9110, Section 15.3.7.2: the coding of a file in parts could be
		// taken for that of the parts together.
		resp.Header.Has("content-encoding") || !raxx.IfRange(req, tag, modified) {
		return raxx.Partial(req, resp)
	}
	ranges, err := raxx.Ranges(req, file.Length)
	if err != nil || len(ranges) < 2 {
		return raxx.Partial(req, resp)
	}
	ranges = merged(ranges)
	if len(ranges) == 1 {
		resp.Status, resp.Body = raxx.StatusPartialContent, file.Range(ranges[0].Offset, ranges[0].Length)
		return resp.With("accept-ranges", "bytes").With("content-range", ranges[0].ContentRange(file.Length))
	}
	return inParts(resp, file, ranges)
}

// gap is how far two parts may be from each other to be sent as one: about what
// the head of a part costs.
const gap = 120

// merged returns the parts in order, those that overlap or nearly meet as one
// (RFC 9110, Section 15.3.7.2).
func merged(ranges []raxx.ByteRange) []raxx.ByteRange {
	slices.SortFunc(ranges, func(a, b raxx.ByteRange) int { return cmp.Compare(a.Offset, b.Offset) })
	out := ranges[:1]
	for _, r := range ranges[1:] {
		last := &out[len(out)-1]
		if r.Offset > last.Offset+last.Length+gap {
			out = append(out, r)
			continue
		}
		last.Length = max(last.Offset+last.Length, r.Offset+r.Length) - last.Offset
	}
	return out
}

// inParts answers with several parts of a file (RFC 9110, Section 14.6). The
// boundary is random, so nobody can have put it into the file.
func inParts(resp raxx.Response, file raxx.File, ranges []raxx.ByteRange) raxx.Response {
	boundary := rand.Text()
	contentType := resp.Header.Get("content-type")
	heads := make([]string, len(ranges))
	end := "\r\n--" + boundary + "--\r\n"
	length := int64(len(end))
	for i, r := range ranges {
		heads[i] = fmt.Sprintf("\r\n--%s\r\ncontent-type: %s\r\ncontent-range: %s\r\n\r\n",
			boundary, contentType, r.ContentRange(file.Length))
		length += int64(len(heads[i])) + r.Length
	}
	resp.Status = raxx.StatusPartialContent
	resp.Body = raxx.NewStream(length, func(yield func([]byte, error) bool) {
		for i, r := range ranges {
			if !yield([]byte(heads[i]), nil) {
				return
			}
			for chunk, err := range raxx.Chunks(file.Range(r.Offset, r.Length)) {
				if !yield(chunk, err) || err != nil {
					return
				}
			}
		}
		yield([]byte(end), nil)
	})
	return resp.With("accept-ranges", "bytes").With("content-type", "multipart/byteranges; boundary="+boundary)
}
