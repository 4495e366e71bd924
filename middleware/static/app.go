package static

import (
	"io/fs"
	"path"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// isOfApp reports whether the page of the application is at a path where nothing
// else is: not that of a part of a page, or of an API. It is for browsers that want
// to show it; others would take it for what they have asked for.
func (f *Files) isOfApp(p string) bool {
	if f.config.App == "" {
		return false
	}
	if _, isAsset := types(strings.ToLower(path.Ext(p))); isAsset {
		return false
	}
	for _, prefix := range f.notApp {
		if below(p, prefix) {
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

// app answers with the page of the application in place of a 404, if a browser wants
// to show it. A cache hands neither to those who get the other.
func (f *Files) app(req raxx.Request, missing raxx.Response) raxx.Response {
	const who = "accept, sec-fetch-mode"
	info, err := fs.Stat(f.fsys, f.config.App)
	if err == nil && wantsPage(req) {
		if page, ok := f.serve(req, f.config.App, info, false); ok {
			return page.Add("vary", who).WithDo(missing.Do...)
		}
	}
	return missing.Add("vary", who)
}
