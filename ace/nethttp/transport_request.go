package nethttp

import (
	"context"
	"errors"
	"io"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// requestTo returns req as a transport of net/http wants it.
func requestTo(ctx context.Context, req raxx.Request) (*http.Request, error) {
	if req.Method == http.MethodConnect {
		// net/http frames no content behind it: a service that opens no tunnel
		// would take it for further requests.
		return nil, errors.New("nethttp: a CONNECT to a service")
	}
	target, err := targetOf(req)
	if err != nil {
		return nil, err
	}
	target.Scheme, target.Host = req.Scheme, req.Authority
	r := (&http.Request{
		Method: req.Method,
		URL:    target,
		Host:   req.Authority,
		Proto:  "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: make(http.Header, len(req.Header)+1),
	}).WithContext(ctx)
	named := namedByConnection(req.Header.Values("connection"))
	for _, f := range req.Header {
		switch key := http.CanonicalHeaderKey(f.Name); {
		case key == "Trailer":
			declareTrailers(r, f.Value)
		case key == "Te" && !strings.EqualFold(f.Value, "trailers"), named[key] && mayBeNamed(key), isOfOneHop(key):
		default:
			r.Header[key] = append(r.Header[key], f.Value)
		}
	}
	if !req.Header.Has("user-agent") {
		r.Header["User-Agent"] = nil // or the transport would name itself
	}
	if asksForWebSocket(req) {
		askForWebSocket(r)
	}
	return r, giveBody(r, req)
}

// targetOf returns what is asked for. Path and query end where they end in req, whatever
// a handler has put into them.
func targetOf(req raxx.Request) (*url.URL, error) {
	if strings.ContainsAny(req.Path, "?#") {
		return nil, errors.New("nethttp: a path with a query or a fragment in it")
	}
	target, err := url.ParseRequestURI(req.Target())
	if err == nil {
		// Package url escapes a path, and leaves a query as it is.
		target.RawQuery = queryEscapes.Replace(target.RawQuery)
	}
	return target, err
}

// queryEscapes are for the octets that would end a query.
var queryEscapes = strings.NewReplacer(" ", "%20", "#", "%23")

// giveBody gives r the body and the trailer of req.
func giveBody(r *http.Request, req raxx.Request) error {
	if req.Body == nil && len(req.Trailer) == 0 {
		r.Body = http.NoBody
		return nil
	}
	switch body := req.Body.(type) {
	case raxx.Machine:
		return errors.New("nethttp: the body of a request is a machine")
	case raxx.Stream:
		if body.HasTrailer() && r.Trailer == nil {
			r.Trailer = make(http.Header)
		}
		r.ContentLength, r.Body = raxx.Length(body), &incoming{content: body, trailer: r.Trailer}
		return nil
	}
	r.ContentLength = raxx.Length(req.Body)
	if len(req.Trailer) > 0 {
		r.ContentLength, r.Trailer = -1, make(http.Header) // behind a length there is no trailer
		setFields(r.Trailer, req.Trailer)
	}
	// What is no stream can be sent once more, if a connection was stale.
	r.GetBody = func() (io.ReadCloser, error) { return &incoming{content: req.Body, trailer: r.Trailer}, nil }
	r.Body, _ = r.GetBody()
	return nil
}

// hopKeys are the keys, in an http.Header, of fields that are for the next hop
// only, or that a transport sets (RFC 9110, Section 7.6.1).
var hopKeys = append(slices.Clone(connectionKeys[:]), "Upgrade", "Content-Length", "Host", "Proxy-Authorization")

func isOfOneHop(key string) bool { return slices.Contains(hopKeys, key) }

// namedByConnection returns the keys that Connection fields name: they are for the
// next hop, too (RFC 9110, Section 7.6.1).
func namedByConnection(lists iter.Seq[string]) (named map[string]bool) {
	for list := range lists {
		if named == nil {
			named = make(map[string]bool)
		}
		for option := range strings.SplitSeq(list, ",") {
			named[http.CanonicalHeaderKey(strings.TrimSpace(option))] = true
		}
	}
	return named
}

// mayBeNamed reports whether a Connection field of a client may take the field out.
// RFC 9110, Section 7.6.1: it names none that is for all recipients. Else the client
// could take out what a proxy says of it: where it is, and what it may do.
func mayBeNamed(key string) bool {
	switch key {
	case "Te", "Authorization", "Cookie", "Origin", "Referer", "Range", "Cache-Control", "Forwarded", "X-Real-Ip", "X-Request-Id", "Traceparent":
		return false
	}
	return !slices.ContainsFunc(forAll[:], func(prefix string) bool { return strings.HasPrefix(key, prefix) })
}

// forAll are what the keys of further fields begin with that are for all recipients.
var forAll = [...]string{"Content-", "If-", "Sec-Fetch-", "X-Forwarded-"}

// answerFields returns the fields of a response, without those of the connection
// and those that its body tells, and with the one that net/http takes out.
func answerFields(resp *http.Response) raxx.Header {
	named := namedByConnection(slices.Values(resp.Header["Connection"]))
	fields := fieldsOf(resp.Header, func(key string) bool {
		return isOfOneHop(key) || named[key] || key == "Proxy-Authenticate"
	})
	if len(resp.Trailer) > 0 {
		names := slices.Sorted(maps.Keys(resp.Trailer))
		fields = append(fields, raxx.Field{Name: "trailer", Value: strings.Join(names, ", ")})
		sortFields(fields)
	}
	return fields
}
