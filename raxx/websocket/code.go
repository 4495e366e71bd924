package websocket

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Code says why a WebSocket was closed (RFC 6455, Section 7.4). Those from
// 3000 to 3999 are registered by libraries, those from 4000 to 4999 are for
// applications to use as they like.
type Code uint16

// The codes of RFC 6455, Section 7.4.1, and of the registry that it founded.
const (
	NormalClosure      Code = 1000 // all is done
	GoingAway          Code = 1001 // the server shuts down, or the page was left
	ProtocolError      Code = 1002
	UnsupportedData    Code = 1003 // such as binary where text was expected
	NoStatus           Code = 1005 // never sent: the Close had no code
	Abnormal           Code = 1006 // never sent: there was no Close
	InvalidPayload     Code = 1007 // such as text that is not UTF-8
	PolicyViolation    Code = 1008
	MessageTooBig      Code = 1009
	MandatoryExtension Code = 1010 // the client wants an extension that it did not get
	InternalError      Code = 1011
	ServiceRestart     Code = 1012
	TryAgainLater      Code = 1013
	BadGateway         Code = 1014
	TLSHandshake       Code = 1015 // never sent: TLS could not be set up
)

// String returns the meaning of the code in words.
func (c Code) String() string {
	switch c {
	case NormalClosure:
		return "normal closure"
	case GoingAway:
		return "going away"
	case ProtocolError:
		return "protocol error"
	case UnsupportedData:
		return "unsupported data"
	case NoStatus:
		return "no status"
	case Abnormal:
		return "abnormal closure"
	case InvalidPayload:
		return "invalid payload"
	case PolicyViolation:
		return "policy violation"
	case MessageTooBig:
		return "message too big"
	case MandatoryExtension:
		return "mandatory extension"
	case InternalError:
		return "internal error"
	case ServiceRestart:
		return "service restart"
	case TryAgainLater:
		return "try again later"
	case BadGateway:
		return "bad gateway"
	case TLSHandshake:
		return "TLS handshake"
	}
	return fmt.Sprintf("code %d", uint16(c))
}

// sendable reports whether a Close frame may hold c.
func (c Code) sendable() bool {
	switch c {
	// RFC 6455, Section 7.4.1: 1004 is reserved, and 1005, 1006 and 1015 tell
	// an application what was not said.
	case 1004, NoStatus, Abnormal, TLSHandshake:
		return false
	}
	// RFC 6455, Section 7.4.2: what is below 1000 is not used, and what is
	// not registered below 3000 is reserved.
	return NormalClosure <= c && c <= BadGateway || 3000 <= c && c <= 4999
}

// closePayload returns the payload of a Close frame. NoStatus makes none.
func closePayload(code Code, reason string) string {
	if code == NoStatus {
		return ""
	}
	return string([]byte{byte(code >> 8), byte(code)}) + clipReason(reason)
}

// clipReason returns as much of the reason as a control frame has room for.
func clipReason(reason string) string {
	const most = maxControl - 2
	reason = strings.ToValidUTF8(reason, "\uFFFD")
	if len(reason) <= most {
		return reason
	}
	end := most
	for !utf8.RuneStart(reason[end]) {
		end--
	}
	return reason[:end]
}

// parseClose reads the payload of a Close frame.
func parseClose(payload string) (Code, string, *fault) {
	switch {
	case payload == "":
		return NoStatus, "", nil
	case len(payload) == 1:
		return 0, "", &fault{ProtocolError, "half a close code (RFC 6455, 5.5.1)"}
	}
	code, reason := Code(payload[0])<<8|Code(payload[1]), payload[2:]
	switch {
	case !code.sendable():
		return 0, "", &fault{ProtocolError, "a close code that is never sent (RFC 6455, 7.4)"}
	case !utf8.ValidString(reason):
		return 0, "", &fault{InvalidPayload, "a reason that is not UTF-8 (RFC 6455, 5.5.1)"}
	}
	return code, reason, nil
}
