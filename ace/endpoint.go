package ace

import (
	"cmp"
	"crypto/tls"
	"errors"
	"net"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// An Endpoint is where a server accepts connections, and how it speaks there. It
// has an Address or a Listener.
//
//	err := server.RunEndpoints(ctx,
//		ace.Endpoint{Address: ":http", Cleartext: true},
//		ace.Endpoint{Address: ":https"}, // speaks TLS, by the server's Config
//		ace.Endpoint{Address: "unix:/run/app.sock", Options: ace.ListenConfig{Mode: 0o660}, Cleartext: true},
//	)
type Endpoint struct {
	// Name is what errors and trace events call it. Default: Address, or else
	// the address of Listener.
	Name string
	// Address is where to listen, in one of the forms of [Listen].
	Address string
	// Options are for Address.
	Options ListenConfig
	// Listener is a listening socket in place of Address. The server closes it. If
	// its connections are of type *tls.Conn (see [tls.NewListener]), their own
	// config says what ALPN offers; [Config.HandshakeTimeout] holds for them, too.
	Listener net.Listener

	// Handler, unless it is nil, answers here in place of the server's: on an
	// endpoint with pages for those who run the site, for example. A handler that
	// has to know the endpoint of a request is made for that endpoint.
	Handler raxx.Handler
	// Machine, unless it is the zero Machine, makes this an endpoint of an
	// application that speaks no HTTP: each connection is answered by a machine of
	// its own, which begins in this state. Its events are [raxx.Open] for the
	// connection, [raxx.Data] for what comes, [raxx.Tail] behind the other side's
	// last byte, and [raxx.Closed] if the connection ends first. The Data that it
	// sends is written as it is, and its Tail closes the connection. It can wait
	// for as long as it likes: to send silent clients away, set a timer with
	// [raxx.After]. Answer a Tail with a Tail: if a client has closed the
	// connection, TCP says only that it will send nothing more, until something is
	// written to it.
	Machine raxx.Machine

	// TLS is the config of the endpoint's handshakes, in place of [Config.TLS].
	// Endpoints that are served together with the same config resume each other's
	// sessions, but an endpoint with a Machine resumes none of HTTP. A config
	// without a certificate is an error.
	TLS *tls.Config
	// Cleartext makes the endpoint speak without TLS, although Config.TLS is
	// set. Danger: everybody on the way can read and change what is sent.
	Cleartext bool
}

// An EndpointError says which endpoint could not be opened, or has failed.
type EndpointError struct {
	Endpoint string // its name
	Err      error
}

// Error returns the error with the name of the endpoint.
func (e *EndpointError) Error() string {
	name := e.Endpoint
	if name == "" {
		name = `""`
	}
	if e.Err == nil {
		return "ace: endpoint " + name
	}
	return "ace: endpoint " + name + ": " + strings.TrimPrefix(e.Err.Error(), "ace: ")
}

// Unwrap returns the error.
func (e *EndpointError) Unwrap() error { return e.Err }

// check refuses what contradicts itself.
func (e *Endpoint) check() error {
	switch {
	case e.Listener == nil && e.Address == "":
		return errors.New("neither Address nor Listener")
	case e.Listener != nil && e.Address != "":
		return errors.New("both Address and Listener")
	case e.Listener != nil && e.Options != ListenConfig{}:
		return errors.New("options for a Listener that is there already")
	case e.Cleartext && e.TLS != nil:
		return errors.New("both TLS and Cleartext")
	case e.Handler != nil && !e.Machine.Equal(raxx.Machine{}):
		return errors.New("both Handler and Machine")
	}
	return nil
}

// name returns the name of the endpoint.
func (e *Endpoint) name() string {
	switch {
	case e.Name != "":
		return e.Name
	case e.Address != "" || e.Listener == nil:
		return e.Address
	}
	return e.Listener.Addr().String()
}

// open opens all of the endpoints, or none. The listeners that it was given are
// closed if it fails.
func (s *Server) open(endpoints []Endpoint) (opened []*endpoint, err error) {
	if len(endpoints) == 0 {
		return nil, errors.New("ace: no endpoints")
	}
	configs := map[tlsUse]*tls.Config{{config: s.config.TLS}: s.tls}
	for i := range endpoints {
		e, err := s.openOne(&endpoints[i], configs)
		if err != nil {
			for _, e := range opened {
				e.close()
			}
			for _, e := range endpoints[i:] {
				if e.Listener != nil {
					e.Listener.Close()
				}
			}
			return nil, &EndpointError{endpoints[i].name(), err}
		}
		opened = append(opened, e)
	}
	return opened, nil
}

// A tlsUse is a TLS config, and what it is for.
type tlsUse struct {
	config *tls.Config
	raw    bool // without the protocols of HTTP
}

// openOne opens an endpoint. configs holds what the TLS configs that were seen
// have become: sessions belong to them, so each becomes one only.
func (s *Server) openOne(e *Endpoint, configs map[tlsUse]*tls.Config) (*endpoint, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	config := cmp.Or(e.TLS, s.config.TLS)
	if !e.Cleartext && config != nil && lacksCertificate(config) {
		return nil, errors.New("a TLS config without a certificate: Certificates, GetCertificate and GetConfigForClient are empty")
	}
	l := e.Listener
	if l == nil {
		var err error
		if l, err = e.Options.Listen(e.Address); err != nil {
			return nil, err
		}
	}
	opened := &endpoint{server: s, name: e.name(), listener: l, handler: e.Handler, machine: e.Machine, stop: make(chan struct{})}
	opened.raw = !e.Machine.Equal(raxx.Machine{})
	if opened.handler == nil {
		opened.handler = s.handler
	}
	if !opened.raw && opened.handler == nil {
		l.Close()
		return nil, errors.New("neither a handler nor a Machine")
	}
	if !e.Cleartext && config != nil {
		opened.tls = s.useTLS(tlsUse{config, opened.raw}, configs)
	}
	return opened, nil
}

// useTLS returns what a TLS config has become, for its first use or another one.
func (s *Server) useTLS(use tlsUse, configs map[tlsUse]*tls.Config) *tls.Config {
	if _, seen := configs[use]; !seen {
		var offered []string
		if !use.raw {
			offered = s.config.protocols()
		}
		configs[use] = serverTLS(use.config, offered...)
	}
	return configs[use]
}
