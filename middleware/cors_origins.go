package middleware

import "strings"

// corsOrigins are the origins that a [CORS] allows.
type corsOrigins struct {
	any     bool
	exact   map[string]bool // "null", too
	domains []corsDomain
}

// A corsDomain stands for all hosts below a domain.
type corsDomain struct {
	prefix string // "https://"
	suffix string // ".example.org", and a port
}

// newCorsOrigins panics if an origin is in no form that a browser writes, or
// would let in more than it seems to. asked reports whether there is a function
// that decides on those that are not listed.
func newCorsOrigins(origins []string, credentials, asked bool) corsOrigins {
	o := corsOrigins{exact: make(map[string]bool)}
	if len(origins) == 0 && !asked {
		panic("middleware: CORS: neither Origins nor AllowOrigin: to allow none, leave the middleware out")
	}
	for _, origin := range origins {
		switch {
		case (origin == "*" || origin == "null") && credentials:
			panic("middleware: CORS: the origin " + origin + " does not go with Credentials: every site could act as the user")
		case origin == "*":
			o.any = true
		case origin == "null":
			o.exact[origin] = true
		case strings.Contains(origin, "*"):
			o.domains = append(o.domains, newCorsDomain(origin))
		default:
			if _, ok := parseOrigin(origin); !ok {
				panic("middleware: CORS: " + origin + " is no origin: wanted scheme://host or scheme://host:port, in lower case")
			}
			o.exact[origin] = true
		}
	}
	if o.any && (len(origins) > 1 || asked) {
		panic("middleware: CORS: the origin * stands for all: list nothing beside it, and set no AllowOrigin")
	}
	return o
}

// newCorsDomain reads "https://*.example.org".
func newCorsDomain(pattern string) corsDomain {
	scheme, rest, ok := strings.Cut(pattern, "://*.")
	// A name that stands for the star has to make an origin of it.
	_, valid := parseOrigin(scheme + "://x." + rest)
	host, _ := splitOriginPort(rest)
	if !ok || !valid || !strings.Contains(host, ".") && host != "localhost" {
		panic("middleware: CORS: " + pattern + " is no pattern: wanted scheme://*.domain, with a domain that is yours")
	}
	return corsDomain{scheme + "://", "." + rest}
}

// allow reports whether the origin is one of them. It is never compared in part
// before it has been read as an origin: so there is a name before the suffix.
func (o *corsOrigins) allow(origin string) bool {
	if o.any || o.exact[origin] {
		return true
	}
	if len(o.domains) == 0 {
		return false
	}
	if _, ok := parseOrigin(origin); !ok {
		return false
	}
	for _, d := range o.domains {
		if strings.HasPrefix(origin, d.prefix) && strings.HasSuffix(origin, d.suffix) {
			return true
		}
	}
	return false
}
