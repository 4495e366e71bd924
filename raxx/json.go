package raxx

import (
	"bytes"
	"encoding/json"
)

// JSON returns a response whose body is v in JSON, as [json.Marshal] writes it,
// but with "<", ">" and "&" as they are: the media type says that it is no
// HTML. If v can't be marshalled, the response is a problem of status 500 with
// the error as its cause; nothing of the error is sent.
func JSON(status int, v any) Response {
	var buf bytes.Buffer
	if err := newEncoder(&buf).Encode(v); err != nil {
		return Problem(StatusInternalServerError, "").WithCause(err)
	}
	text := bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	return Reply(status, "application/json", dataOf(text))
}

// newEncoder returns an encoder without HTML escapes.
func newEncoder(buf *bytes.Buffer) *json.Encoder {
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	return enc
}
