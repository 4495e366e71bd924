package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"log/slog"
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"unsafe"
	"weak"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// newTestSite returns the site as it is in production.
func newTestSite(t *testing.T) raxx.Handler {
	t.Helper()
	app, err := newSite(settings{host: "localhost", secret: make([]byte, 32), logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return app
}

// A visitor is somebody at a browser.
type visitor struct {
	*testing.T
	*raxxtest.Browser
	page string // the one that is shown
}

func newVisitor(t *testing.T, app raxx.Handler) *visitor {
	b := raxxtest.NewBrowser(app)
	b.Header = raxx.Header{{Name: "accept", Value: "text/html,*/*;q=0.8"}}
	return &visitor{T: t, Browser: b}
}

// see checks the page that is shown.
func (v *visitor) see(status int, parts ...string) func(raxx.Response, error) {
	return func(resp raxx.Response, err error) {
		v.Helper()
		if err != nil || resp.Status != status {
			v.Fatalf("status %d, %v, want %d: %v", resp.Status, err, status, resp.Body)
		}
		content, err := raxx.ReadAll(resp.Body, 0)
		if err != nil {
			v.Fatal(err)
		}
		v.page = string(content)
		for _, part := range parts {
			if without, not := strings.CutPrefix(part, "!"); strings.Contains(v.page, without) == not {
				v.Errorf("the page should have %q: %s", part, v.page)
			}
		}
	}
}

var tokenField = regexp.MustCompile(`name="_csrf" value="([^"]+)"`)

// form returns the values of a form on the page that is shown, with its token.
func (v *visitor) form(values ...string) raxx.Values {
	v.Helper()
	m := tokenField.FindStringSubmatch(v.page)
	if m == nil {
		v.Fatalf("there is no token on the page: %s", v.page)
	}
	form := raxx.Values{{Name: "_csrf", Value: m[1]}}
	for i := 0; i < len(values); i += 2 {
		form = form.Add(values[i], values[i+1])
	}
	return form
}

func (v *visitor) login(name string) {
	v.Helper()
	v.see(200)(v.Visit("/login"))
	v.see(200, "Welcome, "+name, "Sign out "+name)(v.Submit("/login", v.form("name", name, "password", password)))
}

func TestVisitor(t *testing.T) {
	v := newVisitor(t, newTestSite(t))
	v.see(200, "<!doctype html>", "Analytical Engine", `href="/login"`, "!<textarea", "!_csrf")(v.Visit("/"))
	v.see(200, "About this site", `aria-current="page">About`)(v.Visit("/about"))
	v.see(200, "Analytical Engine", "A note by Ada")(v.Visit("/notes/1"))
}

func TestLogin(t *testing.T) {
	v := newVisitor(t, newTestSite(t))
	v.see(200, "Sign in")(v.Visit("/login"))
	v.see(422, "not a name and its password", `value="&lt;b&gt;"`)(v.Submit("/login", v.form("name", "<b>", "password", "guess")))
	v.login("Ada")
	v.see(200, "!Welcome")(v.Visit("/"))
	v.see(200, "A book of notes")(v.Visit("/login")) // who is logged in needs no form
	v.see(200, "You have signed out.", "!Sign out")(v.Submit("/logout", v.form()))
	v.see(200, "!You have signed out.")(v.Visit("/"))
}

func TestNotes(t *testing.T) {
	app := newTestSite(t)
	ada, eve := newVisitor(t, app), newVisitor(t, app)
	ada.login("Ada")
	ada.see(422, "Write something first.", `aria-invalid="true"`)(ada.Submit("/notes", ada.form("text", "  ")))
	ada.see(422, "at most 280", strings.Repeat("x", 281))(ada.Submit("/notes", ada.form("text", strings.Repeat("x", 281))))
	ada.see(200, "has been added", "&lt;script&gt;", `action="/notes/3/delete"`)(ada.Submit("/notes", ada.form("text", "<script>")))

	eve.login("Eve")
	eve.see(200, "&lt;script&gt;", "!delete")(eve.Visit("/"))
	eve.see(403, "your own notes")(eve.Submit("/notes/3/delete", eve.formOf("/")))
	ada.see(200, "has been deleted", "!&lt;script&gt;")(ada.Submit("/notes/3/delete", ada.formOf("/")))
	ada.see(403, "your own notes")(ada.Submit("/notes/x/delete", ada.formOf("/")))
}

// formOf returns the token of a form on another page.
func (v *visitor) formOf(target string) raxx.Values {
	v.Helper()
	resp, err := v.Visit(target)
	v.see(resp.Status)(resp, err)
	return v.form()
}

func TestWhatNeedsALogin(t *testing.T) {
	v := newVisitor(t, newTestSite(t))
	v.see(200)(v.Visit("/login"))
	v.see(200, "Please sign in first.", "Sign in")(v.Submit("/notes", v.form("text", "x")))
}

func TestForgery(t *testing.T) {
	app := newTestSite(t)
	v, other := newVisitor(t, app), newVisitor(t, app)
	v.login("Ada")
	other.login("Eve")
	for name, test := range map[string]struct {
		form   raxx.Values
		fields raxx.Header
	}{
		"no token":                 {raxx.Values{{Name: "text", Value: "x"}}, nil},
		"the token of another one": {other.form("text", "x"), nil},
		"from another site":        {v.form("text", "x"), raxx.Header{{Name: "sec-fetch-site", Value: "cross-site"}}},
	} {
		req := raxx.PostForm("https://localhost/notes", test.form)
		req.Header = append(req.Header, test.fields...)
		if resp, err := v.Do(req); err != nil || resp.Status != 403 {
			t.Errorf("%s: status %d, %v", name, resp.Status, err)
		}
	}
	v.see(200, "!>x<")(v.Visit("/"))
}

func TestErrorPages(t *testing.T) {
	app := newTestSite(t)
	v := newVisitor(t, app)
	v.see(404, "<!doctype html>", "Not Found", "app-")(v.Visit("/nowhere"))
	v.see(404, "There is no such note.")(v.Visit("/notes/99"))
	v.see(404, "There is no such note.")(v.Visit("/notes/x"))
	v.see(500, "<!doctype html>", "!on purpose")(v.Visit("/broken"))
	v.see(200)(v.Visit("/login"))
	v.see(403, "<!doctype html>", "The form was too old.")(v.Submit("/login", raxx.Values{{Name: "name", Value: "Ada"}}))
	v.login("Ada")
	v.see(404, "Sign out Ada")(v.Visit("/nowhere"))
	v.see(200, "You have signed out.")(v.Submit("/logout", v.formOf("/nowhere")))

	program := raxx.Get("https://localhost/nowhere").With("accept", "application/json")
	if resp := app(program); resp.Status != 404 || resp.Header.Get("content-type") != "application/problem+json" {
		t.Errorf("a program gets %+v", resp)
	}
}

func TestGuessingIsSlow(t *testing.T) {
	v := newVisitor(t, newTestSite(t))
	status := 0
	for range 20 {
		form := v.formOf("/login").Add("name", "Ada").Add("password", "guess")
		resp, err := v.Submit("/login", form)
		if err != nil {
			t.Fatal(err)
		}
		if status = resp.Status; status != 422 {
			break
		}
	}
	if status != 429 {
		t.Errorf("the status is %d", status)
	}
}

func TestCaching(t *testing.T) {
	app := newTestSite(t)
	page := app(raxx.Get("https://localhost/"))
	tag := page.Header.Get("etag")
	again := app(raxx.Get("https://localhost/").With("if-none-match", tag))
	if tag == "" || again.Status != 304 || again.Body != nil {
		t.Errorf("the tag is %q, and with it the status %d", tag, again.Status)
	}
	asset := regexp.MustCompile(`/assets/app-[0-9a-f]+\.css`).FindString(string(page.Body.(raxx.Data)))
	style := app(raxx.Get("https://localhost" + asset))
	want := "public, max-age=31536000, immutable"
	if got := style.Header.Get("cache-control"); style.Status != 200 || got != want || style.Header.Has("set-cookie") {
		t.Errorf("%s: %+v", asset, style.Header)
	}
}

func TestCompression(t *testing.T) {
	app := newTestSite(t)
	plain := app(raxx.Get("https://localhost/"))
	coded := app(raxx.Get("https://localhost/").With("accept-encoding", "gzip"))
	if coded.Header.Get("content-encoding") != "gzip" {
		t.Fatalf("%+v", coded.Header)
	}
	content, err := raxx.ReadAll(coded.Body, 0)
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(strings.NewReader(string(content)))
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := io.ReadAll(r)
	if diff := cmp.Diff(string(plain.Body.(raxx.Data)), string(decoded)); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestFields(t *testing.T) {
	app := newTestSite(t)
	h := app(raxx.Get("https://localhost/login")).Header
	for name, want := range map[string]string{
		"x-content-type-options":  "nosniff",
		"content-security-policy": "default-src 'self'",
		"set-cookie":              "__Host-csrf=",
		"cache-control":           "private",
		"x-request-id":            "",
	} {
		if got, ok := h.Lookup(name); !ok || !strings.HasPrefix(got, want) {
			t.Errorf("%s is %q", name, got)
		}
	}
	if resp := app(raxx.Get("http://localhost/about")); resp.Status != 308 {
		t.Errorf("without TLS the status is %d", resp.Status)
	}
	if resp := app(raxx.Get("https://evil.org/")); resp.Status != 421 {
		t.Errorf("for another host the status is %d", resp.Status)
	}
}

// A handler is tested as what it is: a function.
func TestLogoutAsAFunction(t *testing.T) {
	want := session.End(middleware.AddFlash(raxx.SeeOther("/"), "info", "You have signed out."))
	if diff := cmp.Diff(want, logout(raxx.Get("/logout"))); diff != "" {
		t.Error(diff)
	}
}

func TestWhatTheServerRefuses(t *testing.T) {
	for accept, want := range map[string]string{"text/html": "text/html; charset=utf-8", "*/*": "application/problem+json"} {
		resp := refused(raxx.Get("/").With("accept", accept), &ace.ProtocolError{Status: 431, Reason: "the head is too long"})
		if resp.Status != 431 || resp.Header.Get("content-type") != want {
			t.Errorf("%s: got %d %v", accept, resp.Status, resp.Header)
		}
	}
}

func TestSettings(t *testing.T) {
	if secret := secret(); len(secret) < 32 {
		t.Errorf("the secret has %d bytes", len(secret))
	}
	var log bytes.Buffer
	dev, err := newSite(settings{plain: true, secret: make([]byte, 32), templates: os.DirFS("templates"), logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	resp := dev(raxx.Get("/login"))
	if resp.Status != 200 || !strings.HasPrefix(resp.Header.Get("set-cookie"), "csrf=") {
		t.Errorf("in development: %d %v", resp.Status, resp.Header)
	}
	if !strings.Contains(log.String(), "/login") {
		t.Errorf("the log says %q", log.String())
	}
}

// Who names a certificate means to speak HTTPS: it is not left out in silence.
func TestCertificateWithoutHost(t *testing.T) {
	_, err := tlsConfig(settings{plain: true}, ace.CertFile{Cert: "cert.pem", Key: "key.pem"})
	if err == nil || !strings.Contains(err.Error(), "-host") {
		t.Errorf("got %v, want an error that names -host", err)
	}
}

func TestSecretThatIsTooShort(t *testing.T) {
	err := run("nowhere", settings{plain: true, secret: []byte("short")}, ace.CertFile{})
	if err == nil || !strings.Contains(err.Error(), "SITE_SECRET") {
		t.Errorf("got %v, want an error that names SITE_SECRET", err)
	}
}

// A note is short, and the form that brought it may have had megabytes.
func TestNoteKeepsNoForm(t *testing.T) {
	b := newBook()
	s := &site{book: b}
	form := func() weak.Pointer[byte] {
		body := "text=hello&more=" + strings.Repeat("x", 1<<16)
		resp := s.addNote(session.With(raxx.Post("/notes", "application/x-www-form-urlencoded", raxx.Data(body)), account{"Ada"}))
		if resp.Status != 303 || b.all()[0].Text != "hello" {
			t.Fatal(resp, b.all()[0])
		}
		return weak.Make(unsafe.StringData(body))
	}()
	runtime.GC()
	if form.Value() != nil {
		t.Error("the form is kept")
	}
	runtime.KeepAlive(b)
}
