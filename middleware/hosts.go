package middleware

import (
	"fmt"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// A Hosts answers only requests for the hosts that are yours; all others get 421
// (Misdirected Request) and never reach the handler. It belongs behind
// [ClientAddress], which may change the host, and in front of whatever uses the
// host for links or decisions: to believe the host field means mails with links to
// an attacker's host, and caches that keep pages with such links. It stops DNS
// rebinding, too.
//
// It fails closed: a host that is missing or malformed, has a trailing dot, or is
// neither in the list nor allowed by the function is refused. Replies of the handler
// are not touched.
type Hosts struct {
	// Allowed are the hosts: "example.org", "example.org:8443" for this port only,
	// "[2001:db8::1]", or "*.example.org" for all that is below example.org, but
	// not for example.org itself. Without a port, any port will do. If empty, and
	// there is no AllowHost, the names by which this machine knows itself:
	// localhost, *.localhost, 127.0.0.1 and [::1].
	Allowed []string
	// AllowHost, unless it is nil, decides on the hosts that are not in Allowed,
	// such as those of customers, which a database knows. It is asked for each
	// request with such a host, so let it look in memory; and as anybody can send
	// any host, bound what it remembers of those that it does not know. The host is
	// in lower case and without its port, an IPv6 address in brackets. It is never
	// asked about a host that is malformed or has a trailing dot. Like a handler it
	// is called by many goroutines at once. If it returns an error, the answer is
	// that of a [*raxx.Error], or else 503, since a 421 would send away a host that
	// may be yours. Then, and after a panic, the handler is not called.
	AllowHost func(req raxx.Request, host string) (bool, error)
}

// Middleware returns the middleware. It panics if a host is not written as it
// should be.
func (c Hosts) Middleware() raxx.Middleware {
	allowed := c.Allowed
	if len(allowed) == 0 && c.AllowHost == nil {
		allowed = []string{"localhost", "*.localhost", "127.0.0.1", "[::1]"}
	}
	list := newHostList(allowed)
	refusal := raxx.Problem(raxx.StatusMisdirectedRequest, "this server does not answer for that host")
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			if list.has(req.Authority) {
				return next(req)
			}
			switch ok, err := c.decide(req); {
			case err != nil:
				return undecided(err, "whether this server answers for that host can't be told at the moment")
			case !ok:
				return refusal
			}
			return next(req)
		}
	}
}

// decide asks the application for the host of a request, if it can be asked.
func (c Hosts) decide(req raxx.Request) (bool, error) {
	if c.AllowHost == nil || !isAuthority(req.Authority) {
		return false, nil
	}
	host := strings.ToLower(req.Host())
	if host[0] != '[' && strings.Contains("."+host+".", "..") {
		return false, nil // an empty label, be it that behind a trailing dot
	}
	return c.AllowHost(req, host)
}

// A hostList tells which hosts are meant.
type hostList struct {
	exact map[string]bool // with or without a port
	below []string        // with the dot that they begin with
}

func newHostList(hosts []string) *hostList {
	l := &hostList{exact: make(map[string]bool)}
	for _, host := range hosts {
		name := strings.ToLower(host)
		parent, wild := strings.CutPrefix(name, "*")
		switch {
		case name == "*":
			panic(`middleware: Hosts allows "*": to answer for any host, leave the middleware out`)
		case wild && !(strings.HasPrefix(parent, ".") && isAuthority(parent[1:])), !wild && !isAuthority(name):
			panic(fmt.Sprintf("middleware: Hosts allows %q, which is no host: "+
				"write it without scheme and path, an IPv6 address in brackets, a pattern as *.example.org", host))
		case wild:
			l.below = append(l.below, parent)
		default:
			l.exact[name] = true
		}
	}
	return l
}

// has reports whether the host of an authority is in the list.
func (l *hostList) has(authority string) bool {
	// What is in the list is well-formed, so most requests need no further look:
	// of them the port has to be one.
	if host, port, ok := strings.Cut(authority, ":"); l.exact[host] && (!ok || isAuthorityPort(port)) {
		return true
	}
	if !isAuthority(authority) {
		return false
	}
	authority = strings.ToLower(authority)
	host := raxx.Request{Authority: authority}.Host()
	return l.exact[host] || l.exact[authority] || l.isBelow(host) || l.isBelow(authority)
}

// isBelow reports whether the host is one of a pattern: some labels, none of
// them empty, and what the pattern ends with.
func (l *hostList) isBelow(host string) bool {
	for _, suffix := range l.below {
		labels, ok := strings.CutSuffix(host, suffix)
		if ok && labels != "" && labels[0] != '.' && !strings.Contains(labels+".", "..") {
			return true
		}
	}
	return false
}
