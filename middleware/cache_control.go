package middleware

import (
	"fmt"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// CacheControl says how long replies may be kept, and by whom (RFC 9111), by
// where they come from and what they are:
//
//	middleware.CacheControl{
//		Rules: []middleware.CacheRule{
//			{Path: "/api", Value: "no-store"},
//			{Type: "text/html", Value: "no-cache"},
//			{Type: "image/*", Value: "public, max-age=3600"},
//		},
//	}.Middleware()
//
// The zero CacheControl does one thing: it keeps out of caches what belongs to one
// user. A reply that sets a cookie, or that answers a request with authorization,
// gets "no-store", whatever the rules say, unless the rule that fits is
// [CacheRule.Personal]. This fails closed: a cache in between would hand one user's
// session to the next. CacheControl can't know that a page differs by a cookie that
// was sent; let the handler of the page, or a rule, say "private" or "no-cache".
//
// A cache-control field of the handler is left as it is.
//
// It belongs inside of [ETag], so that a 304 gets the field, and outside of
// whatever sets cookies. It touches the head of every kind of response, when it
// comes; never content. It looks at replies to safe methods only (RFC 9110, Section
// 9.2.1): no cache keeps what others get unless it is told to. The rules are for
// replies of status 200, 203, 206, 301, 304 and 308, which say what the request
// asked for. A 304 that a handler made itself has no content-type: of the rules for
// its path, only those before the first one with a Type are asked.
type CacheControl struct {
	// Rules are asked in order; the first that fits decides.
	Rules []CacheRule
	// Default is the value where no rule fits. If empty, such a reply gets no
	// field, and a cache may guess.
	Default string
}

// A CacheRule is a value of cache-control, and what it is for.
type CacheRule struct {
	// Path is the beginning of the request's path: "/assets" fits that path and
	// every path below it. It is compared segment by segment, decoded. If empty,
	// every path fits.
	Path string
	// Type is what the content-type of the reply has to be: "text/html" or
	// "image/*". If empty, every type fits.
	Type string
	// Value is the field: "public, max-age=3600".
	Value string
	// Personal makes the rule fit also replies that belong to one user.
	Personal bool
}

// Middleware returns the middleware. It panics if a value contradicts itself or is
// malformed, if a path does not begin with a slash, or if a type is no media type.
func (c CacheControl) Middleware() raxx.Middleware {
	rules := make([]cacheRule, len(c.Rules))
	for i, r := range c.Rules {
		rules[i] = r.check(i)
	}
	if c.Default != "" {
		rules = append(rules, CacheRule{Value: c.Default}.check(len(rules)))
	}
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			if !raxx.IsSafe(req.Method) {
				return next(req)
			}
			path, authorized := req.Path, req.Header.Has("authorization")
			resp := next(req)
			if hasHead(&resp) {
				setCacheControl(&resp, rules, path, authorized)
				return resp
			}
			return raxx.OnHead(resp, func(resp raxx.Response) raxx.Response {
				setCacheControl(&resp, rules, path, authorized)
				return resp
			})
		}
	}
}

// isCacheType reports whether there can be content of the type of a rule.
func isCacheType(s string) bool {
	m, err := raxx.ParseMediaType(s)
	return s == "" || err == nil && len(m.Params) == 0 && (m.Type != "*" || m.Subtype == "*")
}

// setCacheControl gives resp the field that the rules say.
func setCacheControl(resp *raxx.Response, rules []cacheRule, path string, authorized bool) {
	contentType, personal := "", authorized
	for i := range resp.Header {
		switch f := &resp.Header[i]; f.Name {
		case "cache-control":
			return
		case "set-cookie":
			personal = true
		case "content-type":
			contentType = f.Value
		}
	}
	if resp.Status < 200 {
		return
	}
	rule := cacheRuleFor(rules, path, contentType, resp.Status)
	switch {
	case personal && (rule == nil || !rule.Personal):
		resp.Header = addField(resp.Header, raxx.Field{Name: "cache-control", Value: "no-store"})
	case rule != nil:
		resp.Header = addField(resp.Header, raxx.Field{Name: "cache-control", Value: rule.Value})
	}
}

// cacheRuleFor returns the rule for a reply, or nil.
func cacheRuleFor(rules []cacheRule, path, contentType string, status int) *cacheRule {
	if !isCacheRuled(status) {
		return nil
	}
	for i := range rules {
		r := &rules[i]
		if !cachePathFits(r.path, path) {
			continue
		}
		if status == raxx.StatusNotModified && contentType == "" && r.Type != "" {
			// A 304 has to say what the 200 said (RFC 9110, Section 15.4.5),
			// and what type that had is not known.
			return nil
		}
		if r.typeFits(contentType) {
			return r
		}
	}
	return nil
}

// isCacheRuled reports whether the rules go for replies of a status.
func isCacheRuled(status int) bool {
	switch status {
	case raxx.StatusOK, raxx.StatusNonAuthoritativeInformation, raxx.StatusPartialContent,
		raxx.StatusMovedPermanently, raxx.StatusNotModified, raxx.StatusPermanentRedirect:
		return true
	}
	return false
}

// A cacheRule is a CacheRule that has been checked.
type cacheRule struct {
	CacheRule
	path   []string
	anySub string // "image/", if the type is "image/*"
}

func (r CacheRule) check(i int) cacheRule {
	if reason := checkCacheControl(r.Value); reason != "" {
		panic(fmt.Sprintf("middleware: CacheControl: value %q of rule %d: %s", r.Value, i, reason))
	}
	if !isCacheType(r.Type) {
		panic(fmt.Sprintf("middleware: CacheControl: type %q of rule %d has to be one such as text/html or image/*, without parameters", r.Type, i))
	}
	out := cacheRule{CacheRule: r}
	out.Type = strings.ToLower(r.Type)
	if before, ok := strings.CutSuffix(out.Type, "*"); ok {
		out.anySub = before
		if before == "*/" {
			out.Type, out.anySub = "", ""
		}
	}
	if r.Path == "" {
		return out
	}
	segments, err := raxx.Request{Path: r.Path}.Segments()
	if err != nil || r.Path[0] != '/' {
		panic(fmt.Sprintf("middleware: CacheControl: path %q of rule %d has to begin with a slash and be well-formed", r.Path, i))
	}
	for _, s := range segments {
		if s != "" { // "/assets/" is "/assets"
			out.path = append(out.path, s)
		}
	}
	return out
}

// typeFits reports whether the rule is for replies of a type.
func (r *cacheRule) typeFits(contentType string) bool {
	if r.Type == "" {
		return true
	}
	essence, _, _ := strings.Cut(contentType, ";")
	essence = strings.Trim(essence, " \t")
	if r.anySub != "" {
		return len(essence) > len(r.anySub) && strings.EqualFold(essence[:len(r.anySub)], r.anySub)
	}
	return strings.EqualFold(essence, r.Type)
}

// cachePathFits reports whether path begins with these segments. An escape does
// not make another path of it, or "/%61dmin" would get around a rule for
// "/admin".
func cachePathFits(want []string, path string) bool {
	for _, segment := range want {
		var next string
		next, path, _ = strings.Cut(strings.TrimPrefix(path, "/"), "/")
		if decoded, err := raxx.UnescapeSegment(next); err != nil || decoded != segment {
			return false
		}
	}
	return true
}

// checkCacheControl returns what is wrong with a value, or "".
func checkCacheControl(value string) string {
	if err := raxx.CheckField("cache-control", value); err != nil {
		return err.Error()
	}
	seen := make(map[string]bool)
	for directive := range (raxx.Header{{Name: "cache-control", Value: value}}).Elements("cache-control") {
		name, argument, _ := strings.Cut(strings.ToLower(directive), "=")
		if seen[name] {
			return "says " + name + " twice"
		}
		seen[name] = true
		if reason := checkCacheDirective(name, argument); reason != "" {
			return reason
		}
	}
	switch {
	case len(seen) == 0:
		return "is empty"
	case seen["public"] && seen["private"]:
		return "says public and private"
	case seen["no-store"] && (seen["max-age"] || seen["s-maxage"] || seen["immutable"] || seen["public"]):
		return "says no-store, and to store"
	}
	return ""
}

// checkCacheDirective returns what is wrong with a directive, or "".
func checkCacheDirective(name, argument string) string {
	if name != "" && !raxx.IsToken(name) {
		return fmt.Sprintf("%q is no directive", name)
	}
	switch name {
	case "":
		return "has a directive without a name"
	case "max-age", "s-maxage", "stale-while-revalidate", "stale-if-error":
		if argument == "" || strings.Trim(argument, "0123456789") != "" || len(argument) > 10 {
			return name + " takes a number of seconds"
		}
	}
	return ""
}
