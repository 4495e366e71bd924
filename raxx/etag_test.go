package raxx

import "testing"

func TestParseETag(t *testing.T) {
	tests := []struct {
		text string
		want ETag
		ok   bool
	}{
		{`"a"`, ETag{false, "a"}, true},
		{`W/"a"`, ETag{true, "a"}, true},
		{`""`, ETag{}, true},
		{`"a\,'b"`, ETag{false, `a\,'b`}, true},
		{"\"\xff\"", ETag{false, "\xff"}, true},
		{`a`, ETag{}, false},
		{`a"`, ETag{}, false},
		{`" a"`, ETag{}, false},
		{`"a`, ETag{}, false},
		{`w/"a"`, ETag{}, false},
		{`W/ "a"`, ETag{}, false},
		{`"a" `, ETag{}, false},
		{`"a""b"`, ETag{}, false},
		{`"a b"`, ETag{}, false},
		{"\"a\x7f\"", ETag{}, false},
		{"", ETag{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			got, err := ParseETag(tt.text)
			diff(t, tt.want, got)
			if !tt.ok {
				wantStatus(t, err, 400, "no entity tag")
				return
			}
			diff(t, nil, err)
			diff(t, tt.text, got.String())
		})
	}
}

func TestETags(t *testing.T) {
	tests := []struct {
		name string
		h    Header
		want []ETag
		all  bool
	}{
		{"none", nil, nil, false},
		{"one", Header{{"if-match", `"a"`}}, []ETag{{false, "a"}}, false},
		{"several", Header{{"if-match", `"a,b" , ,W/"c",`}, {"if-match", `"d"`}}, []ETag{{false, "a,b"}, {true, "c"}, {false, "d"}}, false},
		{"all", Header{{"if-match", " * "}}, nil, true},
		{"all in one of two fields", Header{{"if-match", "*"}, {"if-match", `"a"`}}, []ETag{{false, "a"}}, true},
		{"a malformed member ends its field", Header{{"if-match", `"a", b, "c"`}, {"if-match", `"d"`}}, []ETag{{false, "a"}, {false, "d"}}, false},
		{"no comma", Header{{"if-match", `"a" "b"`}}, nil, false},
		{"a star among others", Header{{"if-match", `"a", *`}}, []ETag{{false, "a"}}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, all := ETags(tt.h, "if-match")
			diff(t, tt.want, list)
			diff(t, tt.all, all)
		})
	}
}

// The table of RFC 9110, Section 8.8.3.2.
func TestETagComparison(t *testing.T) {
	w1, w2, s1, s2 := ETag{true, "1"}, ETag{true, "2"}, ETag{false, "1"}, ETag{false, "2"}
	tests := []struct {
		x, y         ETag
		strong, weak bool
	}{
		{w1, w1, false, true}, {w1, w2, false, false}, {w1, s1, false, true}, {s1, w1, false, true},
		{s1, s1, true, true}, {s1, s2, false, false},
	}
	for _, tt := range tests {
		diff(t, tt.strong, tt.x.StrongMatch(tt.y))
		diff(t, tt.weak, tt.x.WeakMatch(tt.y))
	}
}

func TestStrongETag(t *testing.T) {
	diff(t, `"LPJNul-wow4m6Dsqxbning"`, StrongETag("hello").String())
	diff(t, false, StrongETag("") == StrongETag("a"))
}

func FuzzETags(f *testing.F) {
	for _, s := range []string{`"a", W/"b"`, `*`, `"a,b" "c"`, `W/`, `"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, _ := ETags(Header{{"if-match", text}}, "if-match")
		if len(list) > len(text)/2 {
			t.Fatalf("%d tags in %d bytes", len(list), len(text))
		}
		for _, e := range list {
			again, err := ParseETag(e.String())
			diff(t, nil, err)
			diff(t, e, again)
		}
	})
}
