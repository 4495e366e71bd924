package views

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// A Config says where the templates are.
type Config struct {
	// FS holds the files: an embed.FS in production, or os.DirFS.
	FS fs.FS
	// Funcs are functions for all templates. They may be called by many
	// goroutines at once. [New] panics, as html/template does, if one has no name
	// that a template could call, or returns something else than a value, or a
	// value and an error.
	Funcs template.FuncMap
	// Reload reads the files anew for each page, and shows errors in the browser:
	// for development. FS should then be os.DirFS.
	Reload bool
}

// Views are the templates of a site. They are safe for use by many goroutines at
// once.
type Views struct {
	config Config
	set    *set
}

// New reads all templates. If there is a mistake in one, the error is an [*Error]
// that names the file and the line. With [Config.Reload] that is no error, so that a
// mistake does not keep the site from starting: it is shown with the page. Files that
// can't be read are an error in any case.
func New(c Config) (*Views, error) {
	if c.FS == nil {
		return nil, errors.New("views: there is no FS")
	}
	s, err := load(c)
	var fault *Error
	if err != nil && (!c.Reload || !errors.As(err, &fault)) {
		return nil, err
	}
	return &Views{c, s}, nil
}

// Must returns v, or panics if err is not nil. It is for package variables.
func Must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}

// Names returns the names of all views, sorted, without those of partials.
func (v *Views) Names() []string {
	s, err := v.current()
	if err != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(s.pages))
}

// Render returns the page that the view called name makes of data. [View.Render]
// does the same with arguments whose type has been checked.
func (v *Views) Render(status int, name string, data any) raxx.Response {
	s, err := v.current()
	if err == nil {
		var content []byte
		if content, err = s.render(name, data); err == nil {
			return raxx.HTML(status, string(content))
		}
	}
	if v.config.Reload {
		return errorPage(v.config.FS, err)
	}
	return raxx.Problem(raxx.StatusInternalServerError, "").WithCause(err)
}

// current returns the templates as they are now.
func (v *Views) current() (*set, error) {
	if v.config.Reload {
		return load(v.config)
	}
	return v.set, nil
}

// A View is a view whose arguments are a T.
type View[T any] struct {
	views *Views
	name  string
}

// Of returns the view called name, or a partial by itself. The error is an [*Error]:
// there is no such view, or it asks for something that a T does not have. With
// [Config.Reload] it is nil, and the mistake is shown with the page.
func Of[T any](v *Views, name string) (View[T], error) {
	view := View[T]{v, name}
	if v.config.Reload {
		return view, nil
	}
	return view, checkView[T](v.set, name, v.config.Funcs)
}

// Render returns the page that the view makes of its arguments.
func (v View[T]) Render(status int, data T) raxx.Response {
	if v.views.config.Reload {
		if s, err := v.views.current(); err == nil {
			if err := checkView[T](s, v.name, v.views.config.Funcs); err != nil {
				return errorPage(v.views.config.FS, err)
			}
		}
	}
	return v.views.Render(status, v.name, data)
}

// render executes a template into memory.
func (s *set) render(name string, data any) ([]byte, error) {
	page, err := s.page(name)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := page.root.Execute(&b, data); err != nil {
		return nil, located(name, err)
	}
	return b.Bytes(), nil
}

// page returns the view called name, or the partial.
func (s *set) page(name string) (page, error) {
	if p, ok := s.pages[name]; ok {
		return p, nil
	}
	if partial, ok := s.partials[name]; ok {
		p := partial()
		return p, p.err
	}
	return page{}, &Error{View: name, Err: fmt.Errorf("there is no view of this name: there are %s", s.known())}
}

// known returns all names that page knows, but for those of partials that can't stand
// by themselves.
func (s *set) known() string {
	names := slices.Collect(maps.Keys(s.pages))
	for name, partial := range s.partials {
		if partial().err == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
