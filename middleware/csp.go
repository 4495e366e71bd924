package middleware

import (
	"fmt"
	"slices"
	"strings"
)

// A CSP is a content security policy (Content Security Policy Level 3): what a
// page may load, from where, and who may frame it. It is a value; each method
// returns a changed copy:
//
//	policy := middleware.DefaultCSP().
//		With("script-src", "'self'", middleware.Nonce).
//		Add("img-src", "https://images.example.org")
type CSP []Directive

// A Directive is one rule of a policy.
type Directive struct {
	Name    string
	Sources []string
}

// Nonce is the source that stands for the nonce of the request: see [CSPNonce].
const Nonce = "'nonce'"

// DefaultCSP returns a policy for a site that loads only what is its own: no
// inline scripts and styles, no plug-ins, no frames of others around it, and no forms
// that lead to others. Some browsers look at redirects, too: a button that POSTs to
// this site and is then led to a login or a payment somewhere else does nothing there,
// and the console says why. Let it go there, or make it a link:
//
//	policy := middleware.DefaultCSP().Add("form-action", "https://login.example.org")
func DefaultCSP() CSP {
	return CSP{
		{"default-src", []string{"'self'"}},
		{"img-src", []string{"'self'", "data:"}},
		{"object-src", []string{"'none'"}},
		{"base-uri", []string{"'self'"}},
		{"form-action", []string{"'self'"}},
		{"frame-ancestors", []string{"'self'"}},
	}
}

// With returns the policy with these sources for the directive, in place of
// those that it had. It panics with a [*CSPError] if they are not written as
// they should be.
func (p CSP) With(directive string, sources ...string) CSP {
	d := Directive{directive, slices.Clone(sources)}
	if err := d.check(); err != nil {
		panic(err)
	}
	out := slices.Clone(p)
	if i := p.index(directive); i >= 0 {
		out[i] = d
		return out
	}
	return append(out, d)
}

// Add returns the policy with further sources for the directive. If the policy does
// not have the directive, and browsers would use another one in its place, such as
// default-src, it begins with the sources of that one. The source 'none' is
// dropped. It panics as With does.
func (p CSP) Add(directive string, sources ...string) CSP {
	i := p.index(directive)
	for _, other := range fallbacks(directive) {
		if i < 0 {
			i = p.index(other)
		}
	}
	var had []string
	if i >= 0 {
		had = slices.DeleteFunc(slices.Clone(p[i].Sources), func(s string) bool { return s == "'none'" })
	}
	return p.With(directive, append(had, sources...)...)
}

// Without returns the policy without the directive.
func (p CSP) Without(directive string) CSP {
	return slices.DeleteFunc(slices.Clone(p), func(d Directive) bool { return d.Name == directive })
}

// Check reports whether the policy is written as it should be. The error is a
// [*CSPError].
func (p CSP) Check() error {
	for i, d := range p {
		if err := d.check(); err != nil {
			return err
		}
		if p.index(d.Name) < i {
			return &CSPError{d.Name, "", "it stands twice, and browsers read the first one only"}
		}
	}
	return nil
}

// String returns the policy as it is sent, with [Nonce] where the nonce will stand.
func (p CSP) String() string {
	var b strings.Builder
	for i, d := range p {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(d.Name)
		for _, s := range d.Sources {
			b.WriteString(" " + s)
		}
	}
	return b.String()
}

func (p CSP) index(directive string) int {
	return slices.IndexFunc(p, func(d Directive) bool { return d.Name == directive })
}

// fallbacks returns which directives stand in for one that is not there, the
// first of those that are (Content Security Policy Level 3, Section 6.8.3).
func fallbacks(name string) []string {
	switch name {
	case "script-src-elem", "script-src-attr":
		return []string{"script-src", "default-src"}
	case "style-src-elem", "style-src-attr":
		return []string{"style-src", "default-src"}
	case "worker-src":
		return []string{"child-src", "script-src", "default-src"}
	case "frame-src":
		return []string{"child-src", "default-src"}
	case "script-src", "style-src", "img-src", "font-src", "connect-src", "media-src", "object-src", "child-src", "manifest-src":
		return []string{"default-src"}
	}
	return nil
}

// A CSPError says what is wrong with a policy.
type CSPError struct {
	Directive, Source string
	Reason            string
}

// Error names the directive, the source and the rule.
func (e *CSPError) Error() string {
	if e.Source == "" {
		return fmt.Sprintf("middleware: content security policy: %q: %s", e.Directive, e.Reason)
	}
	return fmt.Sprintf("middleware: content security policy: %s %q: %s", e.Directive, e.Source, e.Reason)
}

func (d Directive) check() error {
	for _, c := range []byte(d.Name) {
		if c != '-' && (c < 'a' || c > 'z') {
			return &CSPError{d.Name, "", "a directive is written in lower-case letters and hyphens"}
		}
	}
	if d.Name == "" {
		return &CSPError{d.Name, "", "the directive has no name"}
	}
	for _, s := range d.Sources {
		if reason := checkSource(s, len(d.Sources)); reason != "" {
			return &CSPError{d.Name, s, reason}
		}
	}
	return nil
}

// checkSource returns what is wrong with one of n sources.
func checkSource(s string, n int) string {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || c == ';' || c == ',' {
			return fmt.Sprintf("a source can't hold %q, which would begin another one", c)
		}
	}
	switch s {
	case "":
		return "a source is empty"
	case "'none'":
		if n > 1 {
			return "'none' means nothing beside other sources"
		}
	case "self", "none", "nonce", "unsafe-inline", "unsafe-eval", "strict-dynamic", "unsafe-hashes", "report-sample", "wasm-unsafe-eval":
		return "a keyword stands in single quotes"
	}
	if strings.HasPrefix(strings.ToLower(s), "'nonce-") {
		return "a nonce is good for one reply only: use Nonce"
	}
	return ""
}
