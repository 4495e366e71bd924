package raxx

// ReadForm returns the values of a body of the type
// application/x-www-form-urlencoded. The error is an [*Error]: 415 if the body
// is of another type, 413 if it is longer than limit bytes (see [ReadAll]), 400
// if it did not arrive whole or [ParseValues] refuses it. For forms with files
// see [Multipart].
func ReadForm(r Request, limit int64) (Values, error) {
	const form = "application/x-www-form-urlencoded"
	if m, ok := r.MediaType(); !ok || m.Essence() != form {
		return nil, unsupported(form)
	}
	data, err := readBody(r.Body, limit)
	if err != nil {
		return nil, err
	}
	return ParseValues(string(data))
}
