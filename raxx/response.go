package raxx

// A Response is the answer to a [Request]. It is a value, as the request is.
type Response struct {
	// Status is the final status code, 200 to 599. It is 0 if the body is a
	// [Machine] that will send the head, and 101 if the body is a [Machine] that
	// speaks the protocol that the client asked to switch to.
	Status int
	// Header holds the fields to send. The server adds date, and the fields
	// that frame the body (content-length or transfer-encoding) by itself; a
	// content-length that is set here has to be true. To a HEAD request give
	// the response that a GET would get: the server leaves out the body.
	Header Header
	// Body is the content, or nil.
	Body Body
	// Trailer holds fields to send behind the body. A client may ignore it. Over
	// HTTP/1.1 a response with a trailer is sent in chunks.
	Trailer Header
	// Cause is the error that led to this response, if one did. It is for logs
	// and traces and is never sent.
	Cause Cause
	// Do holds what should happen besides the reply: any [Effect] if the body is a
	// [Machine], which happens before its first step; else [Publish] and
	// [Patience], before the head is sent; and a [Note] to a middleware, which
	// takes it out.
	Do []Effect
}

// With returns the response with the field name set to value; see
// [Header.With].
func (r Response) With(name, value string) Response {
	r.Header = r.Header.With(name, value)
	return r
}

// Add returns the response with one more field; see [Header.Add].
func (r Response) Add(name, value string) Response {
	r.Header = r.Header.Add(name, value)
	return r
}

// Default returns the response with the field, unless it has one of that name; see
// [Header.Default].
func (r Response) Default(name, value string) Response {
	r.Header = r.Header.Default(name, value)
	return r
}

// Without returns the response without the fields called name.
func (r Response) Without(name string) Response {
	r.Header = r.Header.Without(name)
	return r
}

// WithStatus returns the response with another status.
func (r Response) WithStatus(status int) Response {
	r.Status = status
	return r
}

// WithBody returns the response with another body.
func (r Response) WithBody(body Body) Response {
	r.Body = withoutEmpty(body)
	return r
}

// WithTrailer returns the response with one more field behind its body; see
// [Header.Add]. A server does not send one that [ForbiddenTrailer] names: it answers
// with 500.
func (r Response) WithTrailer(name, value string) Response {
	r.Trailer = r.Trailer.Add(name, value)
	return r
}

// WithCause returns the response with the error that led to it; with nil, with
// none.
func (r Response) WithCause(err error) Response {
	r.Cause = Cause{err}
	return r
}

// WithDo returns the response with more effects behind those that it has.
func (r Response) WithDo(effects ...Effect) Response {
	r.Do = append(r.Do[:len(r.Do):len(r.Do)], effects...)
	return r
}

// Defer returns a response whose head is still to come: m sends it.
func Defer(m Machine) Response { return Response{Body: m} }

// Reply returns a response with a body of the given media type; if that is empty,
// there is no content-type field. It panics with a [*FieldError] if [CheckField]
// refuses contentType.
func Reply(status int, contentType string, body Body) Response {
	resp := Response{Status: status, Body: withoutEmpty(body)}
	if contentType != "" {
		resp.Header = Header{mustField("content-type", contentType)}
	}
	return resp
}

// Text returns a response of plain text in UTF-8.
func Text(status int, text string) Response {
	return Response{Status: status, Header: Header{{"content-type", "text/plain; charset=utf-8"}}, Body: bodyOf(Data(text))}
}

// HTML returns a response of HTML in UTF-8. Nothing in it is escaped.
func HTML(status int, html string) Response {
	return Response{Status: status, Header: Header{{"content-type", "text/html; charset=utf-8"}}, Body: bodyOf(Data(html))}
}

// NoContent returns the response 204, which has no body.
func NoContent() Response { return Response{Status: 204} }
