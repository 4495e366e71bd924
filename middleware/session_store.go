package middleware

import (
	"context"
	"time"
)

// A SessionStore keeps sessions on the server. Its methods are called by many
// goroutines at once. An id is the hash of what the browser has: 43 characters of
// letters, digits, "-" and "_". The data are bytes, not text in UTF-8.
//
// The context of Load ends when the client has gone away; those of the methods that
// change something do not. None has a deadline: a store that may hang sets its own.
type SessionStore interface {
	// Load returns what is kept under the id, and reports whether there is
	// something that is not too old. An error is for a store that can't tell.
	Load(ctx context.Context, id string) (data string, ok bool, err error)
	// Create keeps data under a new id for the time ttl, which is positive.
	Create(ctx context.Context, id, data string, ttl time.Duration) error
	// Update keeps data in place of what is under the id, for the time ttl from
	// now, and reports whether there was something. Where there is nothing it
	// must not keep anything, or a request that ends after the user has logged
	// out would log in again (CVE-2025-46336): SET with XX, in the words of Redis,
	// and UPDATE in those of SQL.
	Update(ctx context.Context, id, data string, ttl time.Duration) (ok bool, err error)
	// Delete forgets what is under the id, and reports whether there was
	// something. Of two requests at once that give a session a new identifier,
	// the one whose Delete finds something goes on.
	Delete(ctx context.Context, id string) (ok bool, err error)
}
