package middleware

import (
	"crypto/rand"
	"encoding/base64"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// CSPNonce holds the nonce of a request, which scripts and styles that stand in
// the page itself carry as their attribute nonce. It is empty unless the policy
// of [SecureHeaders] names [Nonce].
var CSPNonce = raxx.NewKey[string]("csp nonce")

// A SecureHeaders sends the fields that make browsers safer. It belongs near the
// top of a stack, behind [AccessLog], so that error pages and refusals of what
// stands behind it have the fields, too. Those are:
//
//	content-security-policy        as CSP says
//	x-content-type-options         nosniff
//	x-frame-options                SAMEORIGIN
//	referrer-policy                strict-origin-when-cross-origin
//	cross-origin-opener-policy     same-origin
//	cross-origin-resource-policy   same-origin
//
// A field that the handler has set stays as it is: it fails open for this reply, by
// the handler's wish. The fields are set by [raxx.OnHead], on every kind of reply,
// a deferred one too, but not on 101. A policy with a nonce is left out of 304: a
// cache would put it over the page that it holds, whose nonce is another one (RFC
// 9111, Section 3.2).
//
// A nonce is 128 bits, made anew for each request. A page that has one must not
// be cached for several people: the nonce would be known.
type SecureHeaders struct {
	// CSP is the policy. If nil, [DefaultCSP]. If empty but not nil, none is
	// sent.
	CSP CSP
	// ReportOnly has browsers report what they would have refused: for trying
	// out a policy.
	ReportOnly bool
	// Fields are further fields, or other values for those above. With an empty
	// value, a field is not sent.
	Fields raxx.Header
}

// Middleware returns the middleware. It panics with a [*CSPError] or a
// [*raxx.FieldError] if the policy or a field is not written as it should be.
func (c SecureHeaders) Middleware() raxx.Middleware {
	if c.CSP == nil {
		c.CSP = DefaultCSP()
	}
	if err := c.CSP.Check(); err != nil {
		panic(err)
	}
	s := &securePolicy{fields: c.fields(), name: "content-security-policy"}
	if c.ReportOnly {
		s.name = "content-security-policy-report-only"
	}
	if !c.Fields.Has(s.name) {
		// The parts between which the nonce stands.
		s.policy = strings.Split(c.CSP.String(), Nonce)
	}
	if len(s.policy) == 1 && s.policy[0] != "" {
		s.fields = append(s.fields, raxx.Field{Name: s.name, Value: s.policy[0]})
	}
	s.lengths = lengthsOf(s.fields)
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			if len(s.policy) > 1 {
				return s.answerWithNonce(next, req)
			}
			coming := comingField.Get(req)
			resp := next(req)
			if hasHead(&resp) {
				s.addTo(&resp, coming)
				return resp
			}
			return raxx.OnHead(resp, s.add)
		}
	}
}

// fields returns the fields beside the policy.
func (c *SecureHeaders) fields() raxx.Header {
	h := raxx.Header{
		{Name: "x-content-type-options", Value: "nosniff"},
		{Name: "x-frame-options", Value: "SAMEORIGIN"},
		{Name: "referrer-policy", Value: "strict-origin-when-cross-origin"},
		{Name: "cross-origin-opener-policy", Value: "same-origin"},
		{Name: "cross-origin-resource-policy", Value: "same-origin"},
	}
	for _, f := range c.Fields {
		if f.Value == "" {
			h = h.Without(f.Name)
		} else {
			h = h.With(f.Name, f.Value)
		}
	}
	return h
}

// A securePolicy is what is sent.
type securePolicy struct {
	fields  raxx.Header
	lengths nameLengths // of fields
	name    string
	policy  []string
}

// nameLengths are the lengths of some names, one bit each: most names need not be
// compared to know that they are not among them.
type nameLengths uint64

func lengthsOf(h raxx.Header) (l nameLengths) {
	for i := range h {
		l |= 1 << (len(h[i].Name) % 64)
	}
	return l
}

// may reports whether the name may be among them.
func (l nameLengths) may(name string) bool { return l>>(len(name)%64)&1 != 0 }

// add adds the fields that are not there yet.
func (s *securePolicy) add(resp raxx.Response) raxx.Response {
	s.addTo(&resp, raxx.Field{})
	return resp
}

// addTo is add, in one allocation. It adds one more field, if that has a name.
func (s *securePolicy) addTo(resp *raxx.Response, coming raxx.Field) {
	if resp.Status == raxx.StatusSwitchingProtocols {
		return
	}
	more := len(s.fields)
	if coming.Name != "" {
		more++
	}
	h := make(raxx.Header, len(resp.Header), len(resp.Header)+more)
	copy(h, resp.Header)
	there := lengthsOf(h)
	for i := range s.fields {
		if f := &s.fields[i]; !there.may(f.Name) || !resp.Header.Has(f.Name) {
			h = append(h, *f)
		}
	}
	if coming.Name != "" && !((there | s.lengths).may(coming.Name) && h.Has(coming.Name)) {
		h = append(h, coming)
	}
	if len(h) > 0 {
		resp.Header = h[:len(h):len(h)]
	}
}

// answerWithNonce makes a nonce for one request, for a policy that names it.
func (s *securePolicy) answerWithNonce(next raxx.Handler, req raxx.Request) raxx.Response {
	nonce := newNonce()
	req.Scope = CSPNonce.In(req.Scope, nonce)
	return raxx.OnHead(next(req), func(resp raxx.Response) raxx.Response {
		return s.addNonce(s.add(resp), nonce)
	})
}

func (s *securePolicy) addNonce(resp raxx.Response, nonce string) raxx.Response {
	switch resp.Status {
	case raxx.StatusSwitchingProtocols, raxx.StatusNotModified:
		return resp
	}
	return resp.Default(s.name, strings.Join(s.policy, "'nonce-"+nonce+"'"))
}

func newNonce() string {
	var b [16]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}
