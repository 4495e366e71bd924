package compress

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/raxx-go/raxx/middleware/internal/compressible"
	"github.com/raxx-go/raxx/raxx"
)

// A Config says what is compressed and how. The zero Config is ready for use.
type Config struct {
	// Prefer lists the content codings that may be used. Of those that a client
	// likes equally, the first one is taken. If nil, it is "zstd", "br", "gzip".
	Prefer []string
	// MinSize is how many bytes a body of known length has to have to be
	// compressed. Below it a coding costs more than it saves. If zero, 1,024. If
	// negative, a body of any length may be compressed.
	MinSize int
	// Types reports whether content of this content-type is worth it. If nil,
	// it is text in any form, and the few binary formats that are not
	// compressed in themselves, such as WebAssembly.
	Types func(contentType string) bool
	// Streams is how many [raxx.File] and [raxx.Stream] bodies are compressed at a
	// time. Each holds an encoder of 1 to 2 MiB for as long as its client takes to
	// read. Further ones are sent as they are. If zero, 64. If negative, there is
	// no limit, and clients that read slowly decide how much memory is used.
	Streams int
	// CrossSite compresses also the replies to requests that a page of another site
	// has made a browser send with the cookies of its user; see the package
	// documentation for the attack that this allows.
	CrossSite bool
}

// codings are those that a Config may prefer, in the order of the default.
var codings = [...]string{"zstd", "br", "gzip"}

const (
	defaultMinSize = 1 << 10
	defaultStreams = 64
)

// Middleware returns the middleware. It panics if Prefer names an unknown coding,
// or one twice.
func (c Config) Middleware() raxx.Middleware {
	m := c.compressor()
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			own, held := inward(req)
			return m.respond(&req, held, next(own))
		}
	}
}

// A compressor is a Config that has been checked, and its encoders.
type compressor struct {
	offers    []string // what is preferred, and identity
	machines  []string // the same for machines
	minSize   int64
	types     func(string) bool
	crossSite bool

	streams int64        // how many may be open; negative: any number
	open    atomic.Int64 // how many are
	pools   map[string]*pool
}

func (c Config) compressor() *compressor {
	m := &compressor{
		offers: slices.Clone(c.Prefer), minSize: int64(c.MinSize), types: c.Types, crossSite: c.CrossSite,
		streams: int64(c.Streams), pools: make(map[string]*pool),
	}
	if c.Prefer == nil {
		m.offers = codings[:]
	}
	if m.minSize == 0 {
		m.minSize = defaultMinSize
	}
	if m.streams == 0 {
		m.streams = defaultStreams
	}
	if m.types == nil {
		m.types = compressible.Type
	}
	for i, coding := range m.offers {
		if !slices.Contains(codings[:], coding) || slices.Contains(m.offers[:i], coding) {
			panic(fmt.Sprintf("compress: Prefer is %q: it may hold each of %q once", c.Prefer, codings))
		}
		m.pools[coding] = newPool(coding)
	}
	if slices.Contains(m.offers, "gzip") {
		m.machines = append(m.machines, "gzip")
	}
	m.machines = append(m.machines, "identity")
	m.offers = append(m.offers[:len(m.offers):len(m.offers)], "identity")
	return m
}
