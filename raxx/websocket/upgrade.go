package websocket

import (
	"crypto/sha1"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

const (
	fieldKey        = "sec-websocket-key"
	fieldAccept     = "sec-websocket-accept"
	fieldVersion    = "sec-websocket-version"
	fieldProtocol   = "sec-websocket-protocol"
	fieldExtensions = "sec-websocket-extensions"

	// version is the one of RFC 6455.
	version = "13"
)

// Upgrade answers a request to open a WebSocket, by switching to it: m is the
// server's side of what is said from then on. A request that can't be taken gets a
// response that says why: 426 if it asks for no WebSocket or for another version,
// 405, 400 if it is malformed, 403 for an origin that is not allowed.
//
// The events of m are [raxx.Open], then [Text] and [Binary] from the client,
// [raxx.Info], [raxx.Timer], [raxx.Pulled] and [raxx.Drain], and at last [Closed]. Its parts are
// Text, Binary, [Close], effects, and [raxx.Abort]. What else the protocol needs
// is done for it: see the package's documentation.
func Upgrade(req raxx.Request, config Config, m raxx.Machine) raxx.Response {
	if refusal, ok := config.refuse(req); ok {
		return refusal
	}
	resp := raxx.Response{Status: raxx.StatusSwitchingProtocols, Header: raxx.Header{{Name: "upgrade", Value: "websocket"}}}
	if !keyless(req) {
		resp = resp.Add(fieldAccept, acceptOf(req.Header.Get(fieldKey)))
	}
	if protocol := config.Protocol(req); protocol != "" {
		resp = resp.Add(fieldProtocol, protocol)
	}
	var agreed deflation
	if config.Compress {
		agreed = accept(req, config.KeepContext)
	}
	if agreed.on {
		resp = resp.Add(fieldExtensions, agreed.String())
	}
	resp.Body = raxx.NewMachine(newConn(config, agreed, m), conn.step)
	return resp
}

// Protocol returns the subprotocol that [Upgrade] chooses: the first of c.Protocols
// that the client speaks, too; "" if there is none. A handler that has to know it
// calls Protocol before it makes its machine.
func (c Config) Protocol(req raxx.Request) string {
	for _, protocol := range c.Protocols {
		for offered := range req.Header.Elements(fieldProtocol) {
			if offered == protocol {
				return protocol
			}
		}
	}
	return ""
}

// refuse returns the reply to a request that opens no WebSocket (RFC 6455,
// Section 4.2).
func (c Config) refuse(req raxx.Request) (raxx.Response, bool) {
	switch {
	case !asksForUpgrade(req):
		return upgradeRequired("there is nothing here but a WebSocket"), true
	case req.Method != "GET":
		// RFC 6455, Section 4.1: the method of the request is GET.
		return raxx.Problem(raxx.StatusMethodNotAllowed, "a WebSocket is opened with GET (RFC 6455, 4.2.1)").With("allow", "GET"), true
	}
	if req.Body != nil {
		// No server switches behind a body that may still have to come.
		return raxx.Problem(raxx.StatusBadRequest, "a WebSocket is opened by a request without a body (RFC 6455, 4.1)"), true
	}
	if v, ok := one(req.Header, fieldVersion); !ok || v != version {
		return upgradeRequired("the version of the WebSocket has to be 13 (RFC 6455, 4.4)").With(fieldVersion, version), true
	}
	if key, ok := one(req.Header, fieldKey); !keyless(req) && !(ok && validKey(key)) {
		return raxx.Problem(raxx.StatusBadRequest, "Sec-WebSocket-Key is not 16 octets in base64 (RFC 6455, 4.2.1)"), true
	}
	switch allowed, err := c.originAllowed(req); {
	case err != nil:
		return originUndecided(err), true
	case !allowed:
		return raxx.Problem(raxx.StatusForbidden, "pages of this origin may not open a WebSocket here (RFC 6455, 10.2)"), true
	}
	return raxx.Response{}, false
}

// asksForUpgrade reports whether a WebSocket is among what the client would
// switch to. Over HTTP/1.0 nobody switches (RFC 9110, Section 7.8).
func asksForUpgrade(req raxx.Request) bool {
	return req.Peer.Protocol != "HTTP/1.0" &&
		slices.ContainsFunc(slices.Collect(req.Header.Elements("upgrade")), func(protocol string) bool {
			return strings.EqualFold(protocol, "websocket")
		})
}

func upgradeRequired(detail string) raxx.Response {
	// RFC 9110, Section 15.5.22: the response names what to upgrade to.
	return raxx.Problem(raxx.StatusUpgradeRequired, detail).With("upgrade", "websocket")
}

// keyless reports whether the request needs no key: over HTTP/2 no cache or
// server that knows nothing of WebSockets can have answered (RFC 8441, Section 5).
func keyless(req raxx.Request) bool { return strings.HasPrefix(req.Peer.Protocol, "HTTP/2") }

// validKey reports whether key is the base64 of 16 octets.
func validKey(key string) bool {
	nonce, err := base64.StdEncoding.DecodeString(key)
	return err == nil && len(nonce) == 16
}

// acceptOf returns what proves that a key was understood (RFC 6455, Section
// 4.2.2).
func acceptOf(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}
