package raxx

// Partial returns what to send in place of resp, the whole of what a GET asks
// for: a 206 with the part of its body that the request wants, or a 416 if
// there is no such part (RFC 9110, Sections 14.2, 15.3.7 and 15.5.17). Call it
// behind [Conditional]:
//
//	return raxx.Partial(req, raxx.Conditional(req, resp))
//
// It looks at the etag and last-modified fields of resp for [IfRange], and adds
// accept-ranges. The effects of resp stay. Whoever asks for several parts gets
// the whole: many small parts would cost more than they save. A response of
// another status than 200 stays as it is, and so does one to another method
// than GET and HEAD, or one without a body, or with one whose length is not
// known or that is a [Stream].
// To serve a part of a file, give it its length:
//
//	raxx.NewFile(fsys, name).Range(0, info.Size())
func Partial(r Request, resp Response) Response {
	isRead := r.Method == MethodGet || r.Method == MethodHead
	if !isRead || resp.Status != StatusOK || !isDivisible(resp.Body) {
		return resp
	}
	resp = resp.Default("accept-ranges", "bytes")
	if !IfRange(r, resp.etag(), resp.modified()) {
		return resp
	}
	length := Length(resp.Body)
	ranges, err := Ranges(r, length)
	if err != nil {
		return errorResponse(err).WithDo(resp.Do...)
	}
	if len(ranges) != 1 {
		return resp
	}
	resp.Status, resp.Body = StatusPartialContent, divide(resp.Body, ranges[0])
	// RFC 9530, Section 2: a content-digest is that of what is sent.
	return resp.Without("content-length").Without("content-digest").With("content-range", ranges[0].ContentRange(length))
}

// isDivisible reports whether a part of b can be had without reading the rest.
func isDivisible(b Body) bool {
	switch b := b.(type) {
	case Data:
		return b != ""
	case File:
		return b.Length >= 0
	}
	return false
}

// divide returns a part of a divisible body.
func divide(b Body, part ByteRange) Body {
	if f, ok := b.(File); ok {
		return f.Range(f.Offset+part.Offset, part.Length)
	}
	return b.(Data)[part.Offset : part.Offset+part.Length]
}
