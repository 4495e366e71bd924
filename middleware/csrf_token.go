package middleware

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
)

// csrfSize is the size of a secret, of a mask and of a code.
const csrfSize = sha256.Size

// A csrfToken is what a token is made of. It is a value: the text of a token that
// nobody asks for is never made.
type csrfToken struct {
	field        string // of the form
	cookie       string // the name of that which holds the secret
	secret, mask [csrfSize]byte
	session      string
	fixed        string // the text, in tests
}

// String returns the text of the token: the mask, and the code under the mask.
func (t csrfToken) String() string {
	if t.fixed != "" || t.field == "" {
		return t.fixed
	}
	var text [2 * csrfSize]byte
	code := t.code()
	copy(text[:], t.mask[:])
	subtle.XORBytes(text[csrfSize:], code[:], t.mask[:])
	return csrfEncoding.EncodeToString(text[:])
}

// matches reports whether text is one of the texts of the token, under any mask.
func (t csrfToken) matches(text string) bool {
	decoded, err := csrfEncoding.DecodeString(text)
	if err != nil || len(decoded) != 2*csrfSize {
		return false
	}
	got := make([]byte, csrfSize)
	subtle.XORBytes(got, decoded[:csrfSize], decoded[csrfSize:])
	code := t.code()
	return subtle.ConstantTimeCompare(got, code[:]) == 1
}

// code binds the secret of the browser to the session.
func (t csrfToken) code() (code [csrfSize]byte) {
	mac := hmac.New(sha256.New, t.secret[:])
	mac.Write([]byte("raxx csrf " + t.session))
	mac.Sum(code[:0])
	return code
}
