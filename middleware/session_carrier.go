package middleware

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/raxx-go/raxx/middleware/internal/seal"
	"github.com/raxx-go/raxx/raxx"
)

// A sessionCarrier keeps the record of a session for the browser that hands back
// the value of its cookie.
type sessionCarrier interface {
	// load returns the record that belongs to the value; nil if there is none.
	load(req raxx.Request, value string) ([]byte, error)
	// fits reports whether there is room for a record, by an error if not.
	fits(record []byte) error
	// begin keeps the record of a session that was not there before, and returns
	// the value of its cookie.
	begin(req raxx.Request, record []byte, ttl time.Duration) (string, error)
	// keep keeps a record in place of the one that belongs to the value. It
	// returns the new value, or "" if the session has been ended meanwhile.
	keep(req raxx.Request, value string, record []byte, ttl time.Duration) (string, error)
	// drop forgets the record that belongs to the value, and reports whether it
	// was still there.
	drop(req raxx.Request, value string) (bool, error)
}

// A SessionSizeError says that a session is larger than its cookie or its store
// takes.
type SessionSizeError struct{ Size, Limit int }

// Error names both sizes.
func (e *SessionSizeError) Error() string {
	return fmt.Sprintf("middleware: the session has %d bytes, and its limit is %d", e.Size, e.Limit)
}

func sessionFits(size, limit int) error {
	if size > limit {
		return &SessionSizeError{size, limit}
	}
	return nil
}

// sessionInCookie keeps records in the cookie itself.
type sessionInCookie struct {
	sealer  *seal.Sealer
	context string
	limit   int // of the value
}

func (c sessionInCookie) load(_ raxx.Request, value string) ([]byte, error) {
	record, _ := c.sealer.Open(value, c.context)
	return record, nil
}

func (c sessionInCookie) fits(record []byte) error {
	return sessionFits(c.sealer.Len(len(record)), c.limit)
}

func (c sessionInCookie) begin(_ raxx.Request, record []byte, _ time.Duration) (string, error) {
	return c.sealer.Seal(record, c.context), nil
}

func (c sessionInCookie) keep(req raxx.Request, _ string, record []byte, ttl time.Duration) (string, error) {
	return c.begin(req, record, ttl)
}

func (c sessionInCookie) drop(raxx.Request, string) (bool, error) { return true, nil }

// sessionInStore keeps records in a store, under the hash of a token which is the
// value of the cookie: who reads the store can't take a session over, and how
// long a search takes says nothing about tokens (CVE-2019-16782).
type sessionInStore struct {
	store SessionStore
	bound string // to each token: the name of the cookie, and the version
	limit int
}

// sessionToken is the length of a token: 32 random bytes in base64.
const sessionToken = 43

func (s sessionInStore) id(token string) string {
	hash := sha256.Sum256([]byte(s.bound + " " + token))
	return base64.RawURLEncoding.EncodeToString(hash[:])
}

func (s sessionInStore) load(req raxx.Request, token string) ([]byte, error) {
	if len(token) != sessionToken {
		return nil, nil
	}
	record, ok, err := s.store.Load(req.Context(), s.id(token))
	if err != nil || !ok {
		return nil, err
	}
	return []byte(record), nil
}

func (s sessionInStore) fits(record []byte) error { return sessionFits(len(record), s.limit) }

func (s sessionInStore) begin(req raxx.Request, record []byte, ttl time.Duration) (string, error) {
	var random [32]byte
	rand.Read(random[:])
	token := base64.RawURLEncoding.EncodeToString(random[:])
	return token, s.store.Create(sessionContext(req), s.id(token), string(record), ttl)
}

func (s sessionInStore) keep(req raxx.Request, token string, record []byte, ttl time.Duration) (string, error) {
	there, err := s.store.Update(sessionContext(req), s.id(token), string(record), ttl)
	if err != nil || !there {
		return "", err
	}
	return token, nil
}

func (s sessionInStore) drop(req raxx.Request, token string) (bool, error) {
	return s.store.Delete(sessionContext(req), s.id(token))
}

// sessionContext is for what has to be done whether the client waits for it or
// not: who logs out and goes away is logged out.
func sessionContext(req raxx.Request) context.Context { return context.WithoutCancel(req.Context()) }
