package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
)

// An account is what the session holds.
type account struct{ Name string }

var session = middleware.NewSession[account]("account")

// password is that of everybody: this is an example.
const password = "open sesame"

func (s *site) loginForm(req raxx.Request) raxx.Response {
	if session.Get(req).Name != "" {
		return raxx.SeeOther("/")
	}
	return s.pages.login.Render(200, loginPage{frame: frameOf(req)})
}

func (s *site) login(req raxx.Request) raxx.Response {
	form, err := raxx.ReadForm(req, 0)
	if err != nil {
		return raxx.Problem(400, "The form can't be read.").WithCause(err)
	}
	name := strings.TrimSpace(form.Get("name"))
	if !isName(name) || !isPassword(form.Get("password")) {
		page := loginPage{frameOf(req), strings.ToValidUTF8(name, "\uFFFD"), "That is not a name and its password."}
		return s.pages.login.Render(422, page)
	}
	return session.Set(back("/", "success", "Welcome, "+name+"!"), account{name})
}

func logout(raxx.Request) raxx.Response {
	return session.End(back("/", "info", "You have signed out."))
}

// requireUser sends who is not logged in to the login.
func requireUser(next raxx.Handler) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		if session.Get(req).Name == "" {
			return back("/login", "warning", "Please sign in first.")
		}
		return next(req)
	}
}

func isName(s string) bool {
	return s != "" && utf8.ValidString(s) && utf8.RuneCountInString(s) <= 30 &&
		!strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

func isPassword(s string) bool {
	got, want := sha256.Sum256([]byte(s)), sha256.Sum256([]byte(password))
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1
}
