package main

import (
	"encoding/json"
	"html/template"
	"io/fs"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/middleware/views"
	"github.com/raxx-go/raxx/raxx"
)

// A frame is what the layout shows around every page.
type frame struct {
	views.Page
	User string // who is logged in, or ""
}

func frameOf(req raxx.Request) frame {
	return frame{views.PageOf(req), session.Get(req).Name}
}

// The arguments of the pages.
type (
	homePage struct {
		frame
		Notes []note
		Draft draft
	}
	notePage struct {
		frame
		Note note
	}
	loginPage struct {
		frame
		Name  string
		Error string
	}
	errorPage struct {
		frame
		Status int
		Title  string
		Detail string
	}
)

// A draft is a note that is being written, and what is wrong with it.
type draft struct{ Text, Error string }

// pages are the views with the types of their arguments.
type pages struct {
	home  views.View[homePage]
	note  views.View[notePage]
	about views.View[frame]
	login views.View[loginPage]
	error views.View[errorPage]
}

// newPages reads the templates: those of the folder, anew for each page, or those
// that are compiled in.
func newPages(folder fs.FS, funcs template.FuncMap) (p pages, err error) {
	config := views.Config{FS: folder, Funcs: funcs, Reload: folder != nil}
	if folder == nil {
		if config.FS, err = fs.Sub(embedded, "templates"); err != nil {
			return p, err
		}
	}
	all, err := views.New(config)
	if err != nil {
		return p, err
	}
	return pages{
		home:  view[homePage](all, "home", &err),
		note:  view[notePage](all, "note", &err),
		about: view[frame](all, "about", &err),
		login: view[loginPage](all, "login", &err),
		error: view[errorPage](all, "error", &err),
	}, err
}

// view returns a view. It keeps the first error.
func view[T any](all *views.Views, name string, first *error) views.View[T] {
	v, err := views.Of[T](all, name)
	if *first == nil {
		*first = err
	}
	return v
}

// errors shows people the problems of what stands behind it as pages of the site;
// programs go on to see the problem. Those of what stands in front are shown by
// middleware.ErrorPages.
func (p pages) errors(next raxx.Handler) raxx.Handler {
	const problem = "application/problem+json"
	return func(req raxx.Request) raxx.Response {
		resp := next(req)
		data, complete := resp.Body.(raxx.Data)
		if !complete || resp.Header.Get("content-type") != problem || raxx.Accepts(req, problem, "text/html") != "text/html" {
			return resp
		}
		var details struct{ Detail string }
		if err := json.Unmarshal([]byte(data), &details); err != nil {
			return resp
		}
		page := p.error.Render(resp.Status, errorPage{
			frame: frameOf(req), Status: resp.Status, Title: raxx.StatusText(resp.Status), Detail: details.Detail,
		})
		resp.Body = page.Body
		return resp.With("content-type", page.Header.Get("content-type")).Default("vary", "accept").Default("cache-control", "no-store")
	}
}

func (s *site) about(req raxx.Request) raxx.Response { return s.pages.about.Render(200, frameOf(req)) }

// forged answers a form without its token.
func forged(raxx.Request) raxx.Response {
	return raxx.Problem(403, "The form was too old. Go back, load the page again, and send it once more.")
}

// broken shows what becomes of a handler that panics.
func broken(raxx.Request) raxx.Response { panic("this handler is broken on purpose") }

// back redirects to a page, with a message to show there.
func back(to, kind, message string) raxx.Response {
	return middleware.AddFlash(raxx.SeeOther(to), kind, message)
}
