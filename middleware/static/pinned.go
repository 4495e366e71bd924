package static

import (
	"errors"
	"io/fs"
	"os"
)

// A pinned is a file system of one file in the version that info tells of. A
// head with the tag and the length of a version must not get content of another,
// which a cache would keep as that one.
type pinned struct {
	fsys fs.FS
	info fs.FileInfo
}

// errReplaced is the error of a file that has another version by now.
var errReplaced = errors.New("static: the file has been replaced meanwhile")

// Open opens the file. A longer one that is the same to the system has been
// written on, and still begins with the version.
func (p pinned) Open(name string) (fs.File, error) {
	file, err := p.fsys.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && versionOf(name, info) != versionOf(name, p.info) && !os.SameFile(info, p.info) {
		err = &fs.PathError{Op: "open", Path: name, Err: errReplaced}
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}
