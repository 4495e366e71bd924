package raxx

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestParseValues(t *testing.T) {
	tests := []struct {
		name, query string
		want        Values
		detail      string // "" if it is accepted
	}{
		{"nothing", "", nil, ""},
		{"pairs in order", "b=2&a=1&b=3", Values{{"b", "2"}, {"a", "1"}, {"b", "3"}}, ""},
		{"no value", "a&b=", Values{{"a", ""}, {"b", ""}}, ""},
		{"no name", "=a", Values{{"", "a"}}, ""},
		{"empty pairs are skipped", "&&a=1&", Values{{"a", "1"}}, ""},
		{"a second =", "a=b=c", Values{{"a", "b=c"}}, ""},
		{"plus and escapes, once", "a+b=%2B%252B+%c3%BC", Values{{"a b", "+%2B ü"}}, ""},
		{"a semicolon does not separate", "a=1;b=2", Values{{"a", "1;b=2"}}, ""},
		{"octets that are no UTF-8", "a=%ff", Values{{"a", "\xff"}}, ""},
		{"an escape of one digit", "a=%2", nil, "offset 2"},
		{"an escape at the begin", "%=x", nil, "offset 0"},
		{"an escape of no digit", "a=1&b=x%zz", nil, "offset 7"},
		{"an escape in a name", "a=1&b%=x", nil, "offset 5"},
		{"as many as there may be", strings.Repeat("a&", MaxValues), slices.Repeat(Values{{"a", ""}}, MaxValues), ""},
		{"too many", strings.Repeat("a&", MaxValues+1), nil, "more than 1000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseValues(tt.query)
			diff(t, tt.want, got)
			if tt.detail == "" {
				diff(t, nil, err)
				return
			}
			wantStatus(t, err, 400, tt.detail)
		})
	}
}

func TestValuesRead(t *testing.T) {
	v, err := Get("/?a=1&b=2&a=3").Values()
	diff(t, nil, err)
	diff(t, "1", v.Get("a"))
	diff(t, "", v.Get("A"))
	diff(t, []string{"1", "3"}, slices.Collect(v.All("a")))
}

func TestValuesNeverWriteThroughASharedArray(t *testing.T) {
	base := append(make(Values, 0, 8), Pair{"a", "1"}, Pair{"b", "2"}, Pair{"a", "3"}, Pair{"c", "4"})
	room := base[:cap(base)]
	before := slices.Clone(room)
	tests := []struct {
		name      string
		got, want Values
	}{
		{"With replaces the first", base.With("a", "x"), Values{{"a", "x"}, {"b", "2"}, {"c", "4"}}},
		{"With appends what is new", base.With("d", "x"), Values{{"a", "1"}, {"b", "2"}, {"a", "3"}, {"c", "4"}, {"d", "x"}}},
		{"With on the last", base.With("c", "x"), Values{{"a", "1"}, {"b", "2"}, {"a", "3"}, {"c", "x"}}},
		{"Add", base.Add("a", "x"), Values{{"a", "1"}, {"b", "2"}, {"a", "3"}, {"c", "4"}, {"a", "x"}}},
		{"Without", base.Without("a"), Values{{"b", "2"}, {"c", "4"}}},
		{"Without all", Values{{"a", ""}}.Without("a"), nil},
		{"With on none", Values(nil).With("a", "1"), Values{{"a", "1"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, tt.want, tt.got)
			for i := range tt.got {
				tt.got[i].Value = "overwritten"
			}
			diff(t, before, room)
		})
	}
}

func TestEncode(t *testing.T) {
	v := Values{{"a b", "1&2=3"}, {"", "ü*-._~+"}, {"c", ""}}
	diff(t, "a+b=1%262%3D3&=%C3%BC*-._%7E%2B&c=", v.Encode())
	diff(t, v.Encode(), Get("/?x").WithQuery(v).Query)
	diff(t, "", Values(nil).Encode())
}

func TestValueAs(t *testing.T) {
	v := Values{{"n", "7"}, {"s", "x"}}
	n, err := ValueAs[int](v, "n")
	diff(t, 7, n)
	diff(t, nil, err)
	_, err = ValueAs[int](v, "s")
	wantStatus(t, err, 400, fmt.Sprintf(`the value "s" should be an integer of %d bits`, strconv.IntSize))
	_, err = ValueAs[netip.Addr](v, "s")
	wantStatus(t, err, 400, `the value "s" is malformed`)
	_, err = ValueAs[int](v, "m")
	wantStatus(t, err, 400, `the value "m" is missing`)
}

func TestValueOr(t *testing.T) {
	v := Values{{"n", "7"}, {"s", "x"}, {"e", ""}}
	for name, want := range map[string]int{"n": 7, "e": 20, "m": 20} {
		got, err := ValueOr(v, name, 20)
		diff(t, want, got)
		diff(t, nil, err)
	}
	_, err := ValueOr(v, "s", 20)
	wantStatus(t, err, 400, fmt.Sprintf(`the value "s" should be an integer of %d bits`, strconv.IntSize))
}

func FuzzParseValues(f *testing.F) {
	for _, s := range []string{"a=1&b=2", "%", "%2", "a+b=%2B&&=", "%zz", "a;b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, query string) {
		v, err := ParseValues(query)
		if err != nil {
			wantStatus(t, err, 400, "")
			return
		}
		again, err := ParseValues(v.Encode())
		diff(t, nil, err)
		diff(t, v, again)
	})
}
