package middleware

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// BasicAuth asks for a user name and a password in the way that every browser
// knows (RFC 7617): for what is internal, such as a staging site or metrics.
// The password comes with each request, so let there be nothing but HTTPS in
// front of it.
//
// It stands in front of what it protects, behind whatever logs and limits: guessing
// is slowed down by a rate limit only. It fails closed: requests without a known
// name and its password are answered with 401 and never reach the handler.
// Responses of the handler are not touched, whatever their body. The name is handed
// on under [BasicUser].
//
// Nothing that a client can measure depends on how much of its guess is right:
// names and passwords are compared as hashes, in constant time, and an unknown
// name costs as much as a wrong password. What Verify does is its own matter.
type BasicAuth struct {
	// Realm tells people what the password is for. If empty, "Restricted".
	Realm string
	// Users holds the password of each user. An empty one is refused: it is
	// nearly always a setting that is missing.
	Users map[string]string
	// Verify reports whether a password is that of a user. It is asked if Users
	// is nil; set one of the two. It should do the same work for an unknown user
	// as for a known one, an empty name among them.
	//
	// An error means that Verify can't tell, such as when the database is down. The
	// answer is then not 401, at which browsers forget the password, but 503, or
	// that of a [*raxx.Error]. Either way the request goes no further.
	Verify func(req raxx.Request, user, password string) (bool, error)
}

// BasicUser is the name of the user that [BasicAuth] has let in.
var BasicUser = raxx.NewKey[string]("basic user")

// Middleware returns the middleware. It panics if the configuration can't be
// meant.
func (c BasicAuth) Middleware() raxx.Middleware {
	c.check()
	verify := c.Verify
	if verify == nil {
		verify = newBasicUsers(c.Users).verify
	}
	challenge := `Basic realm=` + authRealm("BasicAuth", c.Realm) + `, charset="UTF-8"`
	refusal := raxx.Problem(raxx.StatusUnauthorized, "").With("www-authenticate", challenge)
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			user, password, ok := basicCredentials(req.Header)
			if !ok {
				return refusal
			}
			switch ok, err := verify(req, user, password); {
			case err != nil:
				return basicUndecided(err, challenge)
			case !ok:
				return refusal
			}
			return next(BasicUser.Set(req, user))
		}
	}
}

// basicUndecided returns the answer to a password that Verify could not tell of.
func basicUndecided(err error, challenge string) raxx.Response {
	resp := undecided(err, "the password can't be checked at the moment")
	if resp.Status == raxx.StatusUnauthorized {
		resp = resp.Default("www-authenticate", challenge)
	}
	return resp
}

func (c BasicAuth) check() {
	if (c.Users == nil) == (c.Verify == nil) {
		panic("middleware: BasicAuth: set either Users or Verify")
	}
	for user, password := range c.Users {
		switch {
		case user == "" || strings.ContainsFunc(user, isBasicForbidden) || strings.Contains(user, ":"):
			panic("middleware: BasicAuth: a user name is empty, or holds a colon or a control character (RFC 7617, 2)")
		case password == "" || strings.ContainsFunc(password, isBasicForbidden):
			panic("middleware: BasicAuth: the password of " + user + " is empty, or holds a control character (RFC 7617, 2)")
		}
	}
}

// basicUsers finds users by the hash of their name, so that how long the search
// takes says nothing about the names.
type basicUsers struct {
	salt   [32]byte
	hashes map[[32]byte][32]byte // of the name to that of the password
}

func newBasicUsers(users map[string]string) *basicUsers {
	u := &basicUsers{hashes: make(map[[32]byte][32]byte, len(users))}
	rand.Read(u.salt[:])
	for user, password := range users {
		u.hashes[u.hash(user)] = u.hash(password)
	}
	return u
}

// hash is salted with what nobody outside of the process knows.
func (u *basicUsers) hash(s string) [32]byte { return sha256.Sum256(append(u.salt[:32:32], s...)) }

func (u *basicUsers) verify(_ raxx.Request, user, password string) (bool, error) {
	want, known := u.hashes[u.hash(user)]
	got := u.hash(password)
	// The comparison is made for unknown users, too; then want is zero.
	return subtle.ConstantTimeCompare(want[:], got[:]) == 1 && known, nil
}

// basicCredentials returns what stands in the authorization field, if there is
// exactly one and it is well formed.
func basicCredentials(h raxx.Header) (user, password string, ok bool) {
	credentials, _, ok := authCredentials(h, "basic")
	if !ok {
		return "", "", false
	}
	decoded, err := base64.StdEncoding.Strict().DecodeString(credentials)
	if err != nil {
		return "", "", false
	}
	// RFC 7617, Section 2: a name can't hold a colon, a password can.
	user, password, ok = strings.Cut(string(decoded), ":")
	return user, password, ok && !strings.ContainsFunc(string(decoded), isBasicForbidden)
}

func isBasicForbidden(r rune) bool { return r < ' ' || r == 0x7f }

// authCredentials returns what follows the scheme in the authorization field.
// several reports whether there is more than one such field: who else reads the
// request may take the other one for the one that counts.
func authCredentials(h raxx.Header, scheme string) (credentials string, several, ok bool) {
	n := 0
	for value := range h.Values("authorization") {
		name, rest, _ := strings.Cut(value, " ")
		if n++; n == 1 && strings.EqualFold(name, scheme) {
			credentials, ok = strings.TrimLeft(rest, " "), true
		}
	}
	return credentials, n > 1, ok && n == 1
}

// authRealm returns the realm as a quoted string (RFC 9110, Section 5.6.4).
func authRealm(who, realm string) string {
	if realm == "" {
		realm = "Restricted"
	}
	if err := raxx.CheckField("www-authenticate", realm); err != nil {
		panic("middleware: " + who + ": the realm can't be sent: " + err.Error())
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(realm) + `"`
}
