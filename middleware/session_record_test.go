package middleware

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sessionRecordView is a record that can be compared.
type sessionRecordView struct {
	ID          [16]byte
	Begun, Seen time.Time
	Flashes     []Flash
	Value       string
	Set         bool
}

func viewSessionRecord(r sessionRecord[string]) sessionRecordView {
	return sessionRecordView{r.id, r.begun, r.seen, r.flashes, r.value, r.set}
}

func TestSessionRecord(t *testing.T) {
	at := time.Unix(1700000000, 0)
	flashes := []Flash{{"info", "a"}, {"", "<b>"}}
	tests := map[string]sessionRecord[string]{
		"a value":             {id: [16]byte{1}, begun: at, seen: at.Add(time.Hour), value: "ada", set: true},
		"a value and flashes": {id: [16]byte{1}, begun: at, seen: at, value: "ada", set: true, flashes: flashes},
		"flashes":             {id: [16]byte{1}, begun: at, seen: at, flashes: flashes},
		"an empty value":      {id: [16]byte{1}, begun: at, seen: at, set: true},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			data, err := want.encode()
			if err != nil {
				t.Fatal(err)
			}
			got, ok := decodeSession[string](data)
			if diff := cmp.Diff(viewSessionRecord(want), viewSessionRecord(got)); !ok || diff != "" {
				t.Error(ok, diff)
			}
		})
	}
}

func TestSessionRecordsThatAreNone(t *testing.T) {
	record := func(flashes byte, rest string) []byte {
		head := make([]byte, sessionHead, 100)
		head[0], head[sessionHead-1] = 1, flashes
		return append(head, rest...)
	}
	for name, data := range map[string][]byte{
		"nothing":                        nil,
		"half a head":                    record(0, "")[:sessionHead-1],
		"messages that are cut off":      record(3, "[]"),
		"messages that are no JSON":      record(2, "[x"),
		"a value that is no JSON":        record(0, "x"),
		"a value that is no text":        record(2, "[]7"),
		"messages of another kind":       record(2, "{}"),
		"messages that are much too few": record(255, `"ada"`),
	} {
		if r, ok := decodeSession[string](data); ok {
			t.Errorf("%s: read as %+v", name, r)
		}
	}
}

// A record that is read is written in the same way, and takes no more memory than
// it has bytes.
func FuzzSessionRecord(f *testing.F) {
	full, _ := sessionRecord[string]{id: [16]byte{1}, value: "ada", set: true, flashes: []Flash{{"info", "a"}}}.encode()
	f.Add(full)
	f.Add(full[:sessionHead])
	f.Add(full[:sessionHead-1])
	f.Add(append([]byte(nil), make([]byte, sessionHead)...))
	f.Add(append(append(make([]byte, sessionHead-1), 2), "[]"...))
	f.Fuzz(func(t *testing.T, data []byte) {
		record, ok := decodeSession[string](data)
		if !ok {
			return
		}
		if len(record.value) > 3*len(data) || len(record.flashes) > len(data) {
			t.Errorf("%d bytes became %d and %d flashes", len(data), len(record.value), len(record.flashes))
		}
		if len(record.flashes) == 0 {
			record.flashes = nil // "[]" is written as nothing
		}
		again, err := record.encode()
		if err != nil {
			t.Fatal(err)
		}
		second, ok := decodeSession[string](again)
		if diff := cmp.Diff(viewSessionRecord(record), viewSessionRecord(second)); !ok || diff != "" {
			t.Errorf("%q: %v %s", data, ok, diff)
		}
	})
}
