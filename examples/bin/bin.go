package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/middleware/compress"
	"github.com/raxx-go/raxx/middleware/decompress"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/router"
)

func app() raxx.Handler {
	stack := raxx.Stack(
		middleware.SecureHeaders{}.Middleware(), // what is told may look like HTML: nobody guesses that it is
		compress.Config{}.Middleware(),
		decompress.Config{}.Middleware(),
		middleware.CORS{Origins: []string{"*"}, Methods: []string{"*"}, Headers: []string{"*"}, Expose: []string{"*"}}.Middleware(),
	)
	return stack(routes().Handle)
}

// routes returns the router. It is data, so its first page can be made of it.
func routes() (r *router.Router) {
	password := middleware.BasicAuth{Verify: func(req raxx.Request, user, password string) (bool, error) {
		return user == req.Params.Get("user") && password == req.Params.Get("password"), nil
	}}
	return router.Config{BodyLimit: 1 << 20}.MustNew(
		router.Get("/", func(raxx.Request) raxx.Response { return list(r.Routes()) }),
		router.Any("/anything", tell),
		router.Any("/anything/*rest", tell),
		router.Any("/status/:code", raxx.Try(status)),
		router.Get("/redirect/:times", raxx.Try(redirect)),
		router.Get("/delay/:seconds", raxx.Try(delay)),
		router.Get("/stream/:lines", raxx.Try(stream)),
		router.Get("/bytes/:length", raxx.Try(octets)),
		router.Get("/cookies", tell),
		router.Get("/cookies/set", raxx.Try(setCookies)),
		router.Get("/login/:user/:password", tell).With(password.Middleware()),
	)
}

func list(routes []router.Entry) raxx.Response {
	var b strings.Builder
	for _, r := range routes {
		fmt.Fprintf(&b, "%-4s %s\n", r.Method, r.Pattern)
	}
	return raxx.Text(200, b.String())
}

// number returns a parameter of the path, which has to be from least to most.
func number(req raxx.Request, name string, least, most int) (int, error) {
	n, err := raxx.ParamAs[int](req, name)
	if err == nil && (n < least || n > most) {
		detail := fmt.Sprintf("%s is from %d to %d", name, least, most)
		err = &raxx.Error{Status: raxx.StatusBadRequest, Detail: detail}
	}
	return n, err
}

func status(req raxx.Request) (raxx.Response, error) {
	code, err := number(req, "code", 200, 599)
	return raxx.Response{Status: code}, err
}

// redirect leads to itself, one time fewer, and to /anything in the end.
func redirect(req raxx.Request) (raxx.Response, error) {
	times, err := number(req, "times", 1, 20)
	if times > 1 {
		return raxx.Redirect(302, raxx.JoinPath("redirect", fmt.Sprint(times-1))), err
	}
	return raxx.Redirect(302, "/anything"), err
}

// delay answers by a machine, so that who waits costs no goroutine.
func delay(req raxx.Request) (raxx.Response, error) {
	seconds, err := number(req, "seconds", 0, 10)
	return raxx.Defer(raxx.NewMachine(late{time.Duration(seconds) * time.Second, tell(req)}, wait)), err
}

// A late is a reply, and how long it is held back.
type late struct {
	delay time.Duration
	reply raxx.Response
}

func wait(l late, event raxx.Event) (late, []raxx.Part) {
	switch event.(type) {
	case raxx.Open:
		return l, []raxx.Part{raxx.After{Delay: l.delay}}
	case raxx.Timer, raxx.Drain:
		return l, []raxx.Part{l.reply}
	}
	return l, nil
}

// stream sends lines one by one, without saying how long it all is.
func stream(req raxx.Request) (raxx.Response, error) {
	lines, err := number(req, "lines", 1, 100)
	return raxx.Reply(200, "text/plain", raxx.NewStream(-1, func(yield func([]byte, error) bool) {
		for i := range lines {
			if !yield(fmt.Appendf(nil, "line %d\n", i+1), nil) {
				return
			}
		}
	})), err
}

// octets answers conditions and ranges: the same length has the same content.
func octets(req raxx.Request) (raxx.Response, error) {
	length, err := number(req, "length", 1, 1<<20)
	if err != nil {
		return raxx.Response{}, err
	}
	content := raxx.Data(strings.Repeat("0123456789abcdef", length/16+1)[:length])
	resp := raxx.Reply(200, "application/octet-stream", content).With("etag", raxx.StrongETag(content).String())
	return raxx.Partial(req, raxx.Conditional(req, resp)), nil
}

// mostCookies is how many cookies are set at once. Each is compared with those before
// it, and a query has room for a thousand.
const mostCookies = 50

// setCookies makes cookies of a query, and shows what comes of them.
func setCookies(req raxx.Request) (raxx.Response, error) {
	resp := raxx.SeeOther("/cookies")
	values, err := req.Values()
	if len(values) > mostCookies {
		return raxx.Response{}, &raxx.Error{Status: raxx.StatusBadRequest, Detail: fmt.Sprintf("no more than %d cookies", mostCookies)}
	}
	for _, v := range values {
		cookie := raxx.Cookie{Name: v.Name, Value: v.Value}
		if err := cookie.Check(); err != nil {
			return raxx.Response{}, &raxx.Error{Status: raxx.StatusBadRequest, Detail: err.Error()}
		}
		resp = resp.WithCookie(cookie)
	}
	return resp, err
}
