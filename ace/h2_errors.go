package ace

import (
	"errors"
	"strings"

	"github.com/raxx-go/raxx/ace/internal/h2"
)

// h2NoTunnel is noTunnel over HTTP/2.
var h2NoTunnel = &ProtocolError{Status: 501, Section: "8.5", Reason: inRFC9113(noTunnel.Reason, "8.5")}

// h2ProtocolError returns err as a ProtocolError if it is a fault of HTTP/2.
func h2ProtocolError(err error) (*ProtocolError, bool) {
	var conn *h2.ConnError
	if errors.As(err, &conn) {
		return &ProtocolError{0, conn.Section, inRFC9113(conn.Code.String()+": "+conn.Reason, conn.Section), conn}, true
	}
	var stream *h2.StreamError
	if errors.As(err, &stream) {
		return &ProtocolError{0, stream.Section, inRFC9113(stream.Code.String()+": "+stream.Reason, stream.Section), stream}, true
	}
	return nil, false
}

// inRFC9113 names the RFC, unless the reason does.
func inRFC9113(reason, section string) string {
	if strings.Contains(reason, "(RFC ") {
		return reason
	}
	return reason + " (RFC 9113, " + section + ")"
}
