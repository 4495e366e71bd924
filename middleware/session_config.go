package middleware

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/raxx-go/raxx/middleware/internal/seal"
	"github.com/raxx-go/raxx/raxx"
)

// A SessionConfig says where a [Session] is kept and for how long. Set either
// Secrets or Store. Idle, Lifetime and Limit can't be negative.
type SessionConfig[T any] struct {
	// Secrets keep the session in the cookie itself, encrypted (AES-256-GCM), so
	// that there is nothing to store. Each has at least 32 random bytes. The first
	// one seals, all of them open: to rotate, add the new one at the end
	// everywhere, then put it first, and take the old one out after Idle. A session
	// in a cookie can't be taken back: whoever has copied it can use it until it is
	// too old, even after [Session.End].
	Secrets [][]byte
	// Signed leaves the session readable for whoever has the cookie, though nobody
	// can change it (HMAC-SHA256). It goes with Secrets only.
	Signed bool
	// Store keeps the session on the server, and only a random token in the
	// cookie. [SessionMemory] is a store for one process.
	Store SessionStore

	// Principal names whom a value speaks for, such as the user's number and
	// rights. When the name changes, the session gets a new identifier, which
	// prevents fixation: an attacker who has planted a session in a browser does
	// not share it once the user has logged in. If nil, any change of the value
	// counts, which is safe, but makes forms that are open in another tab too old
	// for [CSRF], and requests at the same time lose what they write.
	Principal func(T) string
	// Version is bound to the session: change it when T has changed so that old
	// values mean something else. A session of another version, or one that can't
	// be read as a T, counts as none.
	Version int

	// Idle is how long a session lasts between two requests. If zero, 24 hours.
	// The cookie is written anew when an eighth of it is over.
	Idle time.Duration
	// Lifetime is how long a session lasts at most, counted from its last new
	// identifier. If zero, 30 days.
	Lifetime time.Duration
	// Transient makes the browser drop the cookie when it is closed. Many
	// browsers keep such cookies when they open the pages of last time.
	Transient bool
	// Limit is how many bytes one session may have in a store. If zero, 64 KiB. In
	// a cookie there are 4096 bytes, with its name and the encryption, which leaves
	// about 2,900.
	Limit int

	// Name is that of the cookie. If empty, "__Host-session", which no other
	// host, not even of the same domain, can set or overwrite; with Insecure,
	// "session". Where there are several sessions, each needs a name of its own. It
	// is bound to what is kept, so they may share their Secrets or their Store.
	Name string
	// Insecure lets the cookie travel without TLS: for development on other
	// hosts than localhost, and there, too, with Safari, which keeps no other
	// cookie without TLS. Anybody on the way can then take the session over.
	Insecure bool
	// SameSite says which requests that other sites caused carry the cookie. If
	// zero, only links that are followed do.
	SameSite raxx.SameSite
}

func (c SessionConfig[T]) idle() time.Duration     { return sessionOr(c.Idle, 24*time.Hour) }
func (c SessionConfig[T]) lifetime() time.Duration { return sessionOr(c.Lifetime, 30*24*time.Hour) }
func (c SessionConfig[T]) limit() int              { return sessionOr(c.Limit, 64<<10) }

func sessionOr[N int | time.Duration](n, byDefault N) N {
	if n == 0 {
		return byDefault
	}
	return n
}

func (c SessionConfig[T]) name() string {
	switch {
	case c.Name != "":
		return c.Name
	case c.Insecure:
		return "session"
	}
	return "__Host-session"
}

// cookie returns the cookie with this value; ttl is how long it is good.
func (c SessionConfig[T]) cookie(value string, ttl time.Duration) raxx.Cookie {
	cookie := raxx.Cookie{Name: c.name(), Value: value, Secure: !c.Insecure, SameSite: c.SameSite}
	if !c.Transient || ttl < 0 {
		cookie.MaxAge = ttl
	}
	return cookie
}

// check panics if the configuration can't be meant.
func (c SessionConfig[T]) check() {
	var zero T
	_, unwritable := json.Marshal(zero)
	unsendable := c.cookie("", time.Second).Check()
	memory, isMemory := c.Store.(*SessionMemory)
	switch {
	case (len(c.Secrets) == 0) == (c.Store == nil):
		panic("middleware: Session: set either Secrets or Store")
	case c.Signed && c.Store != nil:
		panic("middleware: Session: Signed is for sessions in a cookie")
	case c.Idle < 0 || c.Lifetime < 0 || c.Limit < 0:
		panic("middleware: Session: Idle, Lifetime and Limit can't be negative: a session that never ends is stolen one day")
	case isMemory && memory.Bytes < 0:
		panic("middleware: Session: the Bytes of a SessionMemory can't be negative: clients would decide how much memory is used")
	case unsendable != nil:
		panic("middleware: Session: " + unsendable.Error())
	case unwritable != nil:
		panic(fmt.Sprintf("middleware: Session: %T can't be kept as JSON: %v", zero, unwritable))
	}
}

// carrier returns what keeps the sessions.
func (c SessionConfig[T]) carrier() sessionCarrier {
	// The name of the cookie is bound to what is in it, or under its token: a value
	// can't be put into another cookie that has the same secrets or the same store.
	bound := c.name() + "=v" + strconv.Itoa(c.Version)
	if c.Store != nil {
		return sessionInStore{c.Store, bound, c.limit()}
	}
	mode := seal.Encrypted
	if c.Signed {
		mode = seal.Signed
	}
	sealer, err := seal.New(mode, "session", c.Secrets)
	if err != nil {
		panic("middleware: Session: " + err.Error())
	}
	return sessionInCookie{sealer, bound, 4096 - len(c.name())}
}
