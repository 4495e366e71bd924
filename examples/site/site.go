package main

import (
	"embed"
	"html/template"
	"io/fs"
	"log/slog"
	"time"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/middleware/compress"
	"github.com/raxx-go/raxx/middleware/ratelimit"
	"github.com/raxx-go/raxx/middleware/static"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/router"
)

//go:embed templates assets
var embedded embed.FS

// settings are what differs between one server and another.
type settings struct {
	host      string // "" in development
	plain     bool   // no HTTPS
	secret    []byte // of at least 32 bytes
	templates fs.FS  // read for each page; nil for those that are compiled in
	isReady   func() bool
	logger    *slog.Logger
}

// A site holds the notes, and the pages that show them.
type site struct {
	book  *book
	pages pages
}

// newSite returns the whole site: the stack, and the routes behind it.
func newSite(s settings) (raxx.Handler, error) {
	assets, err := fs.Sub(embedded, "assets")
	if err != nil {
		return nil, err
	}
	files, err := static.Config{Prefix: "/assets"}.New(assets)
	if err != nil {
		return nil, err
	}
	pages, err := newPages(s.templates, template.FuncMap{"asset": files.Asset})
	if err != nil {
		return nil, err
	}
	development := s.host == ""
	defaults := middleware.Default{Development: development, IsReady: s.isReady, Logger: s.logger}
	if !development {
		defaults.Hosts = []string{s.host}
	}
	stack := raxx.Stack(
		defaults.Middleware(),
		compress.Config{}.Middleware(),
		middleware.ETag{}.Middleware(),
		files.Middleware, // in front of sessions: assets are the same for everybody
		session.Middleware(middleware.SessionConfig[account]{
			Secrets:   [][]byte{s.secret},
			Principal: func(a account) string { return a.Name },
			Insecure:  s.plain,
		}),
		middleware.CSRF{Session: session.ID, Insecure: s.plain, Denied: pages.errors(forged)}.Middleware(),
		pages.errors,
	)
	return stack((&site{newBook(), pages}).routes().Handle), nil
}

func (s *site) routes() *router.Router {
	attempts := ratelimit.Limit{Policy: ratelimit.Policy{Requests: 10, Per: time.Minute}}
	return router.MustNew(
		router.Get("/", s.home),
		router.Get("/notes/:id", s.note),
		router.Get("/about", s.about),
		router.Get("/broken", broken),
		router.Get("/login", s.loginForm),
		router.Post("/login", s.login).With(attempts.Middleware()),
		router.Post("/logout", logout),
		router.Post("/notes", s.addNote).With(requireUser),
		router.Post("/notes/:id/delete", s.deleteNote).With(requireUser),
	)
}
