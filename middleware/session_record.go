package middleware

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"time"
)

// A sessionRecord is all that is kept of a session.
type sessionRecord[T any] struct {
	id      [16]byte
	begun   time.Time // when it got its identifier
	seen    time.Time // when it was last written
	flashes []Flash
	value   T
	set     bool // whether there is a value
}

// sessionHead is the number of bytes before the flash messages: the identifier,
// two dates, and the length of the messages.
const sessionHead = 16 + 8 + 8 + 4

// exists reports whether the record is that of a session.
func (r sessionRecord[T]) exists() bool { return r.id != [16]byte{} }

// state returns what handlers see. A session that only holds flash messages has
// no identifier for them: nothing is to be bound to what ends with the next page.
func (r sessionRecord[T]) state() sessionState[T] {
	if !r.set {
		return sessionState[T]{}
	}
	return sessionState[T]{base64.RawURLEncoding.EncodeToString(r.id[:]), r.value, true}
}

// encode writes the record: its head, the flash messages and the value, both as
// JSON, and nothing where there is none.
func (r sessionRecord[T]) encode() ([]byte, error) {
	var flashes, value []byte
	var err error
	if len(r.flashes) > 0 {
		if flashes, err = json.Marshal(r.flashes); err != nil {
			return nil, err
		}
	}
	if r.set {
		if value, err = json.Marshal(r.value); err != nil {
			return nil, err
		}
	}
	b := make([]byte, 0, sessionHead+len(flashes)+len(value))
	b = append(b, r.id[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(r.begun.Unix()))
	b = binary.BigEndian.AppendUint64(b, uint64(r.seen.Unix()))
	b = binary.BigEndian.AppendUint32(b, uint32(len(flashes)))
	return append(append(b, flashes...), value...), nil
}

// decodeSession reads a record, and reports whether it is one.
func decodeSession[T any](b []byte) (r sessionRecord[T], ok bool) {
	if len(b) < sessionHead {
		return r, false
	}
	copy(r.id[:], b)
	r.begun = time.Unix(int64(binary.BigEndian.Uint64(b[16:])), 0)
	r.seen = time.Unix(int64(binary.BigEndian.Uint64(b[24:])), 0)
	n := int(binary.BigEndian.Uint32(b[32:]))
	b = b[sessionHead:]
	if n > len(b) {
		return sessionRecord[T]{}, false
	}
	if n > 0 && json.Unmarshal(b[:n], &r.flashes) != nil {
		return sessionRecord[T]{}, false
	}
	if r.set = len(b) > n; r.set && json.Unmarshal(b[n:], &r.value) != nil {
		return sessionRecord[T]{}, false
	}
	return r, true
}

// expired reports whether the session is too old.
func (r sessionRecord[T]) expired(now time.Time, idle, lifetime time.Duration) bool {
	return now.Sub(r.seen) >= idle || now.Sub(r.begun) >= lifetime
}
