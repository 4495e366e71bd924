package main

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/router"
)

// A service is whom requests below a prefix are for.
type service struct{ prefix, scheme, authority string }

// parseService reads what a service is called by: "/prefix=http://host:port".
func parseService(s string) (service, error) {
	prefix, address, ok := strings.Cut(s, "=")
	u, err := url.Parse(address)
	switch {
	case !ok:
		return service{}, fmt.Errorf("%q is no /path=http://host:port", s)
	case err != nil:
		return service{}, fmt.Errorf("%q: %w", s, err)
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return service{}, fmt.Errorf("%q: the service is no http://host:port", s)
	case u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return service{}, fmt.Errorf("%q: there is more than the host and the port of the service", s)
	}
	return service{prefix, u.Scheme, u.Host}, nil
}

// gateway returns a handler that hands requests on to services, by ask. The longest
// prefix counts.
func gateway(ask raxx.Handler, services ...string) (raxx.Handler, error) {
	if len(services) == 0 {
		return nil, errors.New("there is no service to stand in front of")
	}
	var routes []router.Route
	for _, text := range services {
		s, err := parseService(text)
		if err != nil {
			return nil, err
		}
		routes = append(routes, router.Mount(s.prefix, s.forward(ask)))
	}
	r, err := router.New(routes...)
	if err != nil {
		return nil, err
	}
	return r.Handle, nil
}

// forward returns a handler that asks the service, and says for whom. What clients
// claim to have been told by others is gone by then: see middleware.ClientAddress.
func (s service) forward(ask raxx.Handler) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		req = req.With("x-forwarded-for", middleware.ClientIP.Get(req).String()).
			With("x-forwarded-host", req.Authority).
			With("x-forwarded-proto", req.Scheme)
		if s.prefix != "" {
			req = req.With("x-forwarded-prefix", s.prefix)
		}
		req.Scheme, req.Authority = s.scheme, s.authority
		return ask(req)
	}
}
