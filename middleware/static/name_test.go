package static

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/raxx-go/raxx/raxx"
)

// Each row is a way in which somebody got out of a folder, or to what was hidden
// in it. The files are there under these very names.
func TestTraversal(t *testing.T) {
	for name, path := range map[string]string{
		"up":                                  "/../etc/passwd",
		"up, within":                          "/docs/../.env",
		"up, at the end":                      "/docs/..",
		"the folder itself":                   "/./app.css",
		"escaped dots (connect #198)":         "/%2e%2e/etc/passwd",
		"half escaped dots":                   "/.%2e/etc/passwd",
		"escaped slash (CVE-2026-6414)":       "/docs%2findex.html",
		"escaped slash, up":                   "/docs%2f..%2f.env",
		"double escape (CVE-2026-25891)":      "/%252e%252e%255c.env",
		"backslash (GHSA-pgvm-wxw2-hrv9)":     "/..\\..\\.env",
		"escaped backslash (CVE-2026-54286)":  "/docs%5cindex.html",
		"a file with a backslash":             "/a%5cb",
		"backslashes alone":                   "/%5c%5chost%5cshare",
		"a drive (JLSEC-2026-612)":            "/c:/windows/win.ini",
		"an escaped colon":                    "/c%3ad",
		"a stream":                            "/app.css::$DATA",
		"NUL":                                 "/app.css%00",
		"NUL and another extension":           "/.env%00.png",
		"a line":                              "/app.css%0a",
		"a control character":                 "/app.css%1f",
		"delete":                              "/app.css%7f",
		"no UTF-8":                            "/app.css%ff",
		"overlong dots":                       "/%c0%ae%c0%ae/.env",
		"a character that can't be seen":      "/%e2%80%8c.env",
		"text that runs the other way":        "/app%e2%80%aecss",
		"hidden":                              "/.env",
		"hidden, escaped":                     "/%2eenv",
		"in a hidden folder":                  "/.git/config",
		"hidden in a folder":                  "/dots/.htaccess",
		"well-known, unless said so":          "/.well-known/security.txt",
		"two dots and more":                   "/..hidden",
		"three dots":                          "/.../app.css",
		"a dot at the end":                    "/app.css.",
		"a file with a dot at the end":        "/e.",
		"a space at the end":                  "/app.css%20",
		"a folder with a space at the end":    "/docs%20/index.html",
		"a device (CVE-2025-66221)":           "/con",
		"a device with ext. (CVE-2026-21860)": "/nul.txt",
		"a device in a path (CVE-2026-27199)": "/aux/app.css",
		"a device and a space":                "/CON%20.txt",
		"a device with a number":              "/docs/com1",
		"a device with a small number":        "/lpt%c2%b9.txt",
		"a console":                           "/CONIN$",
		"a short name":                        "/GIT~1",
		"a short name with an extension":      "/CONFIG~2.TXT",
		"the short name of .env~":             "/ENV~~1",
		"the asset of a device":               "/con-0123456789abcdef0123",
		"the asset of a device with ext.":     "/nul-0123456789abcdef0123.txt",
		"the asset of a short name":           "/GIT~1-0123456789abcdef0123",
		"the asset of a short name with ext.": "/CONFIG~2-0123456789abcdef0123.TXT",
		"an empty segment":                    "//app.css",
		"a malformed escape":                  "/app%.css",
		"an escape cut off":                   "/app.css%2",
		"an absolute path":                    "//etc/passwd",
		"a folder above with the same begin (CVE-2023-29159)": "/../docs2/x",
	} {
		t.Run(name, func(t *testing.T) {
			got := get(path)
			if got.Status != 404 || got.Header.Get("content-type") != "application/problem+json" {
				t.Errorf("%s: got %d %v, want 404", path, got.Status, got.Body)
			}
		})
	}
}

// Windows takes them for devices and short names, whatever the file system here says.
func TestNamesOfWindows(t *testing.T) {
	refused := []string{"con", "PRN.txt", "Aux", "nul.tar.gz", "conin$", "CONOUT$", "clock$.x", "lpt¹", "COM².log", "com³", "a~1", "ABCDEF~1.TXT", "A~12345", "ENV~~1", "A~B~1.TXT"}
	for i := range 10 {
		refused = append(refused, fmt.Sprint("COM", i), fmt.Sprint("lpt", i, ".txt"))
	}
	for _, name := range refused {
		diff(t, 404, Config{}.MustNew(fstest.MapFS{name: file("x")}).Handle(raxx.Get(raxx.JoinPath(name))).Status)
	}
	for _, name := range []string{
		"company.txt", "com.txt", "com10", "lpt", "null", "console.js", "constant", "auxiliary", "a~", "a~b", "a~1b", "backup-2026~1", "a.b~1",
	} {
		diff(t, 200, Config{}.MustNew(fstest.MapFS{name: file("x")}).Handle(raxx.Get(raxx.JoinPath(name))).Status)
	}
}

// On a disk a name may be one thing and mean another.
func TestDisk(t *testing.T) {
	dir := t.TempDir()
	public := filepath.Join(dir, "public")
	outside := filepath.Join(dir, "secret.txt")
	for name, content := range map[string]string{
		outside: "secret", filepath.Join(public, "a.txt"): "a", filepath.Join(public, "sub", "b.txt"): "b",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, target := range map[string]string{
		"out.txt": outside, "up.txt": "../secret.txt", "folder": dir, "in.txt": "sub/b.txt", "loop": "loop",
	} {
		if err := os.Symlink(target, filepath.Join(public, name)); err != nil {
			t.Skip(err)
		}
	}
	root, err := os.OpenRoot(public)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	files, err := Config{}.New(root.FS())
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{
		"/a.txt": 200, "/sub/b.txt": 200, "/in.txt": 200,
		"/out.txt": 404, "/up.txt": 404, "/folder/secret.txt": 404, "/folder": 404, "/loop": 404, "/a.txt/x": 404,
		"/" + strings.Repeat("x", 5000): 404, "/sub": 404, "/sub/": 404,
	} {
		got := files.Handle(raxx.Get(path))
		if got.Status != want {
			t.Errorf("%.20s: got %d, want %d", path, got.Status, want)
		}
	}
	diff(t, "b", content(t, files.Handle(raxx.Get("/in.txt"))))
	diff(t, true, files.Handle(raxx.Get("/a.txt")).Header.Has("last-modified"))
}

func TestDirFSIsRefused(t *testing.T) {
	whole := os.DirFS(t.TempDir())
	part, err := fs.Sub(whole, "public")
	if err != nil {
		t.Fatal(err)
	}
	for _, fsys := range []fs.FS{whole, part} {
		_, err := Config{}.New(fsys)
		if err == nil || !strings.Contains(err.Error(), "os.OpenRoot") {
			t.Errorf("%T: got %v, want an error that names os.OpenRoot", fsys, err)
		}
	}
	if part, err = fs.Sub(site(), "docs"); err != nil {
		t.Fatal(err)
	}
	if _, err := (Config{}).New(part); err != nil {
		t.Errorf("a part of another file system: %v", err)
	}
}

func FuzzFileName(f *testing.F) {
	for _, path := range []string{
		"/", "//", "/a", "/a/b/", "/%2e%2e/a", "/a%2fb", "/a%5Cb", "/%c3%b6", "/a%00", "/.well-known/x", "*", "/a%252e", "/con.txt", "/a~1",
	} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		name, folder, ok := fileName(path, []string{".well-known"})
		if !ok {
			return
		}
		if !fs.ValidPath(name) || strings.ContainsAny(name, "\\:\x00\r\n") {
			t.Fatalf("%q is the file %q", path, name)
		}
		for segment := range strings.SplitSeq(name, "/") {
			if name != "." && segment[0] == '.' && segment != ".well-known" {
				t.Fatalf("%q is the hidden file %q", path, name)
			}
		}
		// The path is what a router understands by it, and no other way to
		// write it down leads elsewhere.
		segments, err := raxx.Request{Path: path}.Segments()
		if folder && name != "." {
			segments = segments[:len(segments)-1]
		}
		if err != nil || name != "." && strings.Join(segments, "/") != name {
			t.Fatalf("%q is the file %q, and has the segments %q, %v", path, name, segments, err)
		}
	})
}
