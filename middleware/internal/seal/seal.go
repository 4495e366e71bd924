package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
)

// A Mode is how messages are sealed.
type Mode uint8

const (
	// Encrypted hides the message and authenticates it: AES-256-GCM with a
	// random nonce. One secret should not seal more than 2^32 messages (NIST SP
	// 800-38D, Section 8.3).
	Encrypted Mode = iota
	// Signed authenticates the message, which everybody can read: HMAC-SHA256.
	Signed
)

// MinSecret is the number of bytes that a secret has at least.
const MinSecret = 32

// A Sealer seals and opens. It is safe for use by many goroutines at once.
type Sealer struct {
	prefix string
	keys   []key // the first one seals
}

// A key seals and opens in one mode with one secret. What it is given and what
// it returns is not encoded.
type key interface {
	seal(message []byte, context string) []byte
	open(sealed []byte, context string) ([]byte, bool)
	overhead() int
}

// encoding has no character that a cookie or a query would escape. Strict: each
// message has exactly one text.
var encoding = base64.RawURLEncoding.Strict()

// New returns a sealer. The keys are derived from the secrets, the mode and the
// purpose, so that the same secrets can serve several purposes.
func New(mode Mode, purpose string, secrets [][]byte) (*Sealer, error) {
	if len(secrets) == 0 {
		return nil, fmt.Errorf("there is no secret")
	}
	s := &Sealer{prefix: prefixes[mode]}
	for i, secret := range secrets {
		if len(secret) < MinSecret {
			return nil, fmt.Errorf("secret %d has %d bytes, and needs %d", i, len(secret), MinSecret)
		}
		derived, err := hkdf.Key(sha256.New, secret, nil, "raxx seal "+s.prefix+" "+purpose, 32)
		if err != nil {
			return nil, err
		}
		k, err := newKey(mode, derived)
		if err != nil {
			return nil, err
		}
		s.keys = append(s.keys, k)
	}
	return s, nil
}

var prefixes = [...]string{Encrypted: "e1.", Signed: "s1."}

func newKey(mode Mode, derived []byte) (key, error) {
	if mode == Signed {
		return signing(derived), nil
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return encrypting{aead}, err
}

// Seal returns the text of a message.
func (s *Sealer) Seal(message []byte, context string) string {
	sealed := s.keys[0].seal(message, context)
	text := make([]byte, 0, len(s.prefix)+encoding.EncodedLen(len(sealed)))
	return string(encoding.AppendEncode(append(text, s.prefix...), sealed))
}

// Len returns the length of the text of a message of n bytes.
func (s *Sealer) Len(n int) int {
	return len(s.prefix) + encoding.EncodedLen(n+s.keys[0].overhead())
}

// Open returns the message of a text, and reports whether one of the secrets
// sealed it, in this context.
func (s *Sealer) Open(text, context string) ([]byte, bool) {
	if len(text) < len(s.prefix) || text[:len(s.prefix)] != s.prefix {
		return nil, false
	}
	sealed, err := encoding.DecodeString(text[len(s.prefix):])
	// The decoder skips line breaks, which no text has.
	if err != nil || len(sealed) < s.keys[0].overhead() || encoding.EncodedLen(len(sealed)) != len(text)-len(s.prefix) {
		return nil, false
	}
	for _, k := range s.keys {
		if message, ok := k.open(sealed, context); ok {
			return message, true
		}
	}
	return nil, false
}

type encrypting struct{ aead cipher.AEAD }

func (e encrypting) overhead() int { return e.aead.Overhead() }

func (e encrypting) seal(message []byte, context string) []byte {
	return e.aead.Seal(nil, nil, message, []byte(context))
}

func (e encrypting) open(sealed []byte, context string) ([]byte, bool) {
	message, err := e.aead.Open(nil, nil, sealed, []byte(context))
	return message, err == nil
}

// A signing key puts the code in front of the message.
type signing []byte

func (k signing) overhead() int { return sha256.Size }

func (k signing) seal(message []byte, context string) []byte {
	return append(k.sum(message, context), message...)
}

func (k signing) open(sealed []byte, context string) ([]byte, bool) {
	code, message := sealed[:sha256.Size], sealed[sha256.Size:]
	if !hmac.Equal(code, k.sum(message, context)) {
		return nil, false
	}
	return message, true
}

// sum authenticates context and message. The context comes as its hash, so that
// its end is not in doubt.
func (k signing) sum(message []byte, context string) []byte {
	mac := hmac.New(sha256.New, k)
	hash := sha256.Sum256([]byte(context))
	mac.Write(hash[:])
	mac.Write(message)
	return mac.Sum(nil)
}
