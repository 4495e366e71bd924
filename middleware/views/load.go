package views

import (
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"text/template/parse"
)

// A set is all templates of a site, parsed.
type set struct {
	pages    map[string]page
	partials map[string]func() page // by themselves; parsed for who asks
}

// A page is a view, in its layout, or a partial by itself.
type page struct {
	root *template.Template // what is executed: the layout, or the view itself
	// trees are all that it may execute, as they were written: html/template
	// rewrites its own when it escapes them.
	trees map[string]*parse.Tree
	err   error // of a partial that makes sense within a view only
}

// files are the texts of all templates, by their paths.
type files struct {
	views, partials, layouts map[string]string
}

// load reads and parses all files.
func load(c Config) (*set, error) {
	all, err := read(c.FS)
	if err != nil {
		return nil, fmt.Errorf("views: the templates can't be read: %w", err)
	}
	base := template.New("").Option("missingkey=error").Funcs(c.Funcs)
	for file, text := range all.partials {
		// It is parsed under its path, which errors name.
		partial, err := base.New(file).Parse(text)
		if err == nil {
			_, err = base.AddParseTree(partialName(file), partial.Tree)
		}
		if err != nil {
			return nil, located(file, err)
		}
	}
	s := &set{make(map[string]page, len(all.views)), make(map[string]func() page, len(all.partials))}
	for file, text := range all.views {
		p, err := parsePage(base, all, file, text)
		if err != nil {
			return nil, err
		}
		s.pages[viewName(file)] = p
	}
	for file := range all.partials {
		s.partials[viewName(file)] = sync.OnceValue(func() page { return parsePartial(base, file) })
	}
	return s, nil
}

// read returns the texts of the files whose names end in ".html".
func read(fsys fs.FS) (files, error) {
	all := files{map[string]string{}, map[string]string{}, map[string]string{}}
	err := fs.WalkDir(fsys, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(file) != ".html" {
			return err
		}
		text, err := fs.ReadFile(fsys, file)
		switch {
		case path.Base(file) == layoutFile:
			all.layouts[path.Dir(file)] = string(text)
		case isPartial(file):
			all.partials[file] = string(text)
		default:
			all.views[file] = string(text)
		}
		return err
	})
	return all, err
}

// parsePage puts a view into its layout. What a view defines takes the place of the
// layout's blocks, and what it says itself is "content".
func parsePage(base *template.Template, all files, file, text string) (page, error) {
	t, err := base.Clone()
	if err != nil {
		return page{}, located(file, err)
	}
	layout, layoutText, ok := all.layout(file, text)
	if ok {
		if _, err := t.New(layout).Parse(layoutText); err != nil {
			return page{}, located(layout, err)
		}
	}
	view, err := t.New(file).Parse(text)
	if err != nil {
		return page{}, located(file, err)
	}
	root := view
	if ok {
		if _, err := t.AddParseTree("content", view.Tree); err != nil {
			return page{}, located(file, err)
		}
		root = t.Lookup(layout)
	}
	p := newPage(t, root, file)
	return p, p.err
}

// parsePartial makes a page of a partial alone. One that is half of an element, or
// needs a block of a layout, is an error only for who asks for it.
func parsePartial(base *template.Template, file string) page {
	t, err := base.Clone()
	if err != nil {
		return page{err: located(file, err)}
	}
	return newPage(t, t.Lookup(file), file)
}

func newPage(t, root *template.Template, file string) page {
	p := page{root: root, trees: make(map[string]*parse.Tree)}
	for _, t := range t.Templates() {
		if t.Tree != nil {
			p.trees[t.Name()] = t.Tree.Copy()
		}
	}
	p.err = escape(root, file)
	return p
}

// layout returns the layout of a view: that of its folder, or of the nearest one
// above.
func (all files) layout(file, text string) (name, layout string, ok bool) {
	const doctype = "<!doctype"
	if text = strings.TrimSpace(text); len(text) >= len(doctype) && strings.EqualFold(text[:len(doctype)], doctype) {
		return "", "", false
	}
	for dir := path.Dir(file); ; dir = path.Dir(dir) {
		if layout, ok := all.layouts[dir]; ok {
			return path.Join(dir, layoutFile), layout, true
		}
		if dir == "." {
			return "", "", false
		}
	}
}

// escape makes html/template find the places of all values, which it does before
// the template is executed for the first time: what it can't escape is an error now
// and not with the first page.
func escape(t *template.Template, file string) error {
	err := t.Execute(nowhere{}, nil)
	var fault *template.Error
	if errors.As(err, &fault) {
		return located(file, err)
	}
	return nil
}

// nowhere ends an execution with its first byte.
type nowhere struct{}

func (nowhere) Write([]byte) (int, error) { return 0, errors.New("nobody reads") }

// viewName returns the name of a view: its path without ".html".
func viewName(file string) string { return strings.TrimSuffix(file, ".html") }

// The names that make a layout of a file, and partials of those in a folder. They
// don't begin with "_", since go:embed leaves out such files without a word.
const (
	layoutFile    = "layout.html"
	partialFolder = "partials"
)

func isPartial(file string) bool {
	return slices.Contains(strings.Split(path.Dir(file), "/"), partialFolder)
}

// partialName returns the name of a partial: as that of a view, and without the
// folders of partials.
func partialName(file string) string {
	segments := slices.DeleteFunc(strings.Split(viewName(file), "/"), func(s string) bool { return s == partialFolder })
	return strings.Join(segments, "/")
}
