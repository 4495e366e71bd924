package h2

import "fmt"

// A Code says why a stream or a connection ends (RFC 9113, Section 7).
type Code uint32

// The codes of RFC 9113, Section 7.
const (
	NoError            Code = 0x0
	ProtocolError      Code = 0x1
	InternalError      Code = 0x2
	FlowControlError   Code = 0x3
	SettingsTimeout    Code = 0x4
	StreamClosed       Code = 0x5
	FrameSizeError     Code = 0x6
	RefusedStream      Code = 0x7
	Cancel             Code = 0x8
	CompressionError   Code = 0x9
	ConnectError       Code = 0xa
	EnhanceYourCalm    Code = 0xb
	InadequateSecurity Code = 0xc
	HTTP11Required     Code = 0xd
)

var codeNames = [...]string{
	"NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
	"FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
	"INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
}

// String returns the name that the RFC gives to the code.
func (c Code) String() string {
	if int64(c) < int64(len(codeNames)) {
		return codeNames[c]
	}
	return fmt.Sprintf("code %#x", uint32(c))
}

// A ConnError is a fault of the peer that ends the connection (RFC 9113,
// Section 5.4.1). The GOAWAY frame that says so is among the output.
type ConnError struct {
	Code    Code
	Section string // of RFC 9113, unless Reason names another RFC
	Reason  string
	// Limit is the field of [Limits] that the peer went beyond, or empty if it
	// broke a rule.
	Limit string
}

// Error returns the code, the reason and the section.
func (e *ConnError) Error() string {
	return fmt.Sprintf("h2: %v: %s (RFC 9113, %s)", e.Code, e.Reason, e.Section)
}

// A StreamError is a fault of the peer that ends one stream, and nothing else
// (RFC 9113, Section 5.4.2).
type StreamError struct {
	Stream  uint32
	Code    Code
	Section string // of RFC 9113, unless Reason names another RFC
	Reason  string
}

// Error returns the stream, the code, the reason and the section.
func (e *StreamError) Error() string {
	return fmt.Sprintf("h2: stream %d: %v: %s (RFC 9113, %s)", e.Stream, e.Code, e.Reason, e.Section)
}

func connError(code Code, section, reason string) *ConnError {
	return &ConnError{Code: code, Section: section, Reason: reason}
}

func streamError(id uint32, code Code, section, reason string) *StreamError {
	return &StreamError{Stream: id, Code: code, Section: section, Reason: reason}
}
