package static

import (
	"fmt"
	"io/fs"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// A countingFS counts how often a file is opened.
type countingFS struct {
	fstest.MapFS
	opened atomic.Int64
}

func (c *countingFS) Open(name string) (fs.File, error) {
	c.opened.Add(1)
	return c.MapFS.Open(name)
}

func (c *countingFS) Stat(name string) (fs.FileInfo, error) { return c.MapFS.Stat(name) }

func TestHashIsComputedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tree := &countingFS{MapFS: fstest.MapFS{"a.txt": {Data: []byte("a"), ModTime: time.Now()}}}
		files := Config{}.MustNew(tree)
		ask := func(want string) {
			t.Helper()
			diff(t, raxx.StrongETag(raxx.Data(want)).String(), files.Handle(raxx.Get("/a.txt")).Header.Get("etag"))
		}
		// It has just been written: it may be written again, and look the same.
		ask("a")
		ask("a")
		diff(t, int64(2), tree.opened.Load())
		tree.MapFS["a.txt"].Data = []byte("b")
		ask("b")

		time.Sleep(settled)
		before := tree.opened.Load()
		for range 3 {
			ask("b")
		}
		diff(t, before+1, tree.opened.Load())

		tree.MapFS["a.txt"] = &fstest.MapFile{Data: []byte("c"), ModTime: time.Now().Add(-time.Hour)}
		ask("c")
		diff(t, before+2, tree.opened.Load())
	})
}

func TestManyAskAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tree := &countingFS{MapFS: site()}
		files := Config{}.MustNew(tree)
		for range 50 {
			go files.Handle(raxx.Get("/long.txt"))
		}
		synctest.Wait()
		diff(t, int64(1), tree.opened.Load())
	})
}

func TestMemoryIsBounded(t *testing.T) {
	tree := fstest.MapFS{}
	for i := range 100 {
		tree[fmt.Sprintf("%d.txt", i)] = file(fmt.Sprint(i))
	}
	files := Config{Remembered: 10}.MustNew(tree)
	for range 2 {
		for i := range 100 {
			got := files.Handle(raxx.Get(fmt.Sprintf("/%d.txt", i)))
			diff(t, raxx.StrongETag(raxx.Data(fmt.Sprint(i))).String(), got.Header.Get("etag"))
		}
		for i := range 100 {
			files.Handle(raxx.Get(fmt.Sprintf("/none%d.txt", i)))
		}
	}
	diff(t, 10, len(files.digests.known))
}

func TestLargeFilesAreNotHashed(t *testing.T) {
	dated := file(long)
	dated.ModTime = monday
	tree := &countingFS{MapFS: fstest.MapFS{"dated.txt": dated, "embedded.txt": file(long)}}
	files := Config{HashLimit: 100}.MustNew(tree)
	got := files.Handle(raxx.Get("/dated.txt"))
	diff(t, int64(0), tree.opened.Load())
	tag, err := raxx.ParseETag(got.Header.Get("etag"))
	diff(t, nil, err)
	diff(t, true, tag.Weak)
	diff(t, 304, files.Handle(raxx.Get("/dated.txt").With("if-none-match", tag.String())).Status)
	// A download goes on by its date, since a weak tag is no proof of bytes.
	req := raxx.Get("/dated.txt").With("range", "bytes=5-")
	diff(t, 206, files.Handle(req.With("if-range", got.Header.Get("last-modified"))).Status)
	diff(t, 200, files.Handle(req.With("if-range", tag.String())).Status)
	// Where there is no time, nothing else tells two versions apart.
	diff(t, raxx.StrongETag(raxx.Data(long)).String(), files.Handle(raxx.Get("/embedded.txt")).Header.Get("etag"))
}

// A failingFS can tell of files, and not open them.
type failingFS struct{ fstest.MapFS }

func (f failingFS) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
}

func (f failingFS) Stat(name string) (fs.FileInfo, error) { return f.MapFS.Stat(name) }

func TestUnreadableFile(t *testing.T) {
	files := Config{}.MustNew(failingFS{site()})
	diff(t, 404, files.Handle(raxx.Get("/app.css")).Status)
	diff(t, 0, len(files.digests.known))
	if _, err := files.Asset("app.css"); err == nil {
		t.Error("an asset that can't be read has a path")
	}
}
