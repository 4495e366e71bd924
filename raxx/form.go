package raxx

const urlencoded = "application/x-www-form-urlencoded"

// PostForm returns a request as a browser sends one for a form without files: a
// POST that [ReadForm] reads. For target see [New].
func PostForm(target string, form Values) Request {
	return Post(target, urlencoded, Data(form.Encode()))
}

// ReadForm returns the values of a body of the type
// application/x-www-form-urlencoded. The error is an [*Error]: 415 if the body is
// of another type, 413 if it is longer than limit bytes (see [ReadAll]), 400 if
// [ParseValues] refuses it, and as in [Complete] if it did not arrive whole. For
// forms with files see [Multipart].
func ReadForm(r Request, limit int64) (Values, error) {
	if m, ok := r.MediaType(); !ok || m.Essence() != urlencoded {
		return nil, unsupported(urlencoded)
	}
	data, err := readBody(r.Body, limit)
	if err != nil {
		return nil, err
	}
	return ParseValues(string(data))
}
