package websocket

import (
	"strconv"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// A deflation is what has been agreed on for permessage-deflate (RFC 7692,
// Section 7.1). Its zero value is that it is not used.
type deflation struct {
	on bool
	// What the server may do: refer to earlier messages, and how far back.
	serverAlone bool // server_no_context_takeover
	serverBits  int  // server_max_window_bits; 0: not mentioned
	// What the client may do.
	clientAlone bool // client_no_context_takeover
	clientBits  int  // client_max_window_bits; 0: not mentioned
}

// accept returns the first offer for permessage-deflate that can be taken. With
// keep the client may refer to its earlier messages.
func accept(req raxx.Request, keep bool) deflation {
	for offer := range req.Header.Elements(fieldExtensions) {
		d, ok := parseDeflation(offer)
		if !ok {
			// RFC 7692, Section 7: an offer is declined if a parameter of it
			// is not known or not sound.
			continue
		}
		// We keep nothing of what we have sent: this needs no offer (RFC 7692,
		// Section 7.1.1.1). Nor does telling the client to do the same.
		d.serverAlone = true
		d.clientAlone = d.clientAlone || !keep
		return d
	}
	return deflation{}
}

// parseDeflation reads an element of Sec-WebSocket-Extensions, in an offer or in
// a response. It reports whether that is permessage-deflate with parameters that
// are sound.
func parseDeflation(element string) (d deflation, ok bool) {
	name, rest, _ := strings.Cut(element, ";")
	if !strings.EqualFold(strings.TrimSpace(name), "permessage-deflate") {
		return deflation{}, false
	}
	d.on = true
	seen := map[string]bool{}
	for more := strings.Contains(element, ";"); more; {
		var parameter string
		parameter, rest, more = strings.Cut(rest, ";")
		name, value, valued := strings.Cut(parameter, "=")
		name, value = strings.ToLower(strings.TrimSpace(name)), unquote(strings.TrimSpace(value))
		// RFC 7692, Section 7.1: each parameter comes once.
		if seen[name] || !d.set(name, value, valued) {
			return deflation{}, false
		}
		seen[name] = true
	}
	return d, true
}

// set sets a parameter, and reports whether there is one like that.
func (d *deflation) set(name, value string, valued bool) bool {
	bits := windowBits(value)
	switch name {
	case "server_no_context_takeover":
		d.serverAlone = true
		return !valued
	case "client_no_context_takeover":
		d.clientAlone = true
		return !valued
	case "server_max_window_bits":
		d.serverBits = bits
		return bits != 0
	case "client_max_window_bits":
		d.clientBits = bits
		return !valued || bits != 0
	}
	return false
}

// windowBits reads 8 to 15, without leading zeros (RFC 7692, Section 7.1.2). It
// returns 0 for all else.
func windowBits(value string) int {
	switch value {
	case "8", "9":
		return int(value[0] - '0')
	case "10", "11", "12", "13", "14", "15":
		return 10 + int(value[1]-'0')
	}
	return 0
}

// unquote returns the content of a quoted string, and other text as it is. No
// value that is sound holds an octet that has to be escaped.
func unquote(value string) string {
	if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
		return value[1 : len(value)-1]
	}
	return value
}

// String returns the element for a response.
func (d deflation) String() string {
	text := "permessage-deflate"
	if d.serverAlone {
		text += "; server_no_context_takeover"
	}
	if d.clientAlone {
		text += "; client_no_context_takeover"
	}
	if d.serverBits != 0 {
		// RFC 7692, Section 7.1.2.1: who takes the offer repeats it.
		text += "; server_max_window_bits=" + strconv.Itoa(d.serverBits)
	}
	return text
}

// serverNarrow reports whether the server's window is smaller than that of
// package flate.
func (d deflation) serverNarrow() bool { return d.serverBits != 0 && d.serverBits < 15 }

// clientNarrow is serverNarrow for the client.
func (d deflation) clientNarrow() bool { return d.clientBits != 0 && d.clientBits < 15 }

// clientWindow returns the window for what the client sends.
func (d deflation) clientWindow() window {
	switch {
	case !d.on || d.clientAlone:
		return window{}
	case d.clientBits != 0:
		// RFC 7692, Section 7.1.2.2: the client will not refer to more, even
		// if the response does not repeat it.
		return window{size: 1 << d.clientBits}
	}
	return window{size: maxWindow}
}

// serverWindow returns the window for what the server sends.
func (d deflation) serverWindow() window {
	if !d.on || d.serverAlone {
		return window{}
	}
	return window{size: maxWindow}
}
