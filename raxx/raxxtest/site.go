package raxxtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// Site checks what has to be true of every page of a site, and fails t for each
// request of which it is not:
//
//   - no request leads to a panic, to a status of 500 or more, or to a response
//     that can't be sent; but OPTIONS and a method that nobody knows may be
//     answered with 501 (9.1);
//   - content has a type;
//   - 201 and redirects have a Location, 401 has a WWW-Authenticate, 405 has an
//     Allow (RFC 9110, Sections 15.3.2, 15.4, 11.6.1 and 15.5.6), 416 has a
//     Content-Range and 426 an Upgrade;
//   - a safe method that Allow names is not answered with 405;
//   - HEAD is answered as GET is, without content (9.3.2), and names no other
//     length (8.6); a location that differs each time, as one with the state of a
//     login does, is not compared;
//   - a request that names the ETag of a page is answered with 304 (13.1.2), unless
//     the page differs each time, as one with the token of a form does;
//   - not all of the requests are turned away in front of the site: redirected to
//     HTTPS, or told that there is no such host (421).
//
// It asks each request, and then the same path with HEAD, OPTIONS and a method
// that nobody knows. It also asks for a path that nobody has, in several
// spellings. What a request changes, it changes.
func Site(t testing.TB, h raxx.Handler, requests ...raxx.Request) {
	t.Helper()
	for _, fault := range siteFaults(h, requests) {
		t.Errorf("%s", fault)
	}
}

// A visit is a request and what came back.
type visit struct {
	req  raxx.Request
	resp raxx.Response // the head; with the content, if the exchange has ended
	size int64         // of the content, or what HEAD says of it; -1 if that is not known
	err  error
}

// siteFaults returns what is wrong with a site.
func siteFaults(h raxx.Handler, requests []raxx.Request) (faults []string) {
	note := func(v visit, complaints ...string) {
		for _, c := range complaints {
			faults = append(faults, fmt.Sprintf("%s %s: %s", v.req.Method, shortTarget(v.req), c))
		}
	}
	away := 0
	for i, req := range slices.Concat(requests, strangePaths(requests)) {
		v := askOnce(h, req)
		if i < len(requests) && turnedAway(v) {
			away++
		}
		note(v, checkPage(v)...)
		for _, method := range []string{raxx.MethodOptions, "BREW"} {
			other := askOnce(h, withMethod(req, method))
			note(other, checkPage(other)...)
			note(other, checkAllow(h, other)...)
		}
		if req.Method == raxx.MethodGet {
			note(v, checkHeadOf(h, v)...)
			note(v, checkETagOf(h, v)...)
		}
	}
	if away > 0 && away == len(requests) {
		faults = append(faults, "no request reaches the site: set their Scheme to https, or their Authority to its host")
	}
	return faults
}

// shortTarget returns the target of a request, or how a long one begins.
func shortTarget(req raxx.Request) string {
	const most = 200
	if target := req.Target(); len(target) > most {
		return fmt.Sprintf("%s... (%d bytes)", target[:most], len(target))
	}
	return req.Target()
}

// turnedAway reports whether a request got no further than the stack in front of a
// site: its host is not known, or it has to come by HTTPS.
func turnedAway(v visit) bool {
	location := v.resp.Header.Get("location")
	return v.resp.Status == raxx.StatusMisdirectedRequest ||
		v.req.Scheme == "http" && strings.HasPrefix(location, "https://") && strings.HasSuffix(location, v.req.Target())
}

// strangePaths returns requests for what is not there, with the fields of the
// first request. Paths like these have brought routers and file servers to fall.
func strangePaths(requests []raxx.Request) (all []raxx.Request) {
	for _, path := range []string{"/no-such-page-here", "//", "/..", "/%2e%2e/%2e%2e/etc/passwd", "/%00", "/%ff", "/a/./b//c/", "/%", "/%2",
		"/" + strings.Repeat("a", 5000)} {
		req := raxx.Get(path)
		if len(requests) > 0 {
			req.Scheme, req.Authority = requests[0].Scheme, requests[0].Authority
			req.Header = requests[0].Header.Without("content-type")
		}
		all = append(all, req)
	}
	return all
}

func withMethod(req raxx.Request, method string) raxx.Request {
	req.Method, req.Body = method, nil
	return req.Without("content-type")
}

// askOnce makes one exchange. A machine that does not end is left.
func askOnce(h raxx.Handler, req raxx.Request) (v visit) {
	v.req, v.size = req, -1
	defer func() {
		if p := recover(); p != nil {
			v.err = fmt.Errorf("it panics: %v", p)
		}
	}()
	x := NewServer(h).Serve(req)
	v.resp, _ = x.Head()
	v.resp.Body, v.err = raxx.Data(x.Content()), x.Err()
	if v.size = x.reply.length; v.size < 0 && x.Ended() && !x.reply.empty() {
		v.size = int64(len(x.Content()))
	}
	x.Send(raxx.Closed{Reason: raxx.ClientGone})
	return v
}

// needs is which field a response of a status has to have.
var needs = map[int]string{
	201: "location", 301: "location", 302: "location", 303: "location", 307: "location", 308: "location",
	401: "www-authenticate", 405: "allow", 407: "proxy-authenticate", 416: "content-range", 426: "upgrade",
}

// checkPage returns what is wrong with one response.
func checkPage(v visit) (faults []string) {
	status := v.resp.Status
	if v.err != nil {
		return []string{v.err.Error()}
	}
	strange := v.req.Method == raxx.MethodOptions || v.req.Method == "BREW"
	if status >= 500 && !(status == 501 && strange) {
		faults = append(faults, fmt.Sprintf("the status is %d", status))
	}
	if name := needs[status]; name != "" && !v.resp.Header.Has(name) {
		faults = append(faults, fmt.Sprintf("the status is %d, and there is no field %s", status, name))
	}
	if v.resp.Body != raxx.Data("") && status != 101 && v.resp.Header.Get("content-type") == "" {
		faults = append(faults, "the content has no content-type")
	}
	return faults
}

// checkPageFor is checkPage for what was asked for beside a page.
func checkPageFor(what string, v visit) (faults []string) {
	for _, fault := range checkPage(v) {
		faults = append(faults, "for "+what+", "+fault)
	}
	return faults
}

// checkAllow tries the methods that a response names.
func checkAllow(h raxx.Handler, v visit) (faults []string) {
	for method := range v.resp.Header.Elements("allow") {
		if !raxx.IsSafe(method) {
			continue // who asks for it may change something
		}
		if other := askOnce(h, withMethod(v.req, method)); other.resp.Status == 405 {
			faults = append(faults, fmt.Sprintf("allow names %s, which is answered with 405", method))
		}
	}
	return faults
}

// checkHeadOf compares what HEAD brings with the response to GET.
func checkHeadOf(h raxx.Handler, get visit) (faults []string) {
	head := askOnce(h, withMethod(get.req, raxx.MethodHead))
	faults = checkPageFor("HEAD", head)
	if get.resp.Status != head.resp.Status {
		return append(faults, fmt.Sprintf("the status is %d, and %d for HEAD", get.resp.Status, head.resp.Status))
	}
	for _, name := range []string{"content-type", "content-encoding", "content-language", "etag", "last-modified", "location", "vary", "cache-control"} {
		a, b := get.resp.Header.Get(name), head.resp.Header.Get(name)
		if a != b && !(name == "etag" && changesEachTime(h, get)) && !(name == "location" && leadsElsewhereEachTime(h, get)) {
			faults = append(faults, fmt.Sprintf("%s is %q, and %q for HEAD", name, a, b))
		}
	}
	// Content that is another one each time has another length, too.
	if get.size >= 0 && head.size >= 0 && get.size != head.size && askOnce(h, get.req).size == get.size {
		faults = append(faults, fmt.Sprintf("content-length is %d, and %d for HEAD", get.size, head.size))
	}
	return faults
}

// changesEachTime reports whether a page is another one whenever it is asked for, and
// has another etag: one with the token of a form, for one. Nobody knows the next one.
func changesEachTime(h raxx.Handler, get visit) bool {
	next := askOnce(h, get.req)
	return next.resp.Header.Get("etag") != get.resp.Header.Get("etag") && next.resp.Body != get.resp.Body
}

// leadsElsewhereEachTime reports whether a redirect has another location whenever it is
// asked for: one to a login somewhere else, whose state nobody is to guess.
func leadsElsewhereEachTime(h raxx.Handler, get visit) bool {
	next := askOnce(h, get.req).resp
	return next.Status == get.resp.Status && next.Header.Has("location") && next.Header.Get("location") != get.resp.Header.Get("location")
}

// checkETagOf asks once more, as one who has the page.
func checkETagOf(h raxx.Handler, get visit) (faults []string) {
	etag := get.resp.Header.Get("etag")
	if etag == "" || get.resp.Status != raxx.StatusOK {
		return nil
	}
	again := askOnce(h, get.req.With("if-none-match", etag))
	faults = checkPageFor("if-none-match "+etag, again)
	if again.resp.Status != raxx.StatusNotModified {
		if changesEachTime(h, get) {
			return faults
		}
		return append(faults, fmt.Sprintf("who knows its etag %s gets %d, not 304", etag, again.resp.Status))
	}
	if got := again.resp.Header.Get("etag"); got != etag {
		faults = append(faults, fmt.Sprintf("the etag is %s, and %q with 304", etag, got))
	}
	if other := askOnce(h, get.req.With("if-none-match", `"raxxtest-no-such-etag"`)); other.resp.Status == raxx.StatusNotModified {
		faults = append(faults, "it answers 304 to who knows another etag")
	}
	return faults
}
