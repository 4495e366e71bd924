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
	return jsonReply(status, "application/json", v)
}

// jsonReply is [JSON] for any media type that ends in json.
func jsonReply(status int, contentType string, v any) Response {
	data, err := marshalJSON(v)
	if err != nil {
		return Problem(StatusInternalServerError, "").WithCause(err)
	}
	return Reply(status, contentType, data)
}

// marshalJSON returns v in JSON without HTML escapes and final newline.
func marshalJSON(v any) (Data, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	return dataOf(bytes.TrimSuffix(buf.Bytes(), []byte("\n"))), nil
}
