package raxx

import (
	"io"
	"io/fs"
	"testing"
	"testing/fstest"
)

var testFiles = fstest.MapFS{
	"ten":   {Data: []byte("0123456789")},
	"empty": {},
	"dir/x": {},
}

func TestFileOpen(t *testing.T) {
	tests := []struct {
		name string
		file File
		want string
		err  string
	}{
		{"the whole", NewFile(testFiles, "ten"), "0123456789", ""},
		{"from an offset", NewFile(testFiles, "ten").Range(7, -1), "789", ""},
		{"a part", NewFile(testFiles, "ten").Range(2, 3), "234", ""},
		{"all of it as a part", NewFile(testFiles, "ten").Range(0, 10), "0123456789", ""},
		{"nothing at the end", NewFile(testFiles, "ten").Range(10, -1), "", ""},
		{"an empty file", NewFile(testFiles, "empty"), "", ""},
		{"past the end", NewFile(testFiles, "ten").Range(5, 6), "", "send ten: has 10 bytes, which does not cover offset 5 and length 6"},
		{"behind the end", NewFile(testFiles, "ten").Range(11, -1), "", "send ten: has 10 bytes, which does not cover offset 11 and length -1"},
		{"before the begin", NewFile(testFiles, "ten").Range(-1, 1), "", "send ten: has 10 bytes, which does not cover offset -1 and length 1"},
		{"a directory", NewFile(testFiles, "dir"), "", "send dir: not a regular file"},
		{"no such file", NewFile(testFiles, "none"), "", "open none: file does not exist"},
		{"a name that leads out", NewFile(testFiles, "../ten"), "", "open ../ten: file does not exist"},
		{"no file system", File{Name: "ten"}, "", `raxx: file "ten" has no file system; use NewFile`},
		{"without seeking", NewFile(plainFS{testFiles}, "ten").Range(8, 2), "89", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ReadAll(tt.file, -1)
			diff(t, Data(tt.want), got)
			diff(t, tt.err, textOf(err))
			if err != nil {
				return
			}
			file, length, err := tt.file.Open()
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			diff(t, int64(len(tt.want)), length)
			rest, _ := io.ReadAll(io.LimitReader(file, length))
			diff(t, tt.want, string(rest))
		})
	}
}

// A plainFS hides that its files can seek.
type plainFS struct{ fs.FS }

type plainFile struct{ fs.File }

func (p plainFS) Open(name string) (fs.File, error) {
	f, err := p.FS.Open(name)
	return plainFile{f}, err
}

// A shrinkingFS says that its files are one byte longer than they are.
type shrinkingFS struct{ fs.FS }

type shrinkingFile struct{ fs.File }

func (s shrinkingFS) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	return shrinkingFile{f}, err
}

func (s shrinkingFile) Stat() (fs.FileInfo, error) {
	info, err := s.File.Stat()
	return longInfo{info}, err
}

type longInfo struct{ fs.FileInfo }

func (i longInfo) Size() int64 { return i.FileInfo.Size() + 1 }

func TestFileThatShrinks(t *testing.T) {
	_, err := ReadAll(NewFile(shrinkingFS{testFiles}, "ten"), -1)
	diff(t, `raxx: file "ten" ended 1 bytes early: unexpected EOF`, textOf(err))
}

// A countingFS knows how many of its files are open, and may let them fail.
type countingFS struct {
	fs.FS
	open           int
	noStat, noSeek bool
}

type countedFile struct {
	fs.File
	of *countingFS
}

func (c *countingFS) Open(name string) (fs.File, error) {
	f, err := c.FS.Open(name)
	if err == nil {
		c.open++
	}
	return countedFile{f, c}, err
}

func (c countedFile) Close() error {
	c.of.open--
	return c.File.Close()
}

func (c countedFile) Stat() (fs.FileInfo, error) {
	if c.of.noStat {
		return nil, errCut
	}
	return c.File.Stat()
}

func (c countedFile) Seek(offset int64, whence int) (int64, error) {
	if c.of.noSeek {
		return 0, errCut
	}
	return c.File.(io.Seeker).Seek(offset, whence)
}

// Whatever becomes of a file, it is closed, and one that can't be read from where
// it should be is not read.
func TestFilesAreClosed(t *testing.T) {
	for _, tt := range []struct {
		name string
		file func(fs.FS) File
		fsys countingFS
		want string
		err  string
	}{
		{"read to its end", func(f fs.FS) File { return NewFile(f, "ten").Range(3, 2) }, countingFS{}, "34", ""},
		{"a directory", func(f fs.FS) File { return NewFile(f, "dir") }, countingFS{}, "", "send dir: not a regular file"},
		{"too short", func(f fs.FS) File { return NewFile(f, "ten").Range(9, 9) }, countingFS{}, "", "send ten: has 10 bytes, which does not cover offset 9 and length 9"},
		{"one that can't be asked", func(f fs.FS) File { return NewFile(f, "ten") }, countingFS{noStat: true}, "", errCut.Error()},
		{"one that can't seek", func(f fs.FS) File { return NewFile(f, "ten").Range(3, 2) }, countingFS{noSeek: true}, "", errCut.Error()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.fsys.FS = testFiles
			got, err := ReadAll(tt.file(&tt.fsys), -1)
			diff(t, Data(tt.want), got)
			diff(t, tt.err, textOf(err))
			diff(t, 0, tt.fsys.open)
		})
	}
	left := &countingFS{FS: testFiles}
	for range Chunks(NewFile(left, "ten")) {
		break
	}
	diff(t, 0, left.open)
	_, err := ReadAll(NewFile(shrinkingFS{plainFS{testFiles}}, "ten").Range(11, 0), -1)
	diff(t, io.EOF.Error(), textOf(err))
}

func TestFileEqual(t *testing.T) {
	a := NewFile(testFiles, "ten")
	diff(t, true, a.Equal(NewFile(nil, "ten")))
	diff(t, false, a.Equal(NewFile(nil, "empty")))
	diff(t, false, a.Equal(a.Range(1, -1)))
	diff(t, false, a.Equal(a.Range(0, 1)))
}
