package middleware

import (
	"fmt"
	"html"
	"os"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// developmentPage returns a reply that tells all about a panic.
func developmentPage(req raxx.Request, p *PanicError) raxx.Response {
	const status = raxx.StatusInternalServerError
	var resp raxx.Response
	switch errorForm(req) {
	case asHTML:
		resp = raxx.HTML(status, developmentHTML(req, p)).With("content-security-policy", errorPolicy)
	case asText:
		resp = raxx.Text(status, p.Error()+"\n\n"+p.Trace()+"\n"+requestLiteral(req)+"\n")
	default:
		resp = raxx.ProblemDetails{Status: status, Detail: p.Error(), Extensions: map[string]any{
			"stack":   strings.Split(strings.TrimSpace(p.Trace()), "\n"),
			"request": requestLiteral(req),
		}}.Response()
	}
	return resp.With("vary", "accept").With("cache-control", "no-store")
}

func developmentHTML(req raxx.Request, p *PanicError) string {
	var b strings.Builder
	beginHTML(&b, p.Error(), `<main class="wide">`)
	fmt.Fprintf(&b, "<p>in the handler of <code>%s %s</code></p>\n", html.EscapeString(req.Method), html.EscapeString(shownPath(&req)))
	shown := 0
	for _, f := range p.Stack {
		source := ""
		if shown < maxSources && !strings.HasPrefix(f.Function, "runtime.") {
			source = sourceHTML(f)
		}
		open := ""
		if source != "" {
			if shown++; shown == 1 {
				open = " open"
			}
		}
		fmt.Fprintf(&b, "<details%s><summary><code>%s</code> <small>%s:%d</small></summary>%s</details>\n",
			open, html.EscapeString(f.Function), html.EscapeString(f.File), f.Line, source)
	}
	b.WriteString("<h2>The request, for a test</h2>\n<pre>" + html.EscapeString(requestLiteral(req)) + "</pre>\n</main>\n")
	return b.String()
}

const (
	maxSources    = 12      // files that are read for a page
	maxSourceSize = 1 << 20 // of a file
	sourceAround  = 6       // lines before and behind
)

// sourceHTML returns the lines around a frame, or "" if the source is not there.
func sourceHTML(f Frame) string {
	info, err := os.Stat(f.File)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxSourceSize {
		return ""
	}
	text, err := os.ReadFile(f.File)
	if err != nil {
		return ""
	}
	var b strings.Builder
	b.WriteString("<pre>")
	n := 0
	for line := range strings.Lines(string(text)) {
		if n++; n < f.Line-sourceAround || n > f.Line+sourceAround {
			continue
		}
		line = html.EscapeString(fmt.Sprintf("%5d  %s", n, strings.TrimRight(line, "\r\n")))
		if n == f.Line {
			line = "<mark>" + line + "</mark>"
		} else {
			line += "\n"
		}
		b.WriteString(line)
	}
	b.WriteString("</pre>")
	return b.String()
}
