package ace

import (
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A CertificateStore holds certificates that are kept in files. When the files
// change it reads them again. Make one with [Certificates]. Its methods may be
// called from any goroutine.
type CertificateStore struct {
	// Reloaded, if not nil, is told of each change of the files: err is nil if the
	// new certificate is used from now on; else it is broken, and the one before
	// goes on being used. It is called by the handshake that found the change, and
	// holds up that one. Set it before the first handshake.
	Reloaded func(file CertFile, err error)

	current  atomic.Pointer[certificateSet]
	opened   time.Time
	nextLook atomic.Int64 // when, in nanoseconds since opened

	looking sync.Mutex // held by the handshake that looks at the files
	files   []*certificateFile
}

// lookInterval is how often the files are looked at, at most.
const lookInterval = time.Second

// Certificates returns a store of the certificates in files. It fails if one of
// them can't be read or is broken.
//
//	store, err := ace.Certificates(ace.CertFile{Cert: "cert.pem", Key: "key.pem"})
//	server := ace.New(app, ace.Config{TLS: store.TLSConfig()})
//
// A handshake gets the certificate for the name that the client asks for: the one
// that has this name, or else the one with a wildcard for it, or else the first
// of files. If there is more than one (such as one of RSA and one of ECDSA), it
// gets the first that the client can use.
//
// At most once a second, a handshake looks at the times and sizes of the files,
// and reads those that have changed. Between handshakes nothing is done. A new
// certificate that is broken (a key that does not fit yet, half a file) is not
// used; the old one stays until the files are right. A pipe is read here, and never
// again.
func Certificates(files ...CertFile) (*CertificateStore, error) {
	if len(files) == 0 {
		return nil, errors.New("ace: Certificates without files")
	}
	s := &CertificateStore{opened: time.Now()}
	for _, names := range files {
		switch {
		case names.Cert == "":
			return nil, errors.New("ace: Certificates with a CertFile without a certificate: Cert is empty")
		case names.Key == "":
			return nil, fmt.Errorf("ace: certificate %s without a key: Key is empty", names.Cert)
		}
		f := &certificateFile{names: names}
		if _, err := f.look(); err != nil {
			return nil, err
		}
		s.files = append(s.files, f)
	}
	s.use()
	return s, nil
}

// TLSConfig returns a config with the certificates of the store, for TLS 1.2 and
// later. It may be changed: ClientCAs and ClientAuth make it ask for the
// certificates of clients.
func (s *CertificateStore) TLSConfig() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: s.GetCertificate}
}

// GetCertificate returns the certificate for a handshake. It has the form of the
// field of that name in [tls.Config]; its error is always nil.
func (s *CertificateStore) GetCertificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	s.look()
	return s.current.Load().choose(hello), nil
}

// look looks at the files if it is time to. While one handshake does so the
// others go on with the certificates that there are.
func (s *CertificateStore) look() {
	if int64(time.Since(s.opened)) < s.nextLook.Load() || !s.looking.TryLock() {
		return
	}
	defer s.looking.Unlock()
	var tell []func()
	changed := false
	for _, f := range s.files {
		loaded, err := f.look()
		changed = changed || loaded
		if (loaded || err != nil) && s.Reloaded != nil {
			tell = append(tell, func() { s.Reloaded(f.names, err) })
		}
	}
	if changed {
		s.use()
	}
	s.nextLook.Store(int64(time.Since(s.opened) + lookInterval))
	for _, f := range tell { // last, so that what it is told is true by then
		f()
	}
}

// use makes the certificates that have been read those of the next handshakes.
func (s *CertificateStore) use() {
	set := &certificateSet{names: make(map[string][]*tls.Certificate)}
	for _, f := range s.files {
		set.add(f.cert)
	}
	s.current.Store(set)
}

// A certificateSet holds certificates by name. It does not change once it is in
// use.
type certificateSet struct {
	all   []*tls.Certificate
	names map[string][]*tls.Certificate // in lower case, with wildcards
}

func (s *certificateSet) add(c *tls.Certificate) {
	s.all = append(s.all, c)
	names := c.Leaf.DNSNames
	if name := c.Leaf.Subject.CommonName; len(names) == 0 && name != "" {
		names = []string{name}
	}
	for _, name := range names {
		name = strings.ToLower(name)
		s.names[name] = append(s.names[name], c)
	}
}

// choose returns the best certificate for a handshake.
func (s *certificateSet) choose(hello *tls.ClientHelloInfo) *tls.Certificate {
	name := strings.ToLower(hello.ServerName)
	_, parent, _ := strings.Cut(name, ".")
	nameless := *hello // the name is not compared again, and a name that nobody has refuses none
	nameless.ServerName = ""
	for _, fit := range [][]*tls.Certificate{s.names[name], s.names["*."+parent], s.all} {
		for _, c := range fit {
			if nameless.SupportsCertificate(c) == nil {
				return c
			}
		}
		if len(fit) > 0 {
			return fit[0] // the client will say what it lacks
		}
	}
	return nil
}
