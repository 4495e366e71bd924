package static

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// Asset returns the path under which clients may keep a file for ever, because it
// changes with the content: "/assets/app-5f1d7a84db00d2fce00b.css" for "app.css".
// The error says that there is no such file, or that it can't be read. Asset is for
// views: make it a function of their templates.
//
// A client that asks with the hash of another version, because its page comes from
// a server that is newer or older, gets the file that there is, and is told to ask
// again. A file that itself has such a name comes first.
func (f *Files) Asset(name string) (string, error) {
	info, err := fs.Stat(f.fsys, name)
	if err != nil || !info.Mode().IsRegular() {
		return "", fmt.Errorf("static: asset %q: %w", name, fs.ErrNotExist)
	}
	d, err := f.digests.of(name, info)
	if err != nil {
		return "", fmt.Errorf("static: asset %q: %w", name, err)
	}
	ext := path.Ext(name)
	name = strings.TrimSuffix(name, ext) + "-" + d.hash() + ext
	return f.config.Prefix + raxx.JoinPath(strings.Split(name, "/")...), nil
}

// hashed answers with the file that an asset's name stands for, and reports
// whether it is one.
func (f *Files) hashed(req raxx.Request, name string) (raxx.Response, bool) {
	plain, hash, ok := cutHash(name)
	// Without the hash it may be one of the names that checkSegment refuses.
	if !ok || !checkSegment(path.Base(plain), f.config.Dotted) {
		return raxx.Response{}, false
	}
	info, err := fs.Stat(f.fsys, plain)
	if err != nil || !info.Mode().IsRegular() {
		return raxx.Response{}, false
	}
	d, err := f.digests.of(plain, info)
	if err != nil {
		return raxx.Response{}, false
	}
	return f.serve(req, plain, info, d.hash() == hash)
}

// cutHash takes the hash out of the name of an asset.
func cutHash(name string) (plain, hash string, ok bool) {
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	dash := len(stem) - hashLength - 1
	if dash < 1 || stem[dash] != '-' || stem[dash-1] == '/' {
		return "", "", false
	}
	hash = stem[dash+1:]
	for i := range len(hash) {
		if c := hash[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return "", "", false
		}
	}
	plain = stem[:dash] + ext
	return plain, hash, true
}
