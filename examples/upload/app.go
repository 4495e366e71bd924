package main

import (
	"embed"
	"io/fs"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/middleware/static"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/router"
)

//go:embed public
var public embed.FS

func app(s *store) (raxx.Handler, error) {
	assets, err := fs.Sub(public, "public")
	if err != nil {
		return nil, err
	}
	page, err := static.Config{}.New(assets)
	if err != nil {
		return nil, err
	}
	// What others have uploaded may be a page with a script: it runs nowhere.
	sandbox := raxx.Header{{Name: "content-security-policy", Value: "sandbox; default-src 'none'"}}
	files, err := static.Config{Header: sandbox, Index: "-"}.New(s.root.FS())
	if err != nil {
		return nil, err
	}
	routes, err := router.New(
		router.Get("/files", raxx.Try(s.index)),
		router.Get("/files/:name", func(req raxx.Request) raxx.Response {
			req.Path = req.Path[len("/files"):]
			return files.Handle(req)
		}),
		router.Put("/files/:name", raxx.Try(s.upload)).Streamed(),
	)
	if err != nil {
		return nil, err
	}
	safe := raxx.Stack(middleware.SecureHeaders{}.Middleware(), middleware.CrossOrigin{}.Middleware())
	return safe(page.Middleware(routes.Handle)), nil
}

// upload stores the body of the request while it comes, and answers when it is
// there.
func (s *store) upload(req raxx.Request) (raxx.Response, error) {
	name, ok := safeName(req.Params.Get("name"))
	if !ok {
		return raxx.Response{}, &raxx.Error{Status: raxx.StatusBadRequest, Detail: "a file needs a name"}
	}
	if req.Header.Has("content-range") {
		// RFC 9110, Section 14.5: a part of a file is not taken for a whole one.
		return raxx.Response{}, &raxx.Error{Status: raxx.StatusBadRequest, Detail: "files are taken as a whole only"}
	}
	size, err := s.save(name, req.Body)
	if err != nil {
		return raxx.Response{}, err
	}
	return raxx.JSON(raxx.StatusCreated, stored{name, size}).With("location", raxx.JoinPath("files", name)), nil
}

// index lists the files that are there.
func (s *store) index(raxx.Request) (raxx.Response, error) {
	files, err := s.list()
	if err != nil {
		return raxx.Response{}, err
	}
	return raxx.JSON(raxx.StatusOK, struct {
		Limit int64    `json:"limit"`
		Files []stored `json:"files"`
	}{s.limit, files}).With("cache-control", "no-store"), nil
}
