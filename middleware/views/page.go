package views

import (
	"html/template"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
)

// A Page is what layouts need of a request. Put it into the arguments of a view. A
// value is empty if the middleware that knows it is missing.
type Page struct {
	// Path is that of the request, as it was sent: to mark the current entry of
	// a menu.
	Path string
	// Nonce is what scripts and styles within the page carry, where the policy
	// has one: <script nonce="{{.Nonce}}">.
	Nonce string
	// CSRF is the hidden field that each form with the method POST needs:
	// {{.CSRF}}, or {{$.CSRF}} within a range.
	CSRF template.HTML
	// CSRFToken is what scripts send as x-csrf-token.
	CSRFToken string
	// Flashes are the messages to show.
	Flashes []middleware.Flash
}

// PageOf returns what the request says.
func PageOf(req raxx.Request) Page {
	return Page{
		Path:      req.Path,
		Nonce:     middleware.CSPNonce.Get(req),
		CSRF:      template.HTML(middleware.CSRFInput(req)), // made there of what needs no escapes
		CSRFToken: middleware.CSRFToken(req),
		Flashes:   middleware.Flashes(req),
	}
}
