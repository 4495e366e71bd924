package static

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// A Config says which files are served and how. The zero Config is safe and
// useful.
type Config struct {
	// Prefix is the path under which clients find the files, as they send it:
	// "/assets". It is for [Files.Middleware], which serves nothing else, and for
	// [Files.Asset], which begins with it. If empty, it is the root of the site.
	Prefix string
	// Index is the file that stands for a folder. If empty, "index.html". If
	// "-", there is none, and folders are not found.
	Index string
	// CacheControl is the field of replies with files whose content may change.
	// If empty, "no-cache": a client keeps the file, and asks each time whether
	// it is still the same, which costs a 304.
	CacheControl string
	// Immutable reports whether a file never changes under its name, such as
	// one to which a bundler gave a name with a hash. It may be kept for ever.
	// The name is that within the file system: "build/index-D8vX2k.js". What
	// [Files.Asset] names is immutable in any case. If nil, no other file is.
	Immutable func(name string) bool
	// Types is the content-type for extensions that are not known, or should be
	// another one: ".glb". They are in lower case. If nil, there are none; what
	// is not known at all is application/octet-stream.
	Types map[string]string
	// Precompressed lists the codings of which there may be siblings, files with
	// the same name and one of ".br", ".zst" and ".gz" behind it. Of those that a
	// client likes equally the first one is taken. If nil, it is "br", "zstd",
	// "gzip".
	Precompressed []string
	// Dotted are names that are served though they begin with a dot:
	// ".well-known". If nil, there is none.
	Dotted []string
	// Header is added to every reply with a file: a content-security-policy of
	// "sandbox" for files of which users may choose the content. It can't hold
	// what such a reply has by itself, such as content-type. If nil, nothing is.
	Header raxx.Header
	// App is the page of a single-page application: "index.html". It is the answer
	// to a browser that wants to show a path at which there is no file, unless the
	// path ends as that of a picture or another part of a page does. If empty, the
	// answer is a 404.
	App string
	// NotApp lists paths below which the page is never sent: "/api".
	NotApp []string
	// HashLimit is how many bytes a file may have to be hashed. The tag of a longer
	// one is weak, and made of its time and length. If zero, 16 MiB. If negative,
	// there is no limit.
	HashLimit int64
	// Remembered is the number of versions of files whose hash is kept. If zero,
	// 4,096. If negative, there is no limit, which is only for files that do not
	// change.
	Remembered int
}

const (
	defaultHashLimit  = 16 << 20
	defaultRemembered = 4096
)

// Files serves files. It never changes, and any number of goroutines may use it.
type Files struct {
	config  Config
	fsys    fs.FS
	digests *digests
	notApp  [][]string
}

// New returns Files that serve fsys: an embed.FS, or the FS of an [os.Root]. It
// refuses an [os.DirFS], and an [fs.Sub] of one, since they follow symbolic links
// out of their folder. The files may change while they are served, if each is
// replaced as a whole (by renaming a new one). A reply whose file is replaced
// between its head and its content can't be sent, or breaks off: no reply is of two
// versions.
//
// The error says what is wrong with the Config, or that there is no file App.
func (c Config) New(fsys fs.FS) (*Files, error) {
	if followsLinks(fsys) {
		return nil, errors.New("static: os.DirFS follows symbolic links out of its folder; use the FS of os.OpenRoot")
	}
	f := &Files{config: c.withDefaults(), fsys: fsys}
	f.digests = &digests{fsys: fsys, most: f.config.Remembered, known: make(map[version]*digest)}
	for _, p := range c.NotApp {
		f.notApp = append(f.notApp, slices.DeleteFunc(strings.Split(p, "/"), func(s string) bool { return s == "" }))
	}
	return f, f.check()
}

// followsLinks reports whether fsys is an os.DirFS, or a part of one.
func followsLinks(fsys fs.FS) bool {
	whole := os.DirFS(".")
	part, _ := fs.Sub(whole, "part")
	if t := reflect.TypeOf(fsys); t == nil || t != reflect.TypeOf(part) {
		return t == reflect.TypeOf(whole)
	}
	// What it is a part of stands in a field that is not exported.
	of := reflect.ValueOf(fsys).Elem().FieldByName("fsys")
	return of.IsValid() && of.Elem().Type() == reflect.TypeOf(whole)
}

// MustNew is [Config.New] for a Config and files that are known to be right. It
// panics if they are not.
func (c Config) MustNew(fsys fs.FS) *Files {
	f, err := c.New(fsys)
	if err != nil {
		panic(err)
	}
	return f
}

func (c Config) withDefaults() Config {
	// Copies, so that the caller changes nothing by changing his.
	c.Types, c.Precompressed, c.Dotted = maps.Clone(c.Types), slices.Clone(c.Precompressed), slices.Clone(c.Dotted)
	c.Header = slices.Clone(c.Header)
	for i := range c.Header {
		c.Header[i].Name = strings.ToLower(c.Header[i].Name)
	}
	if c.Index == "" {
		c.Index = "index.html"
	}
	if c.CacheControl == "" {
		c.CacheControl = "no-cache"
	}
	if c.Immutable == nil {
		c.Immutable = func(string) bool { return false }
	}
	if c.Precompressed == nil {
		c.Precompressed = []string{"br", "zstd", "gzip"}
	}
	if c.HashLimit == 0 {
		c.HashLimit = defaultHashLimit
	}
	switch {
	case c.Remembered == 0:
		c.Remembered = defaultRemembered
	case c.Remembered < 0:
		c.Remembered = math.MaxInt
	}
	return c
}

// check returns everything that is wrong with the Config.
func (f *Files) check() error {
	c := &f.config
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf("static: "+format, args...)) }
	if c.Prefix != "" && (c.Prefix[0] != '/' || path.Clean(c.Prefix) != c.Prefix || c.Prefix == "/") {
		wrong("prefix %q has to begin with a slash and not to end with one", c.Prefix)
	}
	if c.Index != "-" && !checkSegment(c.Index, nil) {
		wrong("index %q is no name of a file", c.Index)
	}
	for i, coding := range c.Precompressed {
		if extension(coding) == "" || slices.Contains(c.Precompressed[:i], coding) {
			wrong("precompressed is %q: it may hold each of br, zstd and gzip once", c.Precompressed)
		}
	}
	for _, name := range c.Dotted {
		if len(name) < 2 || name[0] != '.' || !checkSegment(name[1:], nil) {
			wrong("dotted name %q has to be a name with a dot in front", name)
		}
	}
	for _, field := range c.fields() {
		if err := raxx.CheckField(field.Name, field.Value); err != nil {
			wrong("%w", err)
		}
	}
	for _, field := range c.Header {
		if isOwn(field.Name) {
			wrong("the field %q is one that a file has by itself; for cache-control there is CacheControl, for content-type there are Types", field.Name)
		}
	}
	for ext, t := range c.Types {
		if _, err := raxx.ParseMediaType(t); err != nil {
			wrong("the type of %q: %w", ext, err)
		}
		if path.Ext("a"+ext) != ext || ext != strings.ToLower(ext) || len(ext) < 2 {
			wrong("%q is no extension in lower case, with its dot", ext)
		}
	}
	if c.App != "" {
		if info, err := fs.Stat(f.fsys, c.App); err != nil || !info.Mode().IsRegular() {
			wrong("the page %q of the application is no file", c.App)
		}
	}
	return errors.Join(errs...)
}

// isOwn reports whether a reply with a file has the field by itself: a second one
// would contradict it.
func isOwn(name string) bool {
	switch name {
	case "content-type", "cache-control", "etag", "last-modified", "accept-ranges",
		"content-encoding", "content-length", "content-range":
		return true
	}
	return false
}

// fields returns every field that comes out of the Config.
func (c *Config) fields() raxx.Header {
	fields := append(slices.Clone(c.Header), raxx.Field{Name: "cache-control", Value: c.CacheControl})
	for _, t := range c.Types {
		fields = append(fields, raxx.Field{Name: "content-type", Value: t})
	}
	return fields
}
