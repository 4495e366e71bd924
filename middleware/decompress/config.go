package decompress

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"

	"github.com/raxx-go/raxx/raxx"
)

// A Config says what is decoded, and how much of it. The zero Config is safe in
// production.
type Config struct {
	// Codings are those that are accepted. If nil, "gzip", "zstd" and "br".
	Codings []string
	// MaxSize is how many bytes a body may have when it is decoded; before that it
	// may have 64 KiB more. If zero, it is [raxx.DefaultBodyLimit]. If negative,
	// only limits behind this middleware and MaxRatio hold.
	MaxSize int64
	// MaxRatio is how many times longer a body may become than what the client has
	// sent of it; the first 64 KiB are free. Text seldom gets to 20, and gzip can't
	// get beyond 1,032, but zstd and br beyond 10,000. If zero, 100. If negative,
	// there is no limit.
	MaxRatio int
	// Decoders is how many bodies are decoded at a time, by all requests
	// together. One that is read slowly holds its place. If zero, 32. If
	// negative, there is no limit, and clients decide how much memory is used.
	Decoders int
}

// codings are those that a Config may accept, in the order of the default.
var codings = [...]string{"gzip", "zstd", "br"}

const (
	defaultRatio    = 100
	defaultDecoders = 32
	// freeSize is what may come of any number of bytes: short content that
	// repeats itself is nothing to fear.
	freeSize = 64 << 10
)

// Middleware returns the middleware. It panics if Codings names an unknown coding,
// or one twice.
func (c Config) Middleware() raxx.Middleware {
	d := c.decompressor()
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			if !req.Header.Has("content-encoding") {
				return next(req)
			}
			rest := &atomic.Bool{}
			req, err := d.request(req, rest)
			if err != nil {
				return err.Response()
			}
			return d.response(next(req), rest)
		}
	}
}

// A decompressor is a Config that has been checked.
type decompressor struct {
	codings     []string
	unsupported raxx.Error // what a client hears of another coding
	maxSize     int64
	maxRatio    int64
	decoders    int64
	open        atomic.Int64 // how many bodies are being decoded
	pools       map[string]*sync.Pool
}

func (c Config) decompressor() *decompressor {
	d := &decompressor{
		codings:  c.Codings,
		maxSize:  limit(c.MaxSize, raxx.DefaultBodyLimit),
		maxRatio: limit(int64(c.MaxRatio), defaultRatio),
		decoders: limit(int64(c.Decoders), defaultDecoders),
		pools:    make(map[string]*sync.Pool),
	}
	if c.Codings == nil {
		d.codings = codings[:]
	}
	for i, coding := range d.codings {
		if !slices.Contains(codings[:], coding) || slices.Contains(d.codings[:i], coding) {
			panic(fmt.Sprintf("decompress: Codings is %q: it may hold each of %q once", c.Codings, codings))
		}
		d.pools[coding] = newPool(coding)
	}
	list := strings.Join(d.codings, ", ")
	if list == "" {
		list = "identity"
	}
	d.unsupported = raxx.Error{
		Status: raxx.StatusUnsupportedMediaType,
		Detail: "the content coding must be one of: " + list,
		Header: raxx.Header{{Name: "accept-encoding", Value: list}},
	}
	return d
}

// limit resolves a limit of which zero means the default, and a negative number
// none.
func limit(n, byDefault int64) int64 {
	switch {
	case n == 0:
		return byDefault
	case n < 0:
		return math.MaxInt64
	}
	return n
}

// request returns the request as the client meant it. rest is true as long as
// there is something of its body that was not decoded.
func (d *decompressor) request(req raxx.Request, rest *atomic.Bool) (raxx.Request, *raxx.Error) {
	coding, ok := d.coding(req.Header)
	if !ok {
		refused := d.unsupported
		return req, &refused
	}
	req = req.Without("content-encoding")
	if coding == "" || req.Body == nil {
		return req, nil
	}
	// RFC 9530, Section 2, and RFC 1864: a digest of the content is that of what
	// was sent.
	req = req.Without("content-length").Without("content-digest").Without("content-md5")
	rest.Store(true)
	out := d.stream(coding, req.Body, rest)
	if _, whole := req.Body.(raxx.Data); !whole {
		req.Body = out
		return req, nil
	}
	all, err := raxx.ReadAll(out, -1) // the stream has its own limit
	if err != nil {
		return req, asError(err)
	}
	return req.WithBody(all), nil
}

// response returns the response, unless it is a machine that would be told of a
// body which is still in its coding.
func (d *decompressor) response(resp raxx.Response, rest *atomic.Bool) raxx.Response {
	if _, lives := resp.Body.(raxx.Machine); !lives || !rest.Load() {
		return resp
	}
	refused := (&raxx.Error{
		Status: raxx.StatusUnsupportedMediaType, Detail: "the body is taken as it comes, without a content coding",
		Header: raxx.Header{{Name: "accept-encoding", Value: "identity"}},
	}).Response()
	for _, effect := range resp.Do {
		switch effect.(type) {
		case raxx.Publish, raxx.Note: // the others are the machine's
			refused = refused.WithDo(effect)
		}
	}
	return refused
}

// asError returns the error as what a client can be told.
func asError(err error) *raxx.Error {
	var fault *raxx.Error
	if errors.As(err, &fault) {
		return fault
	}
	return &raxx.Error{Status: raxx.StatusBadRequest, Detail: "the body did not arrive whole", Err: err}
}

// coding returns the one content coding, or "" if there is none, and reports
// whether it is accepted. Each further one would multiply what a bomb is worth,
// and nobody sends two.
func (d *decompressor) coding(h raxx.Header) (coding string, ok bool) {
	for element := range h.Elements("content-encoding") {
		if strings.ContainsFunc(element, func(r rune) bool { return r > unicode.MaxASCII }) {
			return "", false // of some of these, lower case is ASCII
		}
		element = strings.ToLower(element)
		// RFC 9110, Section 8.4.1.3.
		if element == "x-gzip" {
			element = "gzip"
		}
		switch {
		case element == "identity":
		case coding != "" || !slices.Contains(d.codings, element):
			return "", false
		default:
			coding = element
		}
	}
	return coding, true
}
