package raxx

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// A File is a body that is a part of a file. A server opens it when it sends
// the head, and may let the kernel copy it to the socket. Two files are equal
// if name, offset and length are.
type File struct {
	Name   string // within its file system, as in [fs.ValidPath]
	Offset int64  // the first byte to send
	Length int64  // how many to send; -1: all to the end of the file

	fsys fs.FS
}

// NewFile returns the whole of the named file. Nothing is opened: a file that
// can't be opened when the response is sent makes it a 500. fsys may be an
// embed.FS, or the FS of an os.Root, which no name can lead out of.
func NewFile(fsys fs.FS, name string) File {
	return File{Name: name, Length: -1, fsys: fsys}
}

// Range returns the part of the file that starts at offset and is length bytes long
// (-1: all to the end). The offset counts from the beginning of the file, whatever
// part of it f is.
func (f File) Range(offset, length int64) File {
	f.Offset, f.Length = offset, max(length, -1)
	return f
}

// Equal reports whether both are the same part of a file of the same name.
func (f File) Equal(g File) bool {
	return f.Name == g.Name && f.Offset == g.Offset && f.Length == g.Length
}

// Open opens the file and returns it, positioned at the first byte to send, and the
// number of bytes to send. It fails if the file is not a regular one, such as a
// directory, or ends before the part does. The caller closes it.
func (f File) Open() (fs.File, int64, error) {
	if f.fsys == nil {
		return nil, 0, fmt.Errorf("raxx: file %q has no file system; use NewFile", f.Name)
	}
	file, err := f.fsys.Open(f.Name)
	if err != nil {
		return nil, 0, err
	}
	length, err := f.position(file)
	if err != nil {
		file.Close()
		return nil, 0, err
	}
	return file, length, nil
}

// position moves file to the offset and returns how many bytes are to be sent.
func (f File) position(file fs.File) (int64, error) {
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, &fs.PathError{Op: "send", Path: f.Name, Err: errors.New("not a regular file")}
	}
	rest := info.Size() - f.Offset
	if f.Offset < 0 || rest < 0 || f.Length > rest {
		return 0, &fs.PathError{Op: "send", Path: f.Name, Err: fmt.Errorf(
			"has %d bytes, which does not cover offset %d and length %d", info.Size(), f.Offset, f.Length)}
	}
	if f.Offset > 0 {
		if err := skip(file, f.Offset); err != nil {
			return 0, err
		}
	}
	if f.Length < 0 {
		return rest, nil
	}
	return f.Length, nil
}

// skip moves file forward by n bytes: by seeking where that is possible.
func skip(file fs.File, n int64) error {
	if s, ok := file.(io.Seeker); ok {
		_, err := s.Seek(n, io.SeekStart)
		return err
	}
	_, err := io.CopyN(io.Discard, file, n)
	return err
}

// chunks yields the part of the file in pieces of readSize.
func (f File) chunks(yield func([]byte, error) bool) {
	file, left, err := f.Open()
	if err != nil {
		yield(nil, err)
		return
	}
	defer file.Close()
	buf := make([]byte, min(left, readSize))
	for left > 0 {
		n, err := io.ReadFull(file, buf[:min(left, int64(len(buf)))])
		left -= int64(n)
		if n > 0 && !yield(buf[:n], nil) {
			return
		}
		if err != nil {
			yield(nil, fmt.Errorf("raxx: file %q ended %d bytes early: %w", f.Name, left, err))
			return
		}
	}
}
