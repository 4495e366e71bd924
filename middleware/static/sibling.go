package static

import (
	"io/fs"

	"github.com/raxx-go/raxx/raxx"
)

// extension returns what is behind the name of a sibling in a coding, or "".
func extension(coding string) string {
	switch coding {
	case "br":
		return ".br"
	case "zstd":
		return ".zst"
	case "gzip":
		return ".gz"
	}
	return ""
}

// sibling returns the coding that the client likes best of those that there is a
// sibling of, and the sibling; nil if it is the file itself. One that is older
// than its file was made of another version.
func (f *Files) sibling(req raxx.Request, name string, info fs.FileInfo) (string, fs.FileInfo) {
	if !req.Header.Has("accept-encoding") {
		return "", nil
	}
	var found [3]fs.FileInfo
	offers := make([]string, 0, 4)
	for i, coding := range f.config.Precompressed {
		sibling, err := fs.Stat(f.fsys, name+extension(coding))
		if err == nil && sibling.Mode().IsRegular() && !sibling.ModTime().Before(info.ModTime()) {
			found[i] = sibling
			offers = append(offers, coding)
		}
	}
	if len(offers) == 0 {
		return "", nil
	}
	coding := raxx.AcceptsEncoding(req, append(offers, "identity")...)
	for i, offered := range f.config.Precompressed {
		if offered == coding {
			return coding, found[i]
		}
	}
	return "", nil
}
