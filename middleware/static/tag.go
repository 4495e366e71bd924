package static

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// A version names the content of a file without reading it.
type version struct {
	name     string
	size     int64
	modified int64 // nanoseconds; 0 if the file system does not say
}

func versionOf(name string, info fs.FileInfo) version {
	v := version{name: name, size: info.Size()}
	if t := info.ModTime(); !t.IsZero() {
		v.modified = t.UnixNano()
	}
	return v
}

// A digest is the hash of a version, which is computed once, by who asks first.
type digest struct {
	once sync.Once
	sum  [sha256.Size]byte
	err  error
}

// etag returns the entity tag: of a hash of the content, or, weak, of what the
// file system says of it.
func (d *digest) etag() raxx.ETag {
	return raxx.ETag{Tag: base64.RawURLEncoding.EncodeToString(d.sum[:16])}
}

func (v version) etag() raxx.ETag {
	return raxx.ETag{Weak: true, Tag: strconv.FormatInt(v.size, 36) + "-" + strconv.FormatInt(v.modified, 36)}
}

// hashLength is the length of what [Files.Asset] puts into a name.
const hashLength = 20

func (d *digest) hash() string { return hex.EncodeToString(d.sum[:hashLength/2]) }

// digests remembers the hashes of so many versions.
type digests struct {
	fsys fs.FS
	most int

	mu    sync.Mutex
	known map[version]*digest
}

// settled is how long a file has to have been left alone before its hash is
// remembered: within the steps of a file system's clock it may change again and
// look the same. One from the future has a time that somebody gave it.
const settled = 2 * time.Second

// of returns the digest of the version of a file that info tells of.
func (d *digests) of(name string, info fs.FileInfo) (*digest, error) {
	v := versionOf(name, info)
	if v.modified != 0 && time.Since(time.Unix(0, v.modified)).Abs() < settled {
		fresh := &digest{}
		fresh.read(d.fsys, name, info)
		return fresh, fresh.err
	}
	found := d.entry(v)
	found.once.Do(func() { found.read(d.fsys, name, info) })
	if found.err != nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.known, v)
	}
	return found, found.err
}

// entry returns the entry of a version. If there is no room for a new one, any
// other goes.
func (d *digests) entry(v version) *digest {
	d.mu.Lock()
	defer d.mu.Unlock()
	if found, ok := d.known[v]; ok {
		return found
	}
	for other := range d.known {
		if len(d.known) < d.most {
			break
		}
		delete(d.known, other)
	}
	fresh := &digest{}
	v.name = strings.Clone(v.name) // which may be a piece of a whole request
	d.known[v] = fresh
	return fresh
}

// read computes the hash.
func (d *digest) read(fsys fs.FS, name string, info fs.FileInfo) {
	d.err = io.ErrUnexpectedEOF // what stays if the file system panics
	file, err := pinned{fsys, info}.Open(name)
	if err != nil {
		d.err = err
		return
	}
	defer file.Close()
	h := sha256.New()
	if _, d.err = io.Copy(h, io.LimitReader(file, info.Size())); d.err == nil {
		h.Sum(d.sum[:0])
	}
}
