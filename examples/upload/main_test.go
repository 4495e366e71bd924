package main

import (
	"errors"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

func diff(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("got differs from want (-want +got):\n%s", d)
	}
}

// open opens a site whose folder is empty, which takes files of 16 bytes.
func open(t *testing.T) (*store, raxx.Handler) {
	t.Helper()
	s, err := openStore(t.TempDir(), 16)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.root.Close() })
	h, err := app(s)
	if err != nil {
		t.Fatal(err)
	}
	return s, h
}

// put sends a file as it comes from a connection.
func put(h raxx.Handler, name string, body raxx.Stream) raxx.Response {
	resp, _ := raxxtest.NewServer(h).Serve(raxx.Put("/files/"+name, "text/plain", body)).Response()
	return resp
}

// folder returns what is in the folder: the content of every file, by its name.
func folder(t *testing.T, s *store) map[string]string {
	t.Helper()
	all := map[string]string{}
	entries, err := fs.ReadDir(s.root.FS(), ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		content, err := s.root.ReadFile(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = string(content)
	}
	return all
}

// To raxx.Copy zero is a default, and less than that no limit at all.
func TestLimitThatIsNone(t *testing.T) {
	for _, limit := range []int64{0, -1} {
		if s, err := openStore(t.TempDir(), limit); err == nil {
			s.root.Close()
			t.Errorf("a store with a limit of %d bytes was opened", limit)
		}
	}
}

func TestUpload(t *testing.T) {
	s, h := open(t)
	resp := put(h, "a%20b.txt", raxxtest.Chunks("hello, ", "you"))
	diff(t, 201, resp.Status)
	diff(t, "/files/a%20b.txt", resp.Header.Get("location"))
	diff(t, raxx.Body(raxx.Data(`{"name":"a b.txt","size":10}`)), resp.Body)
	diff(t, map[string]string{"a b.txt": "hello, you"}, folder(t, s))

	// Another of the same name takes its place.
	put(h, "a%20b.txt", raxxtest.Chunks("16 bytes exactly"))
	put(h, "empty", raxxtest.Chunks())
	diff(t, map[string]string{"a b.txt": "16 bytes exactly", "empty": ""}, folder(t, s))

	index, err := raxxtest.NewServer(h).Serve(raxx.Get("/files")).Response()
	if err != nil {
		t.Fatal(err)
	}
	diff(t, raxx.Body(raxx.Data(`{"limit":16,"files":[{"name":"a b.txt","size":16},{"name":"empty","size":0}]}`)), index.Body)
}

// Whatever goes wrong, what was there stays, and nothing else is left.
func TestFailures(t *testing.T) {
	length := func(n int64, s raxx.Stream) raxx.Stream { s.Length = n; return s }
	for _, tt := range []struct {
		name string
		body raxx.Stream
		want int
	}{
		{"too large, and says so", length(17, raxxtest.Chunks(strings.Repeat("x", 17))), 413},
		{"too large, which shows later", raxxtest.Chunks("16 bytes exactly", "x"), 413},
		{"the client goes away", raxxtest.Broken(errors.New("the cable was cut"), "hel"), 500},
		{"the client goes away at once", raxxtest.Broken(errors.New("the cable was cut")), 500},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, h := open(t)
			put(h, "a", raxxtest.Chunks("before"))
			diff(t, tt.want, put(h, "a", tt.body).Status)
			diff(t, map[string]string{"a": "before"}, folder(t, s))
		})
	}
}

// A full is a file on a disk that is full after some bytes, or when it is synced,
// or closed.
type full struct {
	file
	room        int
	sync, close error
}

func (f *full) Write(b []byte) (int, error) {
	n, err := f.file.Write(b[:min(len(b), f.room)])
	if f.room -= n; err == nil && n < len(b) {
		err = syscall.ENOSPC
	}
	return n, err
}

func (f *full) Sync() error  { return f.sync }
func (f *full) Close() error { return errors.Join(f.file.Close(), f.close) }

func TestDiskIsFull(t *testing.T) {
	for _, tt := range []struct {
		name string
		full full
		want int
	}{
		{"at once", full{}, 507},
		{"in the middle", full{room: 3}, 507},
		{"when it is synced", full{room: 99, sync: syscall.EDQUOT}, 507},
		{"when it is closed", full{room: 99, close: syscall.ENOSPC}, 507},
		{"it is broken", full{room: 99, sync: syscall.EIO}, 500},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, h := open(t)
			put(h, "a", raxxtest.Chunks("before"))
			create := s.create
			s.create = func(name string) (file, error) {
				f, err := create(name)
				tt.full.file = f
				return &tt.full, err
			}
			diff(t, tt.want, put(h, "a", raxxtest.Chunks("hello")).Status)
			diff(t, map[string]string{"a": "before"}, folder(t, s))
		})
	}
}

func TestRefused(t *testing.T) {
	s, h := open(t)
	if err := s.root.WriteFile(".upload-x", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := s.root.Mkdir("folder", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		req  raxx.Request
		want int
	}{
		{"no name", raxx.Put("/files/..", "a/b", nil), 400},
		{"a part of a file", raxx.Put("/files/a", "a/b", nil).With("content-range", "bytes 0-1/2"), 400},
		{"a page of another site", raxx.Put("/files/a", "a/b", nil).With("sec-fetch-site", "cross-site"), 403},
		{"over a folder", raxx.Put("/files/folder", "a/b", nil), 500},
		{"what is not whole is not shown", raxx.Get("/files/.upload-x"), 404},
		{"nor is what is elsewhere", raxx.Get("/files/..%2Fetc"), 404},
	} {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, tt.want, h(tt.req).Status)
		})
	}
}

// A file of somebody's may be a page with a script.
func TestFilesAreServedHarmless(t *testing.T) {
	_, h := open(t)
	put(h, "x.html", raxxtest.Chunks("<script>"))
	resp := h(raxx.Get("/files/x.html"))
	diff(t, 200, resp.Status)
	diff(t, "sandbox; default-src 'none'", resp.Header.Get("content-security-policy"))
	diff(t, "nosniff", resp.Header.Get("x-content-type-options"))
}

// What is left of a process that was killed goes when the next one begins.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	first, err := openStore(dir, 16)
	if err != nil {
		t.Fatal(err)
	}
	defer first.root.Close()
	for _, name := range []string{".upload-1", ".upload-2", "kept"} {
		if err := first.root.WriteFile(name, []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	second, err := openStore(dir, 16)
	if err != nil {
		t.Fatal(err)
	}
	defer second.root.Close()
	diff(t, map[string]string{"kept": "x"}, folder(t, second))
}

var names = []struct{ sent, want string }{
	{"a.txt", "a.txt"},
	{"Grüße 2026 (1).tar.gz", "Grüße 2026 (1).tar.gz"},
	{"日本.png", "日本.png"},
	{`C:\Documents\cv.pdf`, "cv.pdf"},
	{"../../etc/passwd", "passwd"},
	{"a/", ""},
	{"", ""},
	{".", ""},
	{"..", ""},
	{".upload-x", "upload-x"},
	{".htaccess", "htaccess"},
	{"a.txt. . ", "a.txt"},
	{"<b>?*|:\".txt", "_b______.txt"},
	{"a\x00b\r\nc\u202egpj.exe", "ab  cgpj.exe"},
	{"a\xffb", "a_b"},
	{"NUL", "_NUL"},
	{"con.txt", "_con.txt"},
	{"console", "console"},
	{strings.Repeat("é", 200) + ".jpeg", strings.Repeat("é", 97) + ".jpeg"},
	{"a." + strings.Repeat("x", 300), "a." + strings.Repeat("x", 198)},
}

func TestNames(t *testing.T) {
	for _, tt := range names {
		if got, ok := safeName(tt.sent); got != tt.want || ok != (tt.want != "") {
			t.Errorf("%q: got %q, %v, want %q", tt.sent, got, ok, tt.want)
		}
	}
}

// A name is one that every system takes, and safe names stay as they are.
func FuzzNames(f *testing.F) {
	for _, tt := range names {
		f.Add(tt.sent)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		name, ok := safeName(sent)
		again, _ := safeName(name)
		if again != name || ok != (name != "") {
			t.Errorf("%q becomes %q, and that %q", sent, name, again)
		}
		if len(name) > longest || !utf8.ValidString(name) || strings.HasPrefix(name, ".") || strings.ContainsAny(name, "/\\:\x00\r\n") {
			t.Errorf("%q becomes %q", sent, name)
		}
	})
}
