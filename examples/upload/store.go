package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/raxx-go/raxx/raxx"
)

// A store keeps files in a folder that no name leads out of.
//
// What comes is written to a temporary file, which gets its name when it is whole.
// So there is never half a file of that name, and what was there before stays
// until then.
type store struct {
	root  *os.Root
	limit int64 // of a file, in bytes
	// create opens a new file for writing.
	create func(name string) (file, error)
}

// A file is what a store writes to.
type file interface {
	io.WriteCloser
	Sync() error
}

// temporary is what the names of files begin with that are not whole. No client
// can name one, or ask for it: it begins with a dot.
const temporary = ".upload-"

// openStore opens a folder, which is made if it is not there. Files that are left
// of a process that was killed are removed.
func openStore(folder string, limit int64) (*store, error) {
	if limit < 1 {
		return nil, fmt.Errorf("files of up to %d bytes are no files: the limit is at least 1", limit)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	s := &store{root: root, limit: limit}
	s.create = func(name string) (file, error) {
		return root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	}
	return s, s.sweep()
}

// sweep removes what is not whole.
func (s *store) sweep() error {
	left, err := fs.Glob(s.root.FS(), temporary+"*")
	for _, name := range left {
		err = errors.Join(err, s.root.Remove(name))
	}
	return err
}

// save writes the content of a body to the file of that name, and returns its
// length. If it fails, nothing is left of it.
func (s *store) save(name string, body raxx.Body) (size int64, err error) {
	part := temporary + rand.Text()
	f, err := s.create(part)
	if err != nil {
		return 0, err
	}
	if size, err = raxx.Copy(f, body, s.limit); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = s.root.Rename(part, name)
	}
	if err != nil {
		return 0, errors.Join(asReply(err), s.root.Remove(part))
	}
	return size, nil
}

// asReply returns the error with the status that it deserves, if it is neither
// the client's fault nor ours.
func asReply(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return &raxx.Error{Status: raxx.StatusInsufficientStorage, Detail: "there is no room left", Err: err}
	}
	return err
}

// A stored is a file that is there.
type stored struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
}

// list returns the files that are there, in the order of their names.
func (s *store) list() ([]stored, error) {
	entries, err := fs.ReadDir(s.root.FS(), ".")
	if err != nil {
		return nil, fmt.Errorf("list the files: %w", err)
	}
	files := []stored{}
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && info.Mode().IsRegular() && !strings.HasPrefix(entry.Name(), ".") {
			files = append(files, stored{entry.Name(), info.Size()})
		}
	}
	return files, nil
}
