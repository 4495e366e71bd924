package raxx

import "reflect"

// A Note is what a handler tells a middleware around it: the way back of what a
// [Key] brings in. It is an [Effect], because it asks for something to be done
// besides the reply, by the middleware and not by the server: to begin a
// session, to count a failure. Make one with [Key.Note]:
//
//	return resp.WithDo(visits.Note(1)) // in a handler
//	counts, resp := visits.Take(resp)  // in the middleware
//
// A note belongs in [Response.Do], that of the handler's response or of the head
// that a machine sends; it is none of a machine's other parts. If nobody takes a
// note, its middleware is missing: a server answers with 500 in place of a response
// that still has one, so that a login that nothing has kept does not look like one
// that worked. Two notes are equal if they have the same key and equal values.
type Note struct {
	key   *keyID
	value any
}

// IsPart marks the type as a [Part].
func (Note) IsPart() {}

func (Note) isEffect() {}

// Note returns the note that holds v. It panics if [NewKey] did not make the key.
func (k Key[T]) Note(v T) Note {
	if k.id == nil {
		panic("raxx: Note on a Key that NewKey did not make")
	}
	return Note{k.id, v}
}

// Take returns the values of the notes with this key in [Response.Do], in order,
// and the response without them.
func (k Key[T]) Take(r Response) ([]T, Response) {
	var taken []T
	var kept []Effect
	for i, effect := range r.Do {
		note, ok := effect.(Note)
		switch {
		case ok && note.key == k.id:
			if taken == nil {
				kept = append(kept, r.Do[:i]...)
			}
			v, _ := note.value.(T) // a nil interface is no T
			taken = append(taken, v)
		case taken != nil:
			kept = append(kept, effect)
		}
	}
	if taken != nil {
		r.Do = kept
	}
	return taken, r
}

// Equal reports whether both have the same key and equal values.
func (n Note) Equal(m Note) bool { return n.key == m.key && reflect.DeepEqual(n.value, m.value) }

// String returns the name of the key.
func (n Note) String() string {
	if n.key == nil {
		return ""
	}
	return n.key.name
}
