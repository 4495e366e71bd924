package raxx

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"
)

const jsonSpace = " \t\r\n"

// DecodeJSON reads one JSON text (RFC 8259) into what v points to, as
// [json.Unmarshal] does, but refuses what two readers could understand in two
// ways: a field that v does not have, a name that comes twice in an object,
// anything behind the text, and bytes that are not UTF-8. As in encoding/json,
// the case of the letters in a name does not matter for a field of a struct: of
// two names that differ in nothing else the last one counts.
//
// A type with an UnmarshalJSON decides by itself what it takes: one that calls
// [json.Unmarshal] lets clients send fields that it does not have.
//
// The error is an [*Error] of status 400 that names the offset or the field where
// there is one, unless v is nil or no pointer. An [*Error] that an UnmarshalJSON
// returned is handed on. After an error *v may have been filled in part.
func DecodeJSON(data Data, v any) error {
	text := string(data)
	if bad := invalidUTF8(text); bad >= 0 {
		return jsonFault(nil, "the body is not UTF-8, from offset %d (RFC 8259, 8.1)", bad)
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return decodeFault(err, len(text))
	}
	if end := int(dec.InputOffset()); strings.Trim(text[end:], jsonSpace) != "" {
		return jsonFault(nil, "behind the JSON text there is more, from offset %d", end)
	}
	if name, offset := duplicateName(text); offset >= 0 {
		return jsonFault(nil, "the name %q at offset %d comes a second time (RFC 8259, 4)", clip(name), offset)
	}
	return nil
}

func jsonFault(err error, format string, args ...any) error {
	if err != nil {
		err = clippedError{err}
	}
	return &Error{Status: StatusBadRequest, Detail: fmt.Sprintf(format, args...), Err: err}
}

// decodeFault says for the client what err says. The text of an error that a
// type's own decoder returned is not for the client.
func decodeFault(err error, length int) error {
	var fault *Error
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	var target *json.InvalidUnmarshalError
	unknown, isUnknown := strings.CutPrefix(err.Error(), "json: unknown field ")
	switch {
	case errors.As(err, &fault), errors.As(err, &target):
		return err
	case errors.Is(err, io.EOF):
		return jsonFault(err, "the body is empty; it should be JSON")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return jsonFault(err, "the JSON text ends early, at offset %d", length)
	case errors.As(err, &syntax):
		return jsonFault(err, "the body is not JSON, at offset %d: %s", syntax.Offset, syntax)
	case errors.As(err, &kind):
		return jsonFault(err, "%s, before offset %d, is %s and should be %s",
			fieldName(kind.Field), kind.Offset, clip(kind.Value), kindName(kind.Type))
	case isUnknown:
		return jsonFault(err, "the field %s is not known", clip(unknown))
	}
	return jsonFault(err, "the JSON text holds a value that is not accepted")
}

func fieldName(path string) string {
	if path == "" {
		return "the body"
	}
	return fmt.Sprintf("the field %q", path)
}

// kindName says which JSON a Go type is read from.
func kindName(t reflect.Type) string {
	switch k := t.Kind(); {
	case reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return "a string"
	case k >= reflect.Int && k <= reflect.Int64:
		return fmt.Sprintf("an integer of %d bits", t.Bits())
	case k >= reflect.Uint && k <= reflect.Uintptr:
		return fmt.Sprintf("an integer of %d bits that is not negative", t.Bits())
	case k == reflect.Float32, k == reflect.Float64:
		return "a number"
	case k == reflect.Bool:
		return "true or false"
	case k == reflect.Slice, k == reflect.Array:
		return "an array"
	case k == reflect.Struct, k == reflect.Map:
		return "an object"
	}
	return "a string"
}

// invalidUTF8 returns the offset of the first octet that is not UTF-8, or -1.
func invalidUTF8(s string) int {
	for i, c := range s {
		if c != utf8.RuneError {
			continue
		}
		if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
			return i
		}
	}
	return -1
}
