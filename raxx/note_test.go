package raxx

import "testing"

func TestNotesAreTakenByTheirKey(t *testing.T) {
	visits, other := NewKey[int]("visits"), NewKey[int]("visits")
	publish := Publish{"a", "b"}
	resp := Text(200, "x").WithDo(visits.Note(1), publish, other.Note(2), visits.Note(3))

	taken, rest := visits.Take(resp)
	diff(t, []int{1, 3}, taken)
	diff(t, Text(200, "x").WithDo(publish, other.Note(2)), rest)
	diff(t, 4, len(resp.Do)) // the response that was given did not change

	_, behind := visits.Take(Text(200, "x").WithDo(publish, other.Note(2), visits.Note(1), publish))
	diff(t, Text(200, "x").WithDo(publish, other.Note(2), publish), behind)

	taken, same := visits.Take(rest)
	diff(t, []int(nil), taken)
	diff(t, rest, same)

	_, bare := other.Take(Text(200, "x").WithDo(other.Note(2)))
	diff(t, Text(200, "x"), bare)
}

func TestNotesAreComparedByKeyAndValue(t *testing.T) {
	visits, other := NewKey[[]int]("visits"), NewKey[[]int]("visits")
	note := visits.Note([]int{1})
	diff(t, true, note.Equal(visits.Note([]int{1})))
	diff(t, false, note.Equal(visits.Note([]int{2})))
	diff(t, false, note.Equal(other.Note([]int{1})))
	diff(t, "visits", note.String())
	diff(t, "", Note{}.String())
}

func TestNoteOfAZeroKeyIsRefused(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a note was made with a key that NewKey did not make")
		}
	}()
	Key[int]{}.Note(1)
}
