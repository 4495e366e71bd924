package middleware

import (
	"encoding/json"
	"html"
	"strconv"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// ErrorPage returns the reply for an error in the form that the client likes best
// by its accept field: a problem of RFC 9457, an HTML page, or plain text. A client
// that has no preference gets the problem. If status is zero, it is 500. The detail
// is a sentence for the client and may be empty. A page or a text names the request
// by its id, if [RequestID] gave it one, so that a person can quote it. The reply
// says "cache-control: no-store" and "vary: accept".
func ErrorPage(req raxx.Request, status int, detail string) raxx.Response {
	if status == 0 {
		status = raxx.StatusInternalServerError
	}
	problem := raxx.ProblemDetails{Status: status, Detail: detail}
	var resp raxx.Response
	switch errorForm(req) {
	case asHTML:
		resp = raxx.HTML(status, errorHTML(problem, RequestIDKey.Get(req))).
			With("content-security-policy", errorPolicy)
	case asText:
		resp = raxx.Text(status, errorText(problem, RequestIDKey.Get(req)))
	default:
		resp = problem.Response()
	}
	return resp.With("vary", "accept").With("cache-control", "no-store")
}

// ErrorPages makes an HTML page of a reply that is a problem
// (application/problem+json, with a status of 400 or more), if the client likes
// HTML better: a person who took a wrong link sees a page, while programs go on
// seeing the problem. It belongs in front of everything that may answer with a
// problem, and behind [SecureHeaders] and [AccessLog].
//
// Only complete replies are changed. Files, streams and machines pass as they are,
// and so does a reply in any other format, and a problem of more than 64 KiB. A
// problem that stays one says "vary: accept", so that a cache does not show it to
// people.
//
// To give the replies of the server itself the same look, set
//
//	config.ErrorResponse = func(req raxx.Request, err error) raxx.Response {
//		return middleware.ErrorPages(func(req raxx.Request) raxx.Response {
//			return ace.DefaultErrorResponse(req, err)
//		})(req)
//	}
func ErrorPages(next raxx.Handler) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		resp := next(req)
		data, complete := resp.Body.(raxx.Data)
		if resp.Status < 400 || !complete || len(data) > maxErrorProblem ||
			resp.Header.Get("content-type") != errorProblemType {
			return resp
		}
		if errorForm(req) != asHTML {
			return varyOn(resp, "accept")
		}
		return pageOf(resp, data, RequestIDKey.Get(req))
	}
}

// maxErrorProblem bounds what is parsed for a page.
const maxErrorProblem = 64 << 10

const errorProblemType = "application/problem+json"

// pageOf returns resp with a page in place of its problem.
func pageOf(resp raxx.Response, data raxx.Data, id string) raxx.Response {
	var p raxx.ProblemDetails
	if json.Unmarshal([]byte(data), &p) != nil {
		return resp
	}
	p.Status = resp.Status
	resp.Body = raxx.Data(errorHTML(p, id))
	return varyOn(resp, "accept").
		Without("content-length").
		With("content-type", "text/html; charset=utf-8").
		With("content-security-policy", errorPolicy).
		Default("cache-control", "no-store")
}

type errorFormat uint8

const (
	asProblem errorFormat = iota
	asHTML
	asText
)

// errorForm returns the form of an error that the client likes best.
func errorForm(req raxx.Request) errorFormat {
	switch raxx.Accepts(req, errorProblemType, "text/html", "text/plain", "application/json") {
	case "text/html":
		return asHTML
	case "text/plain":
		return asText
	}
	return asProblem
}

// errorTitle returns the headline of a page: the number and its name.
func errorTitle(p raxx.ProblemDetails) string {
	title := p.Title
	if title == "" {
		title = raxx.StatusText(p.Status)
	}
	return strings.TrimSpace(strconv.Itoa(p.Status) + " " + title)
}

// errorDetail returns what a person is told. Of a fault of the server nothing is
// said in a problem; a person wants to know at least whose fault it is.
func errorDetail(p raxx.ProblemDetails) string {
	if p.Detail == "" && p.Status >= 500 {
		return "Something went wrong on our side. Please try again later."
	}
	return p.Detail
}

func errorText(p raxx.ProblemDetails, id string) string {
	text := errorTitle(p) + "\n"
	if detail := errorDetail(p); detail != "" {
		text += detail + "\n"
	}
	if id != "" {
		text += "Request " + id + "\n"
	}
	return text
}

func errorHTML(p raxx.ProblemDetails, id string) string {
	var b strings.Builder
	beginHTML(&b, errorTitle(p), "<main>")
	if detail := errorDetail(p); detail != "" {
		b.WriteString("<p>" + html.EscapeString(detail) + "</p>\n")
	}
	if id != "" {
		b.WriteString("<p><small>Request <code>" + html.EscapeString(id) + "</code></small></p>\n")
	}
	b.WriteString("</main>\n")
	return b.String()
}

// beginHTML writes a page up to its headline, which main begins.
func beginHTML(b *strings.Builder, title, main string) {
	title = html.EscapeString(title)
	b.WriteString("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n" +
		"<meta name=\"viewport\" content=\"width=device-width\">\n<title>" + title + "</title>\n" +
		"<style>" + errorStyle + "</style>\n" + main + "\n<h1>" + title + "</h1>\n")
}

const errorStyle = `:root{color-scheme:light dark}` +
	`body{font:16px/1.5 system-ui,sans-serif;margin:0}` +
	`main{max-width:40rem;margin:12vh auto;padding:0 1.5rem}` +
	`main.wide{max-width:60rem}` +
	`h1{font-size:1.6rem;font-weight:600}` +
	`pre{overflow-x:auto;padding:.8rem;background:#8882;border-radius:.4rem;font-size:.85rem}` +
	`mark{background:#f008;color:inherit;display:block}` +
	`summary{cursor:pointer}` +
	`h1,p,summary{overflow-wrap:anywhere}`

// errorPolicy allows a page of errors its own style, by hash, and nothing else.
const errorPolicy = "default-src 'none'; style-src '" + errorStyleHash + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// errorStyleHash is the hash of errorStyle; a test compares them.
const errorStyleHash = "sha256-F/6cd5THMVNipMUYqQ+4tcbBcP0xa9VV6J2uLpTCl8A="
