package middleware

import (
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// A Flash is a message to the user about what has just been done, shown on the next
// page: "Your changes have been saved." The handler that redirects adds it, and the
// handler of the page behind the redirect shows it:
//
//	return middleware.AddFlash(raxx.SeeOther("/"), "success", "Saved.")
//
//	for _, flash := range middleware.Flashes(req) { ... }
//
// Until then a [Session] keeps it, or [FlashQuery] puts it into the address. If
// both are mounted, the inner one does. Behind neither, the response can't be sent:
// see [raxx.Note].
type Flash struct {
	// Kind is for the style of the message, such as "info", "success", "warning"
	// or "danger".
	Kind string `json:"k,omitempty"`
	// Text is the message: text, not HTML.
	Text string `json:"t"`
}

var (
	flashNote  = raxx.NewKey[Flash]("flash")
	flashesKey = raxx.NewKey[[]Flash]("flashes")
)

// maxFlashes is how many messages wait at most: one who never looks at a page
// would gather more and more.
const maxFlashes = 8

// newestFlashes returns the newest of both, in a list of their own.
func newestFlashes(waiting, added []Flash) []Flash {
	all := append(waiting[:len(waiting):len(waiting)], added...)
	return all[max(0, len(all)-maxFlashes):]
}

// AddFlash returns the response with one more message for the next page.
func AddFlash(resp raxx.Response, kind, text string) raxx.Response {
	return resp.WithDo(flashNote.Note(Flash{kind, text}))
}

// Flashes returns the messages that this page is to show, the oldest first.
//
// No more than eight wait; one more drops the oldest. Nobody has to say that they
// have been shown: a session keeps them over redirects, over what is not HTML, and
// over pages that a browser loads in advance, and drops them with the first page
// that is none of these.
func Flashes(req raxx.Request) []Flash { return flashesKey.Get(req) }

// WithFlashes returns the request with these messages: for tests of handlers that
// show them.
func WithFlashes(req raxx.Request, flashes ...Flash) raxx.Request {
	return flashesKey.Set(req, flashes)
}

// flashesShown reports whether the response is a page that the user sees.
func flashesShown(req raxx.Request, head raxx.Response) bool {
	purpose := req.Header.Get("sec-purpose")
	return req.Method != raxx.MethodHead && (head.Status < 300 || head.Status >= 400) &&
		isHTML(head) && !strings.Contains(purpose, "prefetch") && !strings.Contains(purpose, "prerender")
}
