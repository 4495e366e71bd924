package middleware

import (
	"fmt"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// maxLiteralBody is the longest body that is shown in a literal.
const maxLiteralBody = 4 << 10

// requestLiteral returns the request as a Go literal. What may be a secret is
// replaced.
func requestLiteral(req raxx.Request) string {
	var b strings.Builder
	b.WriteString("raxx.Request{\n")
	texts := []struct{ name, value string }{
		{"Method", req.Method}, {"Scheme", req.Scheme}, {"Authority", req.Authority}, {"Path", shownPath(&req)},
		{"Query", redactPairs(req.Query, SecretName)}, {"Pattern", req.Pattern},
	}
	for _, t := range texts {
		if t.value != "" {
			fmt.Fprintf(&b, "\t%s: %q,\n", t.name, t.value)
		}
	}
	literalHeader(&b, "Header", req.Header)
	literalBody(&b, req)
	literalHeader(&b, "Trailer", req.Trailer)
	if len(req.Params) > 0 {
		b.WriteString("\tParams: raxx.Params{\n")
		for _, p := range req.Params {
			value := p.Value
			if SecretName(p.Name) {
				value = redactedText
			}
			fmt.Fprintf(&b, "\t\t{Name: %q, Value: %q},\n", p.Name, value)
		}
		b.WriteString("\t},\n")
	}
	if req.Peer != (raxx.Peer{}) {
		fmt.Fprintf(&b, "\tPeer: raxx.Peer{Address: %q, Protocol: %q},\n", req.Peer.Address, req.Peer.Protocol)
	}
	b.WriteString("}")
	return b.String()
}

// shownPath returns the path, or the pattern of one that has a secret in it.
func shownPath(req *raxx.Request) string {
	for _, p := range req.Params {
		if SecretName(p.Name) {
			return req.Pattern
		}
	}
	return req.Path
}

func literalHeader(b *strings.Builder, name string, h raxx.Header) {
	if len(h) == 0 {
		return
	}
	fmt.Fprintf(b, "\t%s: raxx.Header{\n", name)
	for _, f := range h {
		value := f.Value
		if SecretName(f.Name) {
			value = redactedText
		}
		if f.Name == "referer" {
			if before, query, ok := strings.Cut(value, "?"); ok {
				value = before + "?" + redactPairs(query, SecretName)
			}
		}
		fmt.Fprintf(b, "\t\t{Name: %q, Value: %q},\n", f.Name, value)
	}
	b.WriteString("\t},\n")
}

// literalBody writes the body, if it is complete, short, and not likely to hold
// a secret.
func literalBody(b *strings.Builder, req raxx.Request) {
	if req.Body == nil {
		return
	}
	data, complete := req.Body.(raxx.Data)
	if !complete {
		fmt.Fprintf(b, "\t// Body: a stream; its length was %d\n", raxx.Length(req.Body))
		return
	}
	text := string(data)
	m, _ := req.MediaType()
	isForm := m.Essence() == "application/x-www-form-urlencoded"
	switch {
	case len(text) > maxLiteralBody, !isForm && SecretName(text):
		fmt.Fprintf(b, "\t// Body: %d bytes, which are long or may hold a secret\n", len(text))
		return
	case isForm:
		text = redactPairs(text, SecretName)
	}
	fmt.Fprintf(b, "\tBody: raxx.Data(%q),\n", text)
}
