package nats

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// Topics are any strings, and subjects are not: they are tokens with dots
// between, without spaces, of which "*" and ">" stand for others, and they share
// a line of 4 KiB with other things. So a topic becomes one token, in which every
// octet that is not a letter, a digit or one of a few signs is "=" and two
// hexadecimal digits. The topic "rooms/tea time" of the prefix "raxx" is the
// subject "raxx.rooms/tea=20time".

// subjects makes subjects of topics.
type subjects struct{ prefix string }

const (
	defaultPrefix = "raxx"
	// emptyToken stands for the topic that is empty: a token may not be.
	emptyToken = "="
	// hashed stands before the hash of a topic whose token would be too long.
	// No digit follows its first sign, so it is not taken for an escape.
	hashed = "=="
	// longest is how long a token may be. Whoever can choose a topic could
	// else make a line that NATS ends the connection for.
	longest = 512
)

// A PrefixError says that a prefix can't stand before subjects.
type PrefixError struct{ Prefix string }

// Error says what a prefix is.
func (e *PrefixError) Error() string {
	return fmt.Sprintf("nats: the prefix %q is not made of tokens with dots between", e.Prefix)
}

func newSubjects(prefix string) (subjects, error) {
	if prefix == "" {
		prefix = defaultPrefix
	}
	for token := range strings.SplitSeq(prefix, ".") {
		if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '*' || r == '>' }) {
			return subjects{}, &PrefixError{prefix}
		}
	}
	return subjects{prefix}, nil
}

// of returns the subject of a topic. No two topics have the same.
func (s subjects) of(topic string) string { return s.prefix + "." + escape(topic) }

// topic returns the topic of a subject. Of one that was too long it is the token.
func (s subjects) topic(subject string) string {
	token := strings.TrimPrefix(subject, s.prefix+".")
	switch {
	case token == emptyToken:
		return ""
	case strings.HasPrefix(token, hashed):
		return token
	}
	var b strings.Builder
	for rest := token; rest != ""; {
		if octet, err := hex.DecodeString(rest[1:min(3, len(rest))]); rest[0] == '=' && err == nil && len(octet) == 1 {
			b.Write(octet)
			rest = rest[3:]
			continue
		}
		b.WriteByte(rest[0])
		rest = rest[1:]
	}
	return b.String()
}

func escape(topic string) string {
	if topic == "" {
		return emptyToken
	}
	b := make([]byte, 0, min(len(topic)+16, longest+3))
	for i := range len(topic) {
		if c := topic[i]; plain(c) {
			b = append(b, c)
		} else {
			b = append(b, '=', upperHex[c>>4], upperHex[c&15])
		}
		if len(b) > longest {
			sum := sha256.Sum256([]byte(topic))
			return hashed + hex.EncodeToString(sum[:])
		}
	}
	return string(b)
}

const upperHex = "0123456789ABCDEF"

// plain reports whether an octet stands for itself.
func plain(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-_/:@+,~!", c) >= 0
}
