package raxx

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestError(t *testing.T) {
	err := &Error{Status: 404, Detail: "no such user", Err: errCut}
	diff(t, "404 Not Found: no such user: connection reset", err.Error())
	diff(t, Problem(404, "no such user").WithCause(err), err.Response())
	diff(t, true, errors.Is(err, errCut))
	diff(t, "500 Internal Server Error", (&Error{Status: 500}).Error())
}

func TestErrorWithHeader(t *testing.T) {
	challenge := Header{{"www-authenticate", "Basic"}}
	err := &Error{Status: 401, Header: challenge}
	diff(t, Problem(401, "").With("www-authenticate", "Basic").WithCause(err), err.Response())
	diff(t, Header{{"www-authenticate", "Basic"}}, challenge)
}

func TestCause(t *testing.T) {
	wrapped := &Error{Status: 400, Err: errCut}
	tests := []struct {
		name string
		x, y Cause
		want bool
	}{
		{"none", Cause{}, Cause{}, true},
		{"one", Cause{}, NewCause(errCut), false},
		{"the same text", NewCause(errCut), NewCause(errors.New("connection reset")), true},
		{"one wraps the other", NewCause(wrapped), NewCause(errCut), true},
		{"another", NewCause(errCut), NewCause(errors.New("x")), false},
		{"errors that can't be compared by ==", NewCause(Invalid{{"#/a", "b"}}), NewCause(Invalid{{"#/a", "b"}}), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, tt.want, tt.x.Equal(tt.y))
			diff(t, tt.want, tt.y.Equal(tt.x))
		})
	}
	diff(t, "none", Cause{}.String())
	diff(t, "connection reset", NewCause(errCut).String())
}

// What a client sends can't fill a log.
func TestErrorsAreShort(t *testing.T) {
	long := strings.Repeat("9", 10<<10)
	part := "--b\r\ncontent-disposition: form-data; name=" + long
	form := func(body string) error {
		for part, err := range Multipart(Post("/", "multipart/form-data; boundary=b", Data(body)), MultipartLimits{Part: 1}) {
			if err != nil {
				return err
			}
			if _, err := ReadAll(part.Body, 0); err != nil {
				return err
			}
		}
		return nil
	}
	_, errValue := ValueAs[int](Values{{"a", long}}, "a")
	_, errParam := ParamAs[netip.Addr](Get("/").WithParams(Param{"a", long}), "a")
	_, errMedia := ParseMediaType(long)
	_, errTag := ParseETag(long)
	_, errDate := ParseDate(long)
	for name, err := range map[string]error{
		"unknown": DecodeJSON(Data(`{"`+long+`":1}`), &account{}), "number": DecodeJSON(Data(`{"age":`+long+`}`), &account{}),
		"twice": DecodeJSON(Data(`{"any":{"`+long+`":1,"`+long+`":1}}`), &account{}),
		"value": errValue, "param": errParam, "media type": errMedia, "etag": errTag, "date": errDate,
		"part": form(part + "\r\n\r\nab\r\n--b--"), "field": form("--b\r\n" + long + "(: x\r\n\r\n\r\n--b--"),
		"line": form("--b\r\n" + long + "\r\n\r\n"), "delimiter": form("--b" + long + "\r\n"),
	} {
		if err == nil || len(err.Error()) > 400 {
			t.Errorf("%s: the error %.20q... has %d bytes", name, err, len(fmt.Sprint(err)))
		}
	}
}

func TestErrorsAreEqualInAll(t *testing.T) {
	base := Error{404, "a", Header{{"a", "1"}}, errCut}
	diff(t, true, base.Equal(Error{404, "a", Header{{"a", "1"}}, errCut}))
	for _, other := range []Error{
		{400, "a", Header{{"a", "1"}}, errCut}, {404, "b", Header{{"a", "1"}}, errCut}, {404, "a", nil, errCut}, {404, "a", Header{{"a", "1"}}, nil},
	} {
		if base.Equal(other) || other.Equal(base) || cmp.Equal(&base, &other) {
			t.Errorf("%v and %v are equal", &base, &other)
		}
	}
	if cmp.Equal(&base, (*Error)(nil)) {
		t.Error("an error is equal to none")
	}
}

// What a text that was cut short stands for can still be asked.
func TestShortErrorsKeepWhatLedToThem(t *testing.T) {
	var syntax *json.SyntaxError
	if err := DecodeJSON("{'a'}", &account{}); !errors.As(err, &syntax) || syntax.Offset != 2 {
		t.Errorf("got %v, want one that wraps a *json.SyntaxError", err)
	}
}

// An errorList can't be compared by "==".
type errorList []string

func (e errorList) Error() string { return strings.Join(e, "; ") }

// A listedError is of a type that can be compared, but may hold what can't.
type listedError struct{ error }

func TestCausesThatCannotBeCompared(t *testing.T) {
	cause := func(texts ...string) Cause { return NewCause(listedError{errorList(texts)}) }
	diff(t, true, cause("a", "b").Equal(cause("a", "b")))
	diff(t, false, cause("a", "b").Equal(cause("a", "c")))
	diff(t, false, NewCause(errorList{"a"}).Equal(NewCause(errorList{"b"})))
	diff(t, false, NewCause(fmt.Errorf("x: %w", listedError{errorList{"a"}})).Equal(cause("b")))
}
