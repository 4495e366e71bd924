package ace

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// A CertFile names the files of a certificate, in PEM.
type CertFile struct {
	// Cert is the file of the certificate, with those that lead to its authority
	// behind it.
	Cert string
	// Key is the file of its private key. It may be the same file.
	Key string
}

// A certificateFile is a certificate with what was known of its files when it
// was read.
type certificateFile struct {
	names CertFile
	cert  *tls.Certificate
	state filesState
	fault string // of what the files hold now; empty if cert is what they hold
}

// A filesState tells whether files have changed.
type filesState struct{ cert, key fs.FileInfo }

func (a filesState) equal(b filesState) bool {
	same := func(a, b fs.FileInfo) bool {
		return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
	}
	return a.cert != nil && same(a.cert, b.cert) && same(a.key, b.key)
}

// isPipe reports whether one of the files is a pipe.
func (a filesState) isPipe() bool { return (a.cert.Mode()|a.key.Mode())&fs.ModeNamedPipe != 0 }

// errPipe is why a file is not read again. A pipe may be what a shell puts in the place
// of a file when the server starts; later a handshake would wait for who writes to it.
var errPipe = errors.New("a pipe is read when the server starts, and not again")

// look reads the certificate if its files have changed, or were broken before. It
// reports whether it read a good one. An error is returned once, and not again
// as long as it stays the same.
func (f *certificateFile) look() (loaded bool, err error) {
	state, err := f.names.state()
	if err == nil {
		if f.fault == "" && f.state.equal(state) {
			return false, nil
		}
		var cert tls.Certificate
		if f.cert != nil && state.isPipe() {
			err = errPipe
		} else if cert, err = f.names.load(); err == nil {
			f.cert, f.state, f.fault = &cert, state, ""
			return true, nil
		}
	}
	err = fmt.Errorf("ace: certificate %s with key %s: %w", f.names.Cert, f.names.Key, err)
	if err.Error() == f.fault {
		return false, nil
	}
	f.fault = err.Error()
	return false, err
}

// certFileAtMost is how much of a file is read: that of a certificate has some
// kilobytes. A device without an end would fill the memory, under a server that runs.
const certFileAtMost = 1 << 20

// load reads the certificate.
func (c CertFile) load() (tls.Certificate, error) {
	cert, err := readPEM(c.Cert)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := readPEM(c.Key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(cert, key)
}

func readPEM(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, certFileAtMost+1))
	if err == nil && len(content) > certFileAtMost {
		err = fmt.Errorf("%s has more than %d bytes", name, certFileAtMost)
	}
	return content, err
}

// state is asked before the files are read: so a change that comes between is
// found the next time.
func (c CertFile) state() (s filesState, err error) {
	if s.cert, err = os.Stat(c.Cert); err == nil {
		s.key, err = os.Stat(c.Key)
	}
	return s, err
}
