package compress

import (
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// Secret marks a response that is not to be compressed, because it holds a
// secret beside something that an attacker may choose; see the package
// documentation. The mark is the field "content-encoding: identity", which the
// middleware takes out.
func Secret(resp raxx.Response) raxx.Response {
	return raxx.OnHead(resp, func(resp raxx.Response) raxx.Response {
		return resp.Default("content-encoding", "identity")
	})
}

// Off is a middleware that marks whatever comes from behind it as [Secret].
func Off(next raxx.Handler) raxx.Handler {
	return func(req raxx.Request) raxx.Response { return Secret(next(req)) }
}

// withoutMark returns resp without the mark of [Secret], which is not meant for
// a message (RFC 9110, Section 12.5.3).
func withoutMark(resp raxx.Response) raxx.Response {
	if strings.EqualFold(resp.Header.Get("content-encoding"), "identity") {
		return resp.Without("content-encoding")
	}
	return resp
}
