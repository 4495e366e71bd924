package static

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"
	"unsafe"
	"weak"

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

// A file of which the time has not come was not written a moment ago.
func TestHashOfFileFromTheFuture(t *testing.T) {
	tree := &countingFS{MapFS: fstest.MapFS{"a.txt": {Data: []byte("a"), ModTime: time.Now().Add(time.Hour)}}}
	files := Config{}.MustNew(tree)
	for range 3 {
		diff(t, raxx.StrongETag("a").String(), files.Handle(raxx.Get("/a.txt")).Header.Get("etag"))
	}
	diff(t, int64(1), tree.opened.Load())
}

// An openFS counts the files that are open.
type openFS struct {
	fstest.MapFS
	open int
}

type openFile struct {
	fs.File
	open *int
}

func (o *openFS) Open(name string) (fs.File, error) {
	f, err := o.MapFS.Open(name)
	if err == nil {
		o.open++
	}
	return openFile{f, &o.open}, err
}

func (o *openFS) Stat(name string) (fs.FileInfo, error) { return o.MapFS.Stat(name) }

func (f openFile) Close() error {
	*f.open--
	return f.File.Close()
}

func TestNoFileStaysOpen(t *testing.T) {
	tree := &openFS{MapFS: fstest.MapFS{"a.txt": {Data: []byte(long), ModTime: monday}}}
	files := Config{}.MustNew(tree)
	resp := files.Handle(raxx.Get("/a.txt"))
	diff(t, 0, tree.open) // its hash has been read
	diff(t, long, content(t, resp))
	diff(t, 0, tree.open)
	tree.MapFS["a.txt"] = &fstest.MapFile{Data: []byte(long), ModTime: monday.Add(time.Hour)}
	if _, err := raxx.ReadAll(resp.Body, -1); !errors.Is(err, errReplaced) {
		t.Errorf("got %v, want %v", err, errReplaced)
	}
	diff(t, 0, tree.open)
}

// A panickingFS panics when a file is opened for the first time.
type panickingFS struct {
	fstest.MapFS
	done bool
}

func (p *panickingFS) Open(name string) (fs.File, error) {
	if !p.done {
		p.done = true
		panic("the disk is gone")
	}
	return p.MapFS.Open(name)
}

func (p *panickingFS) Stat(name string) (fs.FileInfo, error) { return p.MapFS.Stat(name) }

// No tag is that of a hash which was never computed.
func TestFileSystemThatPanics(t *testing.T) {
	files := Config{}.MustNew(&panickingFS{MapFS: site()})
	want := raxx.StrongETag("body{}").String()
	for range 3 {
		func() {
			defer func() { _ = recover() }()
			if got := files.Handle(raxx.Get("/app.css")); got.Status == 200 && got.Header.Get("etag") != want {
				t.Errorf("the tag is %s, want %s", got.Header.Get("etag"), want)
			}
		}()
	}
	diff(t, want, files.Handle(raxx.Get("/app.css")).Header.Get("etag"))
}

// What is sent is the version that the head tells of, or nothing.
func TestFileThatIsReplaced(t *testing.T) {
	for name, later := range map[string]*fstest.MapFile{
		"as long": {Data: []byte(strings.ToUpper(long)), ModTime: monday.Add(time.Hour)},
		"longer":  {Data: []byte(long + long), ModTime: monday},
	} {
		t.Run(name, func(t *testing.T) {
			for _, req := range []raxx.Request{
				raxx.Get("/a.txt"), raxx.Get("/a.txt").With("range", "bytes=0-9"), raxx.Get("/a.txt").With("range", "bytes=0-9,500-509"),
			} {
				tree := fstest.MapFS{"a.txt": {Data: []byte(long), ModTime: monday}}
				resp := Config{}.MustNew(tree).Handle(req)
				tree["a.txt"] = later
				if got, err := raxx.ReadAll(resp.Body, -1); err == nil {
					t.Errorf("%s: got %d bytes of another version", req.Header.Get("range"), len(got))
				}
			}
		})
	}
}

// A file that is written on still begins with what the head tells of.
func TestFileThatGrows(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.log")
	if err := os.WriteFile(name, []byte(long), 0o600); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(filepath.Dir(name))
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	files := Config{}.MustNew(root.FS())
	grown := files.Handle(raxx.Get("/a.log"))
	if err := os.WriteFile(name, []byte(long+long), 0o600); err != nil {
		t.Fatal(err)
	}
	diff(t, long, content(t, grown))

	replaced := files.Handle(raxx.Get("/a.log"))
	if err := os.WriteFile(name+".new", []byte(long), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
	_, err = raxx.ReadAll(replaced.Body, -1)
	diff(t, true, errors.Is(err, errReplaced))
}

// The parts of a reply are those of one version.
func TestFileThatIsReplacedBetweenParts(t *testing.T) {
	tree := fstest.MapFS{"a.txt": {Data: []byte(long), ModTime: monday}}
	resp := Config{}.MustNew(tree).Handle(raxx.Get("/a.txt").With("range", "bytes=0-9,500-509"))
	var got strings.Builder
	for chunk, err := range raxx.Chunks(resp.Body) {
		if err != nil {
			break
		}
		got.Write(chunk)
		if strings.HasSuffix(got.String(), long[:10]) {
			tree["a.txt"] = &fstest.MapFile{Data: []byte(strings.ToUpper(long)), ModTime: monday.Add(time.Hour)}
		}
	}
	if strings.Contains(got.String(), strings.ToUpper(long[500:510])) {
		t.Error("got parts of two versions")
	}
}

// A version that is back has its own hash, not that of what was there for a
// moment.
func TestHashOfFileThatIsReplacedWhileItIsRead(t *testing.T) {
	now := &fstest.MapFile{Data: []byte("a"), ModTime: monday}
	tree := &countingFS{MapFS: fstest.MapFS{"a.txt": now}}
	files := Config{}.MustNew(&replacingFS{tree, &fstest.MapFile{Data: []byte("b"), ModTime: monday.Add(time.Hour)}, now})
	first := files.Handle(raxx.Get("/a.txt"))
	diff(t, 503, first.Status)
	diff(t, "1", first.Header.Get("retry-after"))
	diff(t, raxx.StrongETag("a").String(), files.Handle(raxx.Get("/a.txt")).Header.Get("etag"))
}

// A replacingFS has another file when it is opened for the first time.
type replacingFS struct {
	*countingFS
	meanwhile, then *fstest.MapFile
}

func (r *replacingFS) Open(name string) (fs.File, error) {
	r.MapFS[name] = r.meanwhile
	defer func() { r.MapFS[name] = r.then; r.meanwhile = r.then }()
	return r.countingFS.Open(name)
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

	files = Config{Remembered: -1}.MustNew(tree)
	for round := range 50 {
		for i := range 100 {
			name := fmt.Sprintf("%d.txt", i)
			tree[name].ModTime = monday.Add(time.Duration(round) * time.Hour) // another version
			files.Handle(raxx.Get("/" + name))
		}
	}
	diff(t, 5000, len(files.digests.known))
}

// A path is a piece of the whole head of a request, which must not be kept for as long
// as the hash of a file is.
func TestWhatIsRememberedKeepsNoHead(t *testing.T) {
	files := Config{}.MustNew(site())
	for _, path := range []string{"/app.css", "/docs/", "/docs/a%20b.txt", "/app-0123456789abcdef0123.js"} {
		head := func() weak.Pointer[byte] {
			head := strings.Join([]string{"GET", path, "cookie:"}, " ")
			diff(t, 200, files.Handle(raxx.Get(head[len("GET "):][:len(path)])).Status)
			return weak.Make(unsafe.StringData(head))
		}()
		runtime.GC()
		if head.Value() != nil {
			t.Errorf("the head of a request for %s is kept", path)
		}
	}
	diff(t, 4, len(files.digests.known))
}

func TestLargeFilesAreNotHashed(t *testing.T) {
	dated := file(long)
	dated.ModTime = monday
	tree := &countingFS{MapFS: fstest.MapFS{"dated.txt": dated, "embedded.txt": file(long)}}
	files := Config{HashLimit: 100}.MustNew(tree)
	for limit, weak := range map[int64]bool{100: true, int64(len(long)) - 1: true, int64(len(long)): false, -1: false} {
		got := Config{HashLimit: limit}.MustNew(tree.MapFS).Handle(raxx.Get("/dated.txt")).Header.Get("etag")
		diff(t, weak, strings.HasPrefix(got, "W/"))
	}
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
