package raxx

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

type account struct {
	Name  string         `json:"name"`
	Age   int8           `json:"age"`
	Tags  []string       `json:"tags"`
	Inner *account       `json:"inner"`
	Any   any            `json:"any"`
	Map   map[string]int `json:"map"`
	Time  *time.Time     `json:"time"`
	Addr  *netip.Addr    `json:"addr"`
	Own   own            `json:"own"`
}

// own refuses with an error that knows its status.
type own struct{}

func (own) UnmarshalJSON([]byte) error { return &Error{Status: 409, Detail: "own rule"} }

func TestDecodeJSON(t *testing.T) {
	tests := []struct {
		name, text string
		want       account
		detail     string // "" if it is accepted
	}{
		{"an object", ` {"name": "Ada", "age": 36} `, account{Name: "Ada", Age: 36}, ""},
		{"nested", `{"inner":{"name":"x"},"tags":["name","name"]}`, account{Inner: &account{Name: "x"}, Tags: []string{"name", "name"}}, ""},
		{"names of one map that differ in case", `{"map":{"a":1,"A":2}}`, account{Map: map[string]int{"a": 1, "A": 2}}, ""},
		{"the same name in two objects", `{"any":[{"a":1},{"a":2}]}`, account{Any: []any{map[string]any{"a": 1.0}, map[string]any{"a": 2.0}}}, ""},
		{"the same name behind an object", `{"any":{"a":{"b":"1"},"b":2}}`, account{Any: map[string]any{"a": map[string]any{"b": "1"}, "b": 2.0}}, ""},
		{"U+FFFD", "{\"name\":\"\ufffd\"}", account{Name: "\ufffd"}, ""},
		{"braces and colons in strings", `{"name":"}\":\\","any":{"a\"":"b"}}`, account{Name: `}":\`, Any: map[string]any{`a"`: "b"}}, ""},
		{"empty", "", account{}, "the body is empty"},
		{"white space", " \n", account{}, "the body is empty"},
		{"no JSON", "{'a'}", account{}, "not JSON, at offset 2"},
		{"cut", `{"name":"A`, account{}, "ends early, at offset 10"},
		{"an unknown field", `{"admin":true}`, account{}, `the field "admin" is not known`},
		{"an unknown field within", `{"inner":{"admin":true}}`, account{}, `the field "admin" is not known`},
		{"two texts", `{} {}`, account{}, "there is more, from offset 2"},
		{"a comma behind it", `{},`, account{}, "there is more, from offset 2"},
		{"a name twice", `{"name":"a","name":"b"}`, account{}, `the name "name" at offset 12 comes a second time`},
		{"a name twice, once escaped", `{"any":{"a":1,"\u0061":2}}`, account{}, `the name "a" at offset 14 comes a second time`},
		{"a name twice around an object", `{"any":{"a":{"a":1},"a" :2}}`, account{}, `the name "a" at offset 20 comes a second time`},
		{"a name twice around an object of others", `{"any":{"a":{"b":"1"},"a":2}}`, account{}, `the name "a" at offset 22 comes a second time`},
		{"a name twice around a list", `{"any":{"a":["1"],"a":2}}`, account{}, `the name "a" at offset 18 comes a second time`},
		{"a name twice, of many", `{"any":{` + manyNames(40) + `,"k17":0}}`, account{}, `the name "k17" at offset 318 comes a second time`},
		{"a name twice, the last of few", `{"any":{` + manyNames(16) + `,"k15":0}}`, account{}, `the name "k15" at offset`},
		{"a name twice, of many around many", `{"any":{` + manyNames(20) + `,"x":{` + manyNames(20) + `},"k3":0}}`, account{}, `the name "k3" at offset`},
		{"a long name that is not known", `{"` + strings.Repeat("x", 5000) + `":1}`, account{}, `the field "` + strings.Repeat("x", 63) + "... is not known"},
		{"bytes that are no UTF-8", "{\"name\":\"\xff\"}", account{}, "the body is not UTF-8, from offset 9"},
		{"and at the begin", "\xff{}", account{}, "the body is not UTF-8, from offset 0"},
		{"a string for a number", `{"age":"x"}`, account{}, `the field "age", before offset 10, is string and should be an integer of 8 bits`},
		{"a number that is too large", `{"age":300}`, account{}, `the field "age", before offset 10, is number 300 and should be an integer of 8 bits`},
		{"an array for an object", `{"inner":[]}`, account{}, `the field "inner", before offset`},
		{"an array for all", `[]`, account{}, `the body, before offset 1, is array and should be an object`},
		{"a number for an address", `{"addr":1}`, account{}, `is number and should be a string`},
		{"a date that is none", `{"time":"yesterday"}`, account{}, "the JSON text holds a value that is not accepted"},
		{"deeper than the stack", strings.Repeat(`{"inner":`, 20000), account{}, "the body is not JSON, at offset"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got account
			err := DecodeJSON(Data(tt.text), &got)
			if tt.detail == "" {
				diff(t, nil, err)
				diff(t, tt.want, got)
				return
			}
			wantStatus(t, err, 400, tt.detail)
		})
	}
}

// manyNames returns n members of an object.
func manyNames(n int) string {
	members := make([]string, n)
	for i := range members {
		members[i] = fmt.Sprintf(`"k%d":0`, i)
	}
	return strings.Join(members, ",")
}

func TestKindName(t *testing.T) {
	for _, tt := range []struct {
		v    any
		want string
	}{
		{int16(0), "an integer of 16 bits"}, {uint8(0), "an integer of 8 bits that is not negative"},
		{0, fmt.Sprintf("an integer of %d bits", strconv.IntSize)}, {int64(0), "an integer of 64 bits"},
		{uint(0), fmt.Sprintf("an integer of %d bits that is not negative", strconv.IntSize)},
		{float32(0.5), "a number"}, {0.5, "a number"}, {true, "true or false"}, {"", "a string"}, {[]int{}, "an array"}, {[2]int{}, "an array"},
		{account{}, "an object"}, {map[string]int{}, "an object"}, {netip.Addr{}, "a string"}, {time.Time{}, "a string"},
	} {
		diff(t, tt.want, kindName(reflect.TypeOf(tt.v)))
	}
}

func TestDecodeJSONHandsOnTheErrorOfAType(t *testing.T) {
	wantStatus(t, DecodeJSON(`{"own":1}`, &account{}), 409, "own rule")
}

func TestDecodeJSONIntoNoPointer(t *testing.T) {
	var target *json.InvalidUnmarshalError
	err := DecodeJSON(`{}`, account{})
	if !errors.As(err, &target) {
		t.Errorf("got %v, want a *json.InvalidUnmarshalError", err)
	}
	var fault *Error
	if errors.As(err, &fault) {
		t.Errorf("the client is blamed: %v", fault)
	}
}

func FuzzDecodeJSON(f *testing.F) {
	for _, s := range []string{
		`{"a":{"a":1},"b":[{"a":1},"a"]}`, `{"a":1,"\u0061":2}`, `[1,"\"",null]`, `{"a":1} x`, "\"\xff\"", `{"":0,"":0}`, `{`, ``,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var strict, loose any
		err := DecodeJSON(Data(text), &strict)
		if err != nil {
			wantStatus(t, err, 400, "")
			return
		}
		if err := json.Unmarshal([]byte(text), &loose); err != nil {
			t.Fatalf("DecodeJSON accepts what json.Unmarshal refuses: %v", err)
		}
		diff(t, loose, strict)
		diff(t, countNames(strict), strings.Count(namesOnly(t, text), "n"))
	})
}

// countNames returns how many members there are in all objects of v: fewer than
// in the text, if one was lost because it came twice.
func countNames(v any) int {
	n := 0
	switch v := v.(type) {
	case map[string]any:
		n = len(v)
		for _, e := range v {
			n += countNames(e)
		}
	case []any:
		for _, e := range v {
			n += countNames(e)
		}
	}
	return n
}

// namesOnly returns an "n" for each name in the text.
func namesOnly(t *testing.T, text string) string {
	dec := json.NewDecoder(strings.NewReader(text))
	var out strings.Builder
	var objects []bool // whether what is open is an object
	name := false      // whether a name comes next
	for {
		token, err := dec.Token()
		if err != nil {
			return out.String()
		}
		switch delim, _ := token.(json.Delim); delim {
		case '{', '[':
			objects = append(objects, delim == '{')
			name = delim == '{'
			continue
		case '}', ']':
			objects = objects[:len(objects)-1]
		default:
			if name {
				out.WriteByte('n')
				name = false
				continue
			}
		}
		name = len(objects) > 0 && objects[len(objects)-1]
	}
}
