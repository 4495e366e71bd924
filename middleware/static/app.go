package static

import (
	"io/fs"
	"path"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// isForApp reports whether the page of the application answers a request that
// nothing else does: a browser that wants to show a page. It is none that looks
// for a part of one, or a program that calls an API: they would take the page
// for what they have asked for.
func (f *Files) isForApp(req raxx.Request) bool {
	if f.config.App == "" || !wantsPage(req) {
		return false
	}
	if _, isAsset := types(strings.ToLower(path.Ext(req.Path))); isAsset {
		return false
	}
	for _, prefix := range f.notApp {
		if below(req.Path, prefix) {
			return false
		}
	}
	return true
}

// wantsPage reports whether a browser is about to show what it gets. One that
// does not say so at least asks for HTML by name.
func wantsPage(req raxx.Request) bool {
	if mode, ok := req.Header.Lookup("sec-fetch-mode"); ok && mode != "navigate" {
		return false
	}
	for element := range req.Header.Elements("accept") {
		essence, _, _ := strings.Cut(element, ";")
		if strings.EqualFold(strings.TrimRight(essence, " \t"), "text/html") {
			return true
		}
	}
	return false
}

// below reports whether a path begins with these segments, escaped or not. A
// malformed one counts as below, so that it does not get the page.
func below(p string, prefix []string) bool {
	for _, segment := range prefix {
		var next string
		next, p, _ = strings.Cut(strings.TrimPrefix(p, "/"), "/")
		decoded, err := raxx.UnescapeSegment(next)
		if err != nil {
			return true
		}
		if decoded != segment {
			return false
		}
	}
	return true
}

// app answers with the page of the application.
func (f *Files) app(req raxx.Request) (raxx.Response, bool) {
	info, err := fs.Stat(f.fsys, f.config.App)
	if err != nil {
		return raxx.Response{}, false
	}
	resp, ok := f.serve(req, f.config.App, info, false)
	// Others get a 404 at the same path.
	return resp.Add("vary", "accept, sec-fetch-mode"), ok
}
