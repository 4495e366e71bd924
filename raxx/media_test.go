package raxx

import (
	"strings"
	"testing"
)

func TestParseMediaType(t *testing.T) {
	tests := []struct {
		name, text string
		want       MediaType
		back       string // "" if it is refused
	}{
		{"plain", "text/html", MediaType{"text", "html", nil}, "text/html"},
		{"in lower case", "Text/HTML;Charset=UTF-8", MediaType{"text", "html", []Pair{{"charset", "UTF-8"}}}, "text/html; charset=UTF-8"},
		{"white space", " text/html\t; a=b ; c=d ", MediaType{"text", "html", []Pair{{"a", "b"}, {"c", "d"}}}, "text/html; a=b; c=d"},
		{"quotes", `a/b; c="d;\"\e\\"; f=""`, MediaType{"a", "b", []Pair{{"c", `d;"e\`}, {"f", ""}}}, `a/b; c="d;\"e\\"; f=""`},
		{"quotes that are not needed", `a/b; c="d"`, MediaType{"a", "b", []Pair{{"c", "d"}}}, "a/b; c=d"},
		{"a missing parameter", "a/b;; ;c=d;", MediaType{"a", "b", []Pair{{"c", "d"}}}, "a/b; c=d"},
		{"a range", "*/*", MediaType{"*", "*", nil}, "*/*"},
		{name: "nothing"},
		{name: "no subtype", text: "text"},
		{name: "an empty subtype", text: "text/"},
		{name: "an empty type", text: "/html"},
		{name: "two slashes", text: "a/b/c"},
		{name: "a space within", text: "te xt/html"},
		{name: "letters that lower case makes ASCII of", text: "appl\u0130cation/json"},
		{name: "another one", text: "text/mar\u212Adown"},
		{name: "two types", text: "text/html, text/plain"},
		{name: "a parameter without a value", text: "a/b; c"},
		{name: "a parameter with an empty value", text: "a/b; c="},
		{name: "a parameter without a name", text: "a/b; =c"},
		{name: "another sign than =", text: "a/b; c:d"},
		{name: "white space around =", text: "a/b; c =d"},
		{name: "no semicolon", text: "a/b; c=d e=f"},
		{name: "behind the quotes", text: `a/b; c="d"e`},
		{name: "an open quote", text: `a/b; c="d`},
		{name: "a quote that is escaped", text: `a/b; c="d\"`},
		{name: "a control character in quotes", text: "a/b; c=\"\r\n\""},
		{name: "an escaped control character", text: "a/b; c=\"\\\n\""},
		{name: "a parameter twice", text: "a/b; charset=a; CHARSET=b"},
		{name: "too many parameters", text: "a/b" + manyParams(33)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseMediaType(tt.text)
			if tt.back == "" {
				wantStatus(t, err, 400, "no media type")
				return
			}
			diff(t, nil, err)
			diff(t, tt.want, got)
			diff(t, tt.back, got.String())
		})
	}
}

func manyParams(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(";p" + strings.Repeat("x", i) + "=1")
	}
	return b.String()
}

func TestRequestMediaType(t *testing.T) {
	for _, tt := range []struct {
		header Header
		ok     bool
	}{
		{nil, false},
		{Header{{"content-type", "a/b"}}, true},
		{Header{{"content-type", "a"}}, false},
		{Header{{"content-type", "a/b"}, {"content-type", "a/b"}}, false},
	} {
		_, ok := Request{Header: tt.header}.MediaType()
		diff(t, tt.ok, ok)
	}
}

func FuzzMediaType(f *testing.F) {
	for _, s := range []string{"text/html; charset=utf-8", `a/b; c="d;\"\e"`, "*/*;;", "a/b; c=d; C=e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ParseMediaType(text)
		if err != nil {
			wantStatus(t, err, 400, "")
			return
		}
		if err := CheckField("content-type", m.String()); err != nil {
			t.Fatal(err)
		}
		again, err := ParseMediaType(m.String())
		diff(t, nil, err)
		diff(t, m, again)
	})
}
