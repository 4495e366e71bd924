package static

import (
	"errors"
	"io/fs"
	"path"
	"strings"

	"github.com/raxx-go/raxx/middleware/internal/compressible"
	"github.com/raxx-go/raxx/raxx"
)

// Handle answers a request for the file at its path: give it to a mount, which
// takes the prefix off. What is not there is a 404, and a method other than GET
// and HEAD a 405.
//
// A handler that answers with one file sets the path:
//
//	req.Path = "/" + raxx.EscapeSegment("report.pdf")
//	return files.Handle(req).With("content-disposition", "inline")
func (f *Files) Handle(req raxx.Request) raxx.Response {
	if !isRead(req.Method) {
		return raxx.Problem(raxx.StatusMethodNotAllowed, "").With("allow", "GET, HEAD")
	}
	if resp, ok := f.find(req); ok {
		return resp
	}
	missing := raxx.Problem(raxx.StatusNotFound, "")
	if f.isOfApp(req.Path) {
		return f.app(req, missing)
	}
	return missing
}

var _ raxx.Handler = (*Files)(nil).Handle

// Middleware serves the files whose path begins with [Config.Prefix], and hands
// every other request on, also those for files that are not there. It belongs just
// outside of the router, whose routes the files come before. Every GET below the
// prefix costs a look at the file system, so give files on a disk a prefix.
func (f *Files) Middleware(next raxx.Handler) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		if !isRead(req.Method) {
			return next(req)
		}
		within := req
		if rest, ok := strings.CutPrefix(req.Path, f.config.Prefix); ok && strings.HasPrefix(rest, "/") {
			within.Path = rest
			if resp, ok := f.find(within); ok {
				return resp
			}
		}
		resp := next(req)
		_, lives := resp.Body.(raxx.Machine)
		if resp.Status == raxx.StatusNotFound && !lives && f.isOfApp(req.Path) {
			return f.app(req, resp)
		}
		return resp
	}
}

var _ raxx.Middleware = (*Files)(nil).Middleware

func isRead(method string) bool { return method == raxx.MethodGet || method == raxx.MethodHead }

// find answers with the file that the request is for, and reports whether there
// is one.
func (f *Files) find(req raxx.Request) (raxx.Response, bool) {
	name, folder, ok := fileName(req.Path, f.config.Dotted)
	if !ok {
		return raxx.Response{}, false
	}
	if folder {
		return f.index(req, name)
	}
	info, err := fs.Stat(f.fsys, name)
	switch {
	case err != nil:
		return f.hashed(req, name)
	case info.IsDir():
		return f.redirect(req, name)
	}
	return f.serve(req, name, info, f.config.Immutable(name))
}

// index answers with the index of a folder.
func (f *Files) index(req raxx.Request, folder string) (raxx.Response, bool) {
	if f.config.Index == "-" {
		return raxx.Response{}, false
	}
	name := path.Join(folder, f.config.Index)
	info, err := fs.Stat(f.fsys, name)
	if err != nil {
		return raxx.Response{}, false
	}
	return f.serve(req, name, info, false)
}

// redirect sends a client that wants a folder to its path with a slash, if there
// is an index: relative links in it would lead elsewhere without. The location
// is a name beside the one that was asked for, whatever prefix a mount has taken
// off; so it can't lead to another site.
func (f *Files) redirect(req raxx.Request, folder string) (raxx.Response, bool) {
	if f.config.Index == "-" {
		return raxx.Response{}, false
	}
	if info, err := fs.Stat(f.fsys, path.Join(folder, f.config.Index)); err != nil || !info.Mode().IsRegular() {
		return raxx.Response{}, false
	}
	location := "./" + req.Path[strings.LastIndexByte(req.Path, '/')+1:] + "/"
	if req.Query != "" {
		location += "?" + req.Query
	}
	return raxx.Redirect(raxx.StatusMovedPermanently, location).With("cache-control", f.config.CacheControl), true
}

// serve answers with a file, or with a sibling that the client likes better.
func (f *Files) serve(req raxx.Request, name string, info fs.FileInfo, immutable bool) (raxx.Response, bool) {
	if !info.Mode().IsRegular() {
		return raxx.Response{}, false
	}
	contentType := f.config.typeOf(name)
	cacheControl := f.config.CacheControl
	if immutable {
		cacheControl = immutableControl
	}
	h := make(raxx.Header, 0, 8+len(f.config.Header))
	h = append(h, raxx.Field{Name: "content-type", Value: contentType},
		raxx.Field{Name: "x-content-type-options", Value: "nosniff"},
		raxx.Field{Name: "cache-control", Value: cacheControl})
	if len(f.config.Precompressed) > 0 && compressible.Type(contentType) {
		h = append(h, raxx.Field{Name: "vary", Value: "accept-encoding"})
		if coding, sibling := f.sibling(req, name, info); sibling != nil {
			name, info = name+extension(coding), sibling
			h = append(h, raxx.Field{Name: "content-encoding", Value: coding})
		}
	}
	tag, err := f.tag(name, info)
	switch {
	case errors.Is(err, errReplaced):
		// It is there, so nobody may take it for missing.
		return raxx.Problem(raxx.StatusServiceUnavailable, "the file is being replaced").With("retry-after", "1").WithCause(err), true
	case err != nil:
		return raxx.Response{}, false
	}
	h = append(h, raxx.Field{Name: "etag", Value: tag.String()})
	if t := info.ModTime(); !t.IsZero() {
		h = append(h, raxx.Field{Name: "last-modified", Value: raxx.FormatDate(t)})
	}
	resp := raxx.Response{
		Status: raxx.StatusOK, Header: append(h, f.config.Header...),
		Body: raxx.NewFile(pinned{f.fsys, info}, name).Range(0, info.Size()),
	}
	return partial(req, raxx.Conditional(req, resp), tag, info.ModTime()), true
}

// immutableControl is for what never changes: a year, beyond which caches were
// never asked to go (RFC 9111, Section 5.3), and no question when the page is
// loaded again (RFC 8246).
const immutableControl = "public, max-age=31536000, immutable"

// tag returns the entity tag of the version of a file that info tells of.
func (f *Files) tag(name string, info fs.FileInfo) (raxx.ETag, error) {
	v := versionOf(name, info)
	// A file whose time is not known can't be told from its next version but by
	// its content.
	if f.config.HashLimit >= 0 && v.size > f.config.HashLimit && v.modified != 0 {
		return v.etag(), nil
	}
	d, err := f.digests.of(name, info)
	if err != nil {
		return raxx.ETag{}, err
	}
	return d.etag(), nil
}
