package nethttp

import (
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/raxx-go/raxx/ace/internal/octets"
	"github.com/raxx-go/raxx/ace/internal/tlsfacts"
	"github.com/raxx-go/raxx/raxx"
)

// requestOf returns a request of a server of net/http as a value. Its body is b's.
func requestOf(r *http.Request, b *requestBody) raxx.Request {
	req := raxx.Request{
		Method:    r.Method,
		Scheme:    "http",
		Authority: lowerHost(r.Host),
		Path:      pathOf(r.URL),
		Query:     r.URL.RawQuery,
		Header:    requestFields(r),
		Body:      b.body(),
		Pattern:   r.Pattern,
		Params:    paramsOf(r),
		Peer:      raxx.Peer{Address: r.RemoteAddr, Protocol: r.Proto, TLS: tlsfacts.Of(r.TLS)},
	}
	if r.TLS != nil {
		req.Scheme = "https"
	}
	if strings.HasPrefix(r.RequestURI, "/") { // what the URL says besides is no client's word
		req.Scheme = schemeOf(r.URL, req.Scheme)
	}
	if r.RequestURI == "*" && r.URL.Path == "*" {
		req.Path = "*"
	}
	if isExtended(r) {
		// The handler sees the request that HTTP/1.1 has for it (RFC 8441,
		// Section 5).
		req.Method, req.Body = "GET", nil
		req.Header = req.Header.With("upgrade", r.Header.Get(":protocol"))
	}
	return req
}

// lowerHost returns a host in lower case. One that is not ASCII is none, and its lower
// case could be the host of somebody else.
func lowerHost(host string) string {
	for i := range len(host) {
		if host[i] >= utf8.RuneSelf {
			return host
		}
	}
	return strings.ToLower(host)
}

// schemeOf returns the scheme that middleware has put into a target, where it believes a
// proxy; else the own one.
func schemeOf(target *url.URL, own string) string {
	if target.Scheme == "http" || target.Scheme == "https" {
		return target.Scheme
	}
	return own
}

// pathOf returns the path of a target, which is that of the root if there is none
// (RFC 9112, Section 3.2.1): in absolute-form, or behind http.StripPrefix, which may
// leave a path without its slash.
func pathOf(target *url.URL) string {
	path := target.EscapedPath()
	if strings.HasPrefix(path, "/") {
		return path
	}
	return "/" + path
}

// isExtended reports whether r is an extended CONNECT.
func isExtended(r *http.Request) bool {
	return r.Method == http.MethodConnect && r.ProtoMajor == 2 && r.Header.Get(":protocol") != ""
}

// requestFields returns the fields of a request without those of the connection,
// but for a Connection that names others, and with the one that net/http takes out.
func requestFields(r *http.Request) raxx.Header {
	fields := fieldsOf(r.Header, func(key string) bool {
		return isConnectionField(key) && key != "Connection" || key == "Upgrade" && !asksToUpgrade(r)
	})
	fields = slices.DeleteFunc(fields, func(f raxx.Field) bool { return f.Name == "connection" && !octets.NamesFields(f.Value) })
	if len(r.Trailer) > 0 {
		names := make([]string, 0, len(r.Trailer))
		for key := range r.Trailer {
			names = append(names, key)
		}
		slices.Sort(names)
		fields = append(fields, raxx.Field{Name: "trailer", Value: strings.Join(names, ", ")})
		sortFields(fields)
	}
	return fields
}

// lengthOf returns the length of the body of r, if there is one; -1 if it is not known.
// Of a request that no server has made, 0 says nothing: http.NewRequest leaves it where
// it does not know.
func lengthOf(r *http.Request) int64 {
	if r.ContentLength == 0 && r.RequestURI == "" || mayBeDecoded(r) {
		return -1
	}
	return r.ContentLength
}

// mayBeDecoded reports whether the length of a body may be that of its coding: a
// middleware that decodes puts another reader in the place of the server's, and most
// leave the length.
func mayBeDecoded(r *http.Request) bool {
	t := reflect.TypeOf(r.Body)
	if r.ContentLength <= 0 || t == nil || t.Kind() == reflect.Pointer && t.Elem().PkgPath() == "net/http" {
		return false
	}
	return r.Header.Get("Content-Encoding") != "" || r.Header.Get("Content-Length") == ""
}

// asksToUpgrade reports whether Connection names Upgrade. That of a request of HTTP/1.0
// is ignored (RFC 9110, Section 7.8).
func asksToUpgrade(r *http.Request) bool {
	if !r.ProtoAtLeast(1, 1) {
		return false
	}
	for _, list := range r.Header["Connection"] {
		for option := range strings.SplitSeq(list, ",") {
			if strings.EqualFold(strings.TrimSpace(option), "upgrade") {
				return true
			}
		}
	}
	return false
}

// waitsForContinue reports whether the client sends the body only when it is told
// to (RFC 9110, Section 10.1.1).
func waitsForContinue(r *http.Request) bool {
	return r.ProtoAtLeast(1, 1) && octets.ExpectsContinue(r.Header.Get("Expect"))
}
