package h1

import "github.com/raxx-go/raxx/raxx"

// extensionState says what a chunk extension (RFC 9112, Section 7.1.1) has come
// to:
//
//	BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ]
type extensionState uint8

const (
	extBefore      extensionState = iota // white space before the ";"
	extSemicolon                         // behind ";": white space or a name
	extName                              // in a name
	extBehindName                        // white space behind a name
	extEquals                            // behind "=": white space or a value
	extToken                             // in a value that is a token
	extQuoted                            // in a quoted string
	extEscaped                           // behind a "\" in a quoted string
	extQuotedEnd                         // behind the closing quote
	extBehindValue                       // white space behind a value
)

// An extension checks the syntax of chunk extensions octet by octet. What they
// say is of no interest; where they end is, to whoever reads another way.
type extension struct{ state extensionState }

// mayEnd reports whether the line may end here. White space that no extension
// follows may not end it: RFC 9112, Section 7.1.1 has it before a ";" only.
func (e *extension) mayEnd() bool {
	return e.state == extName || e.state == extToken || e.state == extQuotedEnd
}

// feed takes the next octet and reports whether it may stand there.
func (e *extension) feed(c byte) bool {
	token := raxx.IsTokenByte(c)
	switch e.state {
	case extBefore, extBehindName, extQuotedEnd, extBehindValue:
		return e.between(c)
	case extSemicolon:
		return e.begin(c, token, extName)
	case extName, extToken:
		return token || e.between(c)
	case extEquals:
		if c == '"' {
			e.state = extQuoted
			return true
		}
		return e.begin(c, token, extToken)
	case extQuoted:
		switch c {
		case '"':
			e.state = extQuotedEnd
		case '\\':
			e.state = extEscaped
		}
		return raxx.IsValueByte(c)
	case extEscaped:
		e.state = extQuoted
		return raxx.IsValueByte(c)
	}
	return false
}

// begin takes the octet before or at the beginning of a token.
func (e *extension) begin(c byte, token bool, next extensionState) bool {
	if token {
		e.state = next
	}
	return token || isOWS(c)
}

// between takes an octet behind a size, a name or a value.
func (e *extension) between(c byte) bool {
	named := e.state == extName || e.state == extBehindName
	switch {
	case c == ';':
		e.state = extSemicolon
	case c == '=' && named:
		e.state = extEquals
	case isOWS(c) && named:
		e.state = extBehindName
	case isOWS(c) && (e.state == extToken || e.state == extQuotedEnd):
		e.state = extBehindValue
	default:
		return isOWS(c)
	}
	return true
}
