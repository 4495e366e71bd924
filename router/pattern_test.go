package router

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParsePattern(t *testing.T) {
	for _, tt := range []struct {
		text string
		want []segment
	}{
		{"/", []segment{{static, "", ""}}},
		{"/users", []segment{{static, "users", ""}}},
		{"/users/", []segment{{static, "users", ""}, {static, "", ""}}},
		{"/users/:id", []segment{{static, "users", ""}, {param, "", "id"}}},
		{"/@:user_1/:é", []segment{{param, "@", "user_1"}, {param, "", "é"}}},
		{"/files/*path", []segment{{static, "files", ""}, {catchAll, "", "path"}}},
		{"/caf%C3%A9/a%2fb", []segment{{static, "café", ""}, {static, "a/b", ""}}},
		{"/at%3A2%2A:x", []segment{{param, "at:2*", "x"}}},
		{"/.well-known/a.b", []segment{{static, ".well-known", ""}, {static, "a.b", ""}}},
	} {
		p, err := parsePattern(tt.text)
		if err != nil {
			t.Errorf("parsePattern(%q): %v", tt.text, err)
		}
		if diff := cmp.Diff(tt.want, p.segments, cmp.AllowUnexported(segment{})); diff != "" {
			t.Errorf("parsePattern(%q): segments (-want +got):\n%s", tt.text, diff)
		}
	}
}

func TestParsePatternRefuses(t *testing.T) {
	for _, tt := range []struct {
		text   string
		offset int
		reason string
	}{
		{"", 0, "begins with a slash"},
		{"users", 0, "begins with a slash"},
		{"/users//7", 7, "two slashes in a row"},
		{"//", 1, "two slashes in a row"},
		{"/users/:", 8, "without a name"},
		{"/users/:/x", 8, "without a name"},
		{"/files/*", 8, "without a name"},
		{"/:id.json", 4, `may not hold '.'`},
		{"/:from-:to", 6, `may not hold '-'`},
		{"/:a:b", 3, `may not hold ':'`},
		{"/*a*b", 3, `may not hold '*'`},
		{"/*path/x", 1, "nothing comes behind it"},
		{"/x*path", 2, "%2A"},
		{"/:id/x/:id", 8, `called "id"`},
		{"/:id/*id", 6, `called "id"`},
		{"/a?b", 2, "%3F"},
		{"/a#b", 2, "%23"},
		{"/users/{id}", 7, ":name"},
		{"/users/id}", 9, ":name"},
		{"/files/{path...}", 7, "*name"},
		{"/a\nb", 2, "%0A"},
		{"/a\x7fb", 2, "%7F"},
		{"/100%", 4, "%25"},
		{"/%zz:x", 1, "%25"},
		{"/a%20%2", 5, "%25"},
		{"/%41%zz:x", 4, "%25"},
		{"/a/../b", 3, "dot segments"},
		{"/a/%2E", 3, "dot segments"},
	} {
		_, err := parsePattern(tt.text)
		if err == nil {
			t.Errorf("parsePattern(%q) succeeds", tt.text)
			continue
		}
		if err.Offset != tt.offset || !strings.Contains(err.Reason, tt.reason) {
			t.Errorf("parsePattern(%q): offset %d, %s; want %d, %s", tt.text, err.Offset, err.Reason, tt.offset, tt.reason)
		}
	}
}

func TestManyParameters(t *testing.T) {
	var text strings.Builder
	for i := range maxParams {
		text.WriteString("/:p" + strings.Repeat("x", i))
	}
	p, err := parsePattern(text.String())
	if err != nil {
		t.Fatal(err)
	}
	f, fault := newForest([]plant{{p, &endpoint{}}})
	if fault != nil {
		t.Fatal(fault)
	}
	if _, params := f.find(strings.Repeat("/v", maxParams)); len(params) != maxParams {
		t.Errorf("%d parameters, want %d", len(params), maxParams)
	}
	if _, err := parsePattern(text.String() + "/:one_more"); err == nil {
		t.Error("one parameter more is accepted")
	}
}
