package ace

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// An AddressError is an address that nothing can listen on, because of how it is
// written.
type AddressError struct {
	Address string
	Reason  string
}

// Error returns the reason, and the forms that there are.
func (e *AddressError) Error() string {
	return fmt.Sprintf("ace: listen on %q: %s (an address is host:port, tcp4:host:port, tcp6:host:port, unix:/path, fd:3, systemd: or systemd:name)", e.Address, e.Reason)
}

// An address is what the text of an address says.
type address struct {
	text    string
	kind    addressKind
	network string // of kind overTCP: "tcp", "tcp4" or "tcp6"
	rest    string // the host and port, the path, or the name of a socket
	fd      int    // of kind byNumber
}

type addressKind uint8

const (
	overTCP addressKind = iota
	overUnix
	byNumber // a descriptor that was inherited
	byName   // a socket that was inherited by way of LISTEN_FDS
)

// parseAddress reads the text of an address. A prefix goes before a host of the
// same name.
func parseAddress(text string) (address, error) {
	a := address{text: text, network: "tcp", rest: text}
	prefix, rest, _ := strings.Cut(text, ":")
	switch prefix {
	case "tcp", "tcp4", "tcp6":
		a.network, a.rest = prefix, rest
	case "unix":
		a.kind, a.rest = overUnix, rest
		return a, a.checkPath()
	case "fd":
		a.kind = byNumber
		return a, a.readNumber(rest)
	case "systemd":
		a.kind, a.rest = byName, rest
		return a, nil
	}
	return a, a.checkHostPort()
}

func (a *address) wrong(format string, args ...any) error {
	return &AddressError{a.text, fmt.Sprintf(format, args...)}
}

func (a *address) checkPath() error {
	switch {
	case a.rest == "" || a.rest == "@":
		return a.wrong("the path is empty")
	case strings.ContainsRune(a.rest, 0):
		return a.wrong("there is a NUL in the path")
	}
	return nil
}

func (a *address) readNumber(text string) error {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return a.wrong("%q is no number of a descriptor", text)
	}
	a.fd = int(n)
	return nil
}

// checkHostPort tells what is wrong with a host and a port before anybody asks
// the system, which tells less.
func (a *address) checkHostPort() error {
	_, port, err := net.SplitHostPort(a.rest)
	switch {
	case a.rest == "":
		return a.wrong("it is empty; to listen on a port of every address write :8080")
	case strings.ContainsRune(a.rest, '/'):
		return a.wrong("there is a slash in it; a path is written as unix:/path, and a URL is no address")
	case !strings.Contains(a.rest, ":"):
		return a.wrong("there is no port; write :8080 or localhost:8080")
	case err != nil && strings.Count(a.rest, ":") > 1 && !strings.HasPrefix(a.rest, "["):
		return a.wrong("there is more than one colon; an IPv6 address stands in brackets, as in [::1]:8080")
	case err != nil:
		return a.wrong("it is not host:port, or [IPv6 address]:port")
	case port == "":
		return a.wrong("the port is empty; with port 0 the system chooses one")
	}
	if _, err := net.LookupPort("tcp", port); err != nil {
		return a.wrong("there is no port %q", port)
	}
	return nil
}
