package middleware

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	mathrand "math/rand/v2"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// RequestIDKey holds the id of a request: what [RequestID] found or made.
var RequestIDKey = raxx.NewKey[string]("request id")

// A RequestID gives every request an id, by which its traces in logs, in replies
// and in other services can be brought together. It belongs at the top of a
// stack: before [AccessLog], which writes the id.
//
// The id is found under [RequestIDKey], and in a field of the request (so that a
// handler which passes the request on passes on the id) and of the reply. The
// reply's field is set by [raxx.OnHead] and so on every kind of reply, a
// deferred one too.
//
// An id that a client sends is not believed: it could be somebody else's, and make
// their traces useless. It is taken over only from a connection of Trusted peers,
// and only if it is one field of 1 to 128 letters, digits and any of "-_.:=+/@". In
// every other case a new one is made: it fails closed, because an id of one's own
// is never wrong. An id takes 36 bytes. Where one RequestID stands behind another,
// the id is that of the outer one.
type RequestID struct {
	// Trusted are the addresses of proxies and services of your own whose ids are
	// taken over. If empty, nobody's are.
	Trusted []netip.Prefix
	// TrustUnix takes over ids that come over unix sockets.
	TrustUnix bool
	// Field is the name of the field. If empty, "x-request-id".
	Field string
}

// Middleware returns the middleware. It panics if Field is no field name, or a
// prefix is not valid.
func (c RequestID) Middleware() raxx.Middleware {
	trusted := newPeerTrust("RequestID", c.Trusted, c.TrustUnix)
	field := c.Field
	if field == "" {
		field = "x-request-id"
	}
	field = raxx.Header(nil).With(field, "")[0].Name
	source := &idSource{}
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			id := RequestIDKey.Get(req)
			if id != "" && !isSaneID(id) {
				id = "" // a field could not hold it
			}
			if id == "" && trusted.peer(&req) {
				id = sentID(req.Header, field)
			}
			if id == "" {
				id = source.newID(time.Now())
			}
			f := raxx.Field{Name: field, Value: id}
			req.Header = withField(req.Header, f)
			req.Scope = comingField.In(RequestIDKey.In(req.Scope, id), f)
			resp := next(req)
			if hasHead(&resp) {
				if n := len(resp.Header); n == 0 || resp.Header[n-1] != f {
					resp.Header = withField(resp.Header, f)
				}
				return resp
			}
			return raxx.OnHead(resp, func(resp raxx.Response) raxx.Response {
				resp.Header = withField(resp.Header, f)
				return resp
			})
		}
	}
}

// An idSource makes ids. It may be used from any goroutine.
type idSource struct{ pool sync.Pool }

func (s *idSource) newID(now time.Time) string {
	random, _ := s.pool.Get().(*mathrand.ChaCha8)
	if random == nil {
		var seed [32]byte
		rand.Read(seed[:])
		// It is cryptographically strong, and many times faster than to ask the
		// system for ten octets.
		random = mathrand.NewChaCha8(seed)
	}
	var id [16]byte
	binary.NativeEndian.PutUint64(id[8:], random.Uint64())
	binary.NativeEndian.PutUint16(id[6:], uint16(random.Uint64()))
	s.pool.Put(random)
	return formatID(now, id)
}

// NewRequestID returns a new id: a UUID of version 7 (RFC 9562, Section 5.7). Ids
// sort by their time, to the millisecond; the 74 bits behind the time are random,
// and can't be guessed.
func NewRequestID(now time.Time) string {
	var id [16]byte
	rand.Read(id[6:])
	return formatID(now, id)
}

// formatID writes an id whose last octets are random already.
func formatID(now time.Time, id [16]byte) string {
	for i, ms := 5, now.UnixMilli(); i >= 0; i, ms = i-1, ms>>8 {
		id[i] = byte(ms)
	}
	id[6] = 0x70 | id[6]&0x0f // the version
	id[8] = 0x80 | id[8]&0x3f // the variant
	var text [36]byte
	hex.Encode(text[0:8], id[0:4])
	hex.Encode(text[9:13], id[4:6])
	hex.Encode(text[14:18], id[6:8])
	hex.Encode(text[19:23], id[8:10])
	hex.Encode(text[24:36], id[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}

// sentID returns the one sane id of the header, or "".
func sentID(h raxx.Header, field string) (id string) {
	for v := range h.Values(field) {
		if id != "" || !isSaneID(v) {
			return ""
		}
		id = v
	}
	return strings.Clone(id) // which would keep all of the head, wherever it goes
}

// isSaneID refuses what could forge a line of a log, or grow it.
func isSaneID(id string) bool {
	if id == "" || len(id) > 128 {
		return false
	}
	for i := 0; i < len(id); i++ {
		c := id[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		digit := '0' <= c && c <= '9'
		switch {
		case letter, digit:
		case c == '-', c == '_', c == '.', c == ':', c == '=', c == '+', c == '/', c == '@':
		default:
			return false
		}
	}
	return true
}
