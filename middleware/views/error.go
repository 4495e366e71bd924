package views

import (
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// An Error says what is wrong with a template, and where.
type Error struct {
	View string // the view, or the file that was read
	File string // may be empty
	Line int    // 0 if it is not known
	Err  error
}

// Error names the place and what is wrong there.
func (e *Error) Error() string {
	_, _, what := placeOf(e.Err.Error())
	switch {
	case e.Line > 0:
		return fmt.Sprintf("views: %s:%d: %s", e.File, e.Line, what)
	case e.File != "":
		return fmt.Sprintf("views: %s: %s", e.File, what)
	}
	return fmt.Sprintf("views: %q: %s", e.View, what)
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// located returns the error of a template as an *Error.
func located(view string, err error) error {
	if err == nil {
		return nil
	}
	file, line, _ := placeOf(err.Error())
	return &Error{view, file, line, err}
}

// placeOf takes the place out of the text of an error: packages text/template and
// html/template say it nowhere else, as in "template: home.html:3:14: ...".
func placeOf(text string) (file string, line int, what string) {
	rest, ok := strings.CutPrefix(strings.TrimPrefix(text, "html/"), "template:")
	file, rest, found := strings.Cut(strings.TrimPrefix(rest, " "), ":")
	if !ok || !found || path.Ext(file) != ".html" {
		return "", 0, text
	}
	for range 2 { // the line, and the column
		number, after, _ := strings.Cut(rest, ":")
		n, err := strconv.Atoi(number)
		if err != nil {
			break
		}
		if rest = after; line == 0 {
			line = n
		}
	}
	return file, line, strings.TrimPrefix(rest, " ")
}

// errorPage shows an error and its place in the file.
func errorPage(fsys fs.FS, err error) raxx.Response {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Err: err}
	}
	var b strings.Builder
	data := struct {
		Error string
		File  string
		Lines []sourceLine
	}{err.Error(), e.File, source(fsys, e)}
	if failed := errorTemplate.Execute(&b, data); failed != nil {
		return raxx.Problem(raxx.StatusInternalServerError, "").WithCause(err)
	}
	return raxx.HTML(raxx.StatusInternalServerError, b.String()).
		With("cache-control", "no-store").
		With("content-security-policy", errorPolicy).
		WithCause(err)
}

// A sourceLine is a line of a file, and whether the error is in it.
type sourceLine struct {
	Number int
	Text   string
	Here   bool
}

// source returns the lines around the error.
func source(fsys fs.FS, e *Error) (lines []sourceLine) {
	const around = 5
	text, err := fs.ReadFile(fsys, e.File)
	if err != nil || e.Line == 0 {
		return nil
	}
	for i, line := range strings.Split(string(text), "\n") {
		if n := i + 1; n >= e.Line-around && n <= e.Line+around {
			lines = append(lines, sourceLine{n, line, n == e.Line})
		}
	}
	return lines
}

const errorStyle = `:root{color-scheme:light dark}` +
	`body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:3rem auto;padding:0 1rem}` +
	`h1{font-size:1.4rem}` +
	`h1,p{overflow-wrap:anywhere}` +
	`pre{overflow-x:auto;padding:1rem;background:#8882}` +
	`mark{background:#f008;color:inherit}`

// errorPolicy allows the page its own style, by hash, and nothing else: that of the
// site need not allow any. A test compares the two.
const errorPolicy = "default-src 'none'; style-src 'sha256-by/ldr9lsay+lGZ+eyfX328ZMufBqUuXWF58DQ/1Rs0='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

var errorTemplate = template.Must(template.New("error").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Template error</title>
<style>` + errorStyle + `</style>
<h1>Template error</h1>
<p>{{.Error}}</p>
{{if .Lines}}<p><strong>{{.File}}</strong></p>
<pre>{{range .Lines}}{{if .Here}}<mark>{{end}}{{printf "%4d  %s" .Number .Text}}{{if .Here}}</mark>{{end}}
{{end}}</pre>{{end}}
`))
