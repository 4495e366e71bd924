package raxx

import (
	"slices"
	"testing"
)

func TestHeaderReads(t *testing.T) {
	h := Header{{"accept", "a"}, {"vary", "x"}, {"accept", ""}, {"accept", `b, "c,\"d" ,,e `}}
	diff(t, "a", h.Get("Accept"))
	diff(t, "", h.Get("host"))
	diff(t, true, h.Has("VARY"))
	diff(t, false, h.Has("var"))
	diff(t, []string{"a", "", `b, "c,\"d" ,,e `}, slices.Collect(h.Values("accept")))
	diff(t, []string{"a", "b", `"c,\"d"`, "e"}, slices.Collect(h.Elements("accept")))
	diff(t, []string{`a\`, "b"}, slices.Collect(Header{{"accept", `a\, b`}}.Elements("accept"))) // it escapes in quotes only
	if v, ok := (Header{{"a", ""}}).Lookup("a"); v != "" || !ok {
		t.Errorf("Lookup of an empty field = %q, %v", v, ok)
	}
}

func TestHeaderIteratorsStop(t *testing.T) {
	h := Header{{"a", "1, 2"}, {"a", "3"}}
	for v := range h.Values("a") {
		diff(t, "1, 2", v)
		break
	}
	for v := range h.Elements("a") {
		diff(t, "1", v)
		break
	}
}

func TestHeaderChanges(t *testing.T) {
	h := Header{{"a", "1"}, {"b", "2"}, {"a", "3"}}
	tests := []struct {
		name      string
		got, want Header
	}{
		{"With replaces the first and drops the others", h.With("A", "x"), Header{{"a", "x"}, {"b", "2"}}},
		{"With appends what is new", h.With("C", "x"), Header{{"a", "1"}, {"b", "2"}, {"a", "3"}, {"c", "x"}}},
		{"Add appends in lower case", h.Add("B", "x"), Header{{"a", "1"}, {"b", "2"}, {"a", "3"}, {"b", "x"}}},
		{"Default keeps what is there", h.Default("B", "x"), h},
		{"Default sets what is not", Header(nil).Default("B", "x"), Header{{"b", "x"}}},
		{"Without drops all", h.Without("A"), Header{{"b", "2"}}},
		{"Without of another name changes nothing", h.Without("c"), h},
		{"a header without fields is nil", Header{{"a", "1"}}.Without("a"), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { diff(t, tt.want, tt.got) })
	}
}

// Two headers made from the same one must not share what they added, even if
// the list had room left.
func TestHeaderNeverWritesThroughASharedArray(t *testing.T) {
	base := make(Header, 0, 16)
	base = append(base, Field{"a", "1"}, Field{"b", "2"}, Field{"a", "3"})
	room := base[:cap(base)]
	before := slices.Clone(room)

	for name, change := range map[string]func(Header) Header{
		"With":       func(h Header) Header { return h.With("a", "x") },
		"With new":   func(h Header) Header { return h.With("n", "x") },
		"Add":        func(h Header) Header { return h.Add("a", "x") },
		"Default":    func(h Header) Header { return h.Default("n", "x") },
		"Without":    func(h Header) Header { return h.Without("a") },
		"concat":     func(h Header) Header { return concat(h, Header{{"t", "x"}}) },
		"cookie":     func(h Header) Header { return Response{Header: h}.WithCookie(Cookie{Name: "c"}).Header },
		"two of one": func(h Header) Header { h.Add("x", "1"); return h.Add("y", "2") },
	} {
		t.Run(name, func(t *testing.T) {
			got := change(base)
			diff(t, before, room)
			for i := range got {
				got[i].Value = "overwritten"
			}
			diff(t, before, room)
		})
	}
}

func TestHeaderRefusesWhatWouldSplitTheMessage(t *testing.T) {
	for _, value := range []string{"a\r\nb: c", "a\nb", "a\x00", " a", "a\t"} {
		wantPanic[*FieldError](t, func() { Header(nil).With("x", value) })
		wantPanic[*FieldError](t, func() { Header(nil).Add("x", value) })
		wantPanic[*FieldError](t, func() { Header(nil).Default("x", value) })
	}
	wantPanic[*FieldError](t, func() { Header(nil).Add("x\r\ny", "") })
}

// Whoever appends to a header by hand gets a list of their own, and does not write
// to what another has appended to the same.
func TestHeadersHaveNoRoom(t *testing.T) {
	h := Header{{"a", "1"}, {"b", "2"}}
	for name, made := range map[string]Header{
		"With, a new one": h.With("c", "3"), "With, in place of one": h.With("a", "3"),
		"Add": h.Add("a", "3"), "Default": h.Default("c", "3"), "Without": h.Without("a"),
	} {
		x, y := append(made, Field{"x", ""}), append(made, Field{"y", ""})
		if x[len(made)].Name != "x" || y[len(made)].Name != "y" {
			t.Errorf("%s: two that were appended are the same", name)
		}
	}
}
