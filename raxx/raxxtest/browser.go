package raxxtest

import (
	"fmt"
	"net/url"
	"path"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// A Browser calls a handler as somebody at a browser would: it keeps cookies,
// follows redirects, and says where it comes from. It shows the pages of the site
// https://localhost, unless it is led elsewhere; every host is served by the same
// handler. It is used by one goroutine at a time.
type Browser struct {
	// Header holds fields that every request gets, unless it has others of
	// their names.
	Header raxx.Header

	server *Server
	page   string // the URL of the page that is shown, or ""
	jar    jar
}

// site is where a browser begins.
const site = "https://localhost/"

// MaxRedirects is how many redirects a [Browser] follows, one behind the other.
const MaxRedirects = 10

// A RedirectError says why a redirect was not followed.
type RedirectError struct {
	Location string
	Reason   string
}

// Error names the location and the reason.
func (e *RedirectError) Error() string {
	return fmt.Sprintf("raxxtest: the redirect to %q %s", e.Location, e.Reason)
}

// NewBrowser returns a browser whose pages are the responses of h.
func NewBrowser(h raxx.Handler) *Browser { return NewServer(h).Browser() }

// Browser returns a browser whose pages the server serves. Its clock decides when
// cookies expire.
func (s *Server) Browser() *Browser { return &Browser{server: s} }

// Visit goes to a page, as by a link on the one that is shown: target may be
// relative to it. It returns the complete response behind all redirects.
func (b *Browser) Visit(target string) (raxx.Response, error) {
	return b.Do(raxx.New("GET", b.resolve(target), nil))
}

// Submit sends a form by POST, and returns what [Browser.Visit] does. What the page
// hides in the form, such as a token, has to be among the values: a regular
// expression finds it on the page.
func (b *Browser) Submit(target string, form raxx.Values) (raxx.Response, error) {
	return b.Do(raxx.PostForm(b.resolve(target), form))
}

// Do sends a request with all that a browser adds, and follows redirects. Fields
// that the request has stay as they are: one with sec-fetch-site "cross-site" is
// one that another site has caused, and gets only the cookies that such a one
// does. It goes where the request says: raxx.Post("/photos", …) asks
// http://localhost, and not the site of the page, so write the whole URL.
//
// The error is that of [Exchange.Response], or a [*RedirectError]; then the
// response is the redirect.
func (b *Browser) Do(req raxx.Request) (raxx.Response, error) {
	strayed := false // it has been at another site than that of the page
	for n := 0; ; n++ {
		strayed = strayed || b.page != "" && origin(b.page) != origin(req.URL())
		sent := b.complete(req, strayed)
		resp, err := b.send(sent)
		location, ok := resp.Header.Lookup("location")
		switch {
		case err != nil || !ok || !isRedirect(resp.Status):
		case n == MaxRedirects:
			err = &RedirectError{location, "is one too many"}
		default:
			var next raxx.Request
			if next, err = b.follow(req, resp.Status, location); err == nil {
				req = next
				continue
			}
		}
		if navigates(sent) {
			b.page = sent.URL()
		}
		return resp, err
	}
}

// URL returns the URL of the page that is shown, or "".
func (b *Browser) URL() string { return b.page }

// Cookie returns the value of the cookie called name that would be sent to the
// page that is shown, and reports whether there is one.
func (b *Browser) Cookie(name string) (string, bool) {
	for _, e := range b.jar.sent(raxx.Get(b.resolve("")), b.server.now) {
		if e.Name == name {
			return e.Value, true
		}
	}
	return "", false
}

// Cookies returns all cookies that have not expired, with what a browser fills in:
// Path, Expires in place of MaxAge, and Domain. Of a cookie without one that is the
// host that has set it, and no other gets it.
func (b *Browser) Cookies() (all []raxx.Cookie) {
	b.jar.expire(b.server.now)
	for _, e := range b.jar.entries {
		all = append(all, e.Cookie)
	}
	return all
}

// send sends one request and keeps the cookies of the response.
func (b *Browser) send(req raxx.Request) (raxx.Response, error) {
	resp, err := b.server.Serve(req).Response()
	for value := range resp.Header.Values("set-cookie") {
		b.jar.keep(req, value, b.server.now)
	}
	return resp, err
}

// complete returns the request with what a browser adds. Behind a redirect that
// is what it adds because of the page that is still shown.
func (b *Browser) complete(req raxx.Request, strayed bool) raxx.Request {
	asked := req.Header
	for _, f := range b.Header {
		if !asked.Has(f.Name) {
			req = req.Add(f.Name, f.Value)
		}
	}
	req = withDefault(req, "accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
	req = withDefault(req, "sec-fetch-site", b.relation(strayed))
	req = withDefault(req, "sec-fetch-mode", "navigate")
	if !raxx.IsSafe(req.Method) {
		req = withDefault(req, "origin", origin(b.resolve("")))
	}
	if b.page != "" {
		req = withDefault(req, "referer", b.page)
	}
	var pairs []string
	for _, e := range b.jar.sent(req, b.server.now) {
		pairs = append(pairs, e.Name+"="+e.Value)
	}
	if len(pairs) > 0 {
		req = withDefault(req, "cookie", strings.Join(pairs, "; "))
	}
	return req
}

func withDefault(req raxx.Request, name, value string) raxx.Request {
	req.Header = req.Header.Default(name, value)
	return req
}

// relation says how what is asked for is related to the page that is shown.
func (b *Browser) relation(strayed bool) string {
	switch {
	case b.page == "":
		return "none"
	case strayed:
		return "cross-site"
	}
	return "same-origin"
}

func origin(u string) string {
	req := raxx.Get(u)
	return req.Scheme + "://" + req.Authority
}

// resolve returns the URL of a target on the page that is shown. What package url
// does not read, such as a malformed escape, is for the handler to judge.
func (b *Browser) resolve(target string) string {
	base, err := url.Parse(b.page)
	if b.page == "" || err != nil {
		base, _ = url.Parse(site)
	}
	u, err := base.Parse(target)
	switch {
	case err == nil:
		return u.String()
	case strings.Contains(target, "://"):
		return target
	case !strings.HasPrefix(target, "/"):
		folder, _ := path.Split(base.EscapedPath())
		target = "/" + strings.TrimPrefix(folder, "/") + target
	}
	return origin(base.String()) + target
}

func isRedirect(status int) bool {
	switch status {
	case 301, 302, 303, 307, 308:
		return true
	}
	return false
}

// follow returns the request that a redirect leads to.
func (b *Browser) follow(req raxx.Request, status int, location string) (raxx.Request, error) {
	base, err := url.Parse(req.URL())
	if err != nil {
		return req, &RedirectError{location, "can't be followed from " + req.URL()}
	}
	u, err := base.Parse(location)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return req, &RedirectError{location, "leads nowhere"}
	}
	next := raxx.New(req.Method, u.String(), req.Body)
	next.Header, next.Peer = req.Header.Without("cookie"), req.Peer
	// RFC 9110, Sections 15.4.2 to 15.4.4: what is not asked for by GET turns
	// into that, as browsers have always done for 301 and 302 of a POST.
	if status == 303 && req.Method != raxx.MethodHead || status < 303 && req.Method == raxx.MethodPost {
		next = next.WithBody(nil).Without("content-type").Without("origin")
		next.Method = raxx.MethodGet
	}
	if _, ok := next.Body.(raxx.Stream); ok {
		return req, &RedirectError{location, "asks for a body that has been sent already"}
	}
	return next, nil
}
