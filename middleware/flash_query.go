package middleware

import (
	"encoding/binary"
	"encoding/json"
	"strings"
	"time"

	"github.com/raxx-go/raxx/middleware/internal/seal"
	"github.com/raxx-go/raxx/raxx"
)

// FlashQuery carries a [Flash] in the address that a response redirects to, so
// that a site without sessions and cookies can say what has been done. The
// messages that [AddFlash] put into a redirect become a value of its query, and are
// what [Flashes] returns for the request that follows.
//
// The messages are signed, with their date and the path that they are for, so that
// nobody can make a link to the site that says something else in its name. Whoever
// has the link can hand it on, and it shows its message for as long as MaxAge:
// don't put into a message what only one user may read.
//
// It stands in front of the handlers that redirect, anywhere in the stack, but not
// behind a mount, which takes away a part of the path. The value is taken out of the
// query, and out of the referer, before the handler sees them. Only redirects to a
// path of this site carry messages; of other responses they are dropped, whatever
// their body. A response to a request with messages gets "cache-control: private"
// unless it says something else. It fails closed: what is not signed, too old or for
// another path is not shown.
type FlashQuery struct {
	// Secrets sign. Each has at least 32 random bytes. The first one signs, all
	// of them verify.
	Secrets [][]byte
	// Name is that of the value in the query. If empty, "flash".
	Name string
	// MaxAge is how long a message is shown when the page is loaded again. If
	// zero, one minute. It can't be negative.
	MaxAge time.Duration
}

// Middleware returns the middleware. It panics if there is no secret, or one is too
// short, if the name would have to be escaped, or if MaxAge is negative.
func (c FlashQuery) Middleware() raxx.Middleware {
	sealer, err := seal.New(seal.Signed, "flash query", c.Secrets)
	if err != nil {
		panic("middleware: FlashQuery: " + err.Error())
	}
	f := &flashCarrier{sealer: sealer, name: "flash", maxAge: time.Minute}
	if c.Name != "" {
		f.name = c.Name
	}
	if c.MaxAge != 0 {
		f.maxAge = c.MaxAge
	}
	if (raxx.Values{{Name: f.name}}).Encode() != f.name+"=" {
		panic("middleware: FlashQuery: the name has to be escaped")
	}
	if c.MaxAge < 0 {
		panic("middleware: FlashQuery: MaxAge can't be negative: no message would ever be shown")
	}
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			req, shown := f.receive(req)
			resp := next(req)
			flashes, resp := flashNote.Take(resp)
			return raxx.OnHead(resp, func(head raxx.Response) raxx.Response {
				late, head := flashNote.Take(head)
				if shown {
					head = head.Default("cache-control", "private")
				}
				return f.send(head, req.Authority, newestFlashes(flashes, late))
			})
		}
	}
}

// A flashCarrier writes messages into locations and reads them from queries.
type flashCarrier struct {
	sealer *seal.Sealer
	name   string
	maxAge time.Duration
}

// receive takes the messages out of the query and hands them on. It reports whether
// there were any. Those of the page before, in the referer, would be shown again to
// who is sent back there.
func (f *flashCarrier) receive(req raxx.Request) (raxx.Request, bool) {
	if page, query, ok := strings.Cut(req.Header.Get("referer"), "?"); ok && strings.Contains(query, f.name+"=") {
		if query, _ = f.split(query); query != "" {
			page += "?" + query
		}
		req.Header = withField(req.Header, raxx.Field{Name: "referer", Value: page})
	}
	if !strings.Contains(req.Query, f.name+"=") {
		return req, false
	}
	var flashes []Flash
	var texts []string
	req.Query, texts = f.split(req.Query)
	// Each costs a hash of the whole path, and of the newest there are more than
	// a page ever shows.
	for _, text := range texts[max(0, len(texts)-maxFlashes):] {
		flashes = append(flashes, f.open(text, req.Path)...)
	}
	if len(flashes) == 0 {
		return req, false
	}
	return flashesKey.Set(req, newestFlashes(nil, flashes)), true
}

// split returns the query without its messages, and the texts of those.
func (f *flashCarrier) split(query string) (rest string, texts []string) {
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		if text, mine := strings.CutPrefix(pair, f.name+"="); mine {
			texts = append(texts, text)
		} else {
			kept = append(kept, pair)
		}
	}
	return strings.Join(kept, "&"), texts
}

// open returns the messages of a text that was sealed for the path.
func (f *flashCarrier) open(text, path string) (flashes []Flash) {
	message, ok := f.sealer.Open(text, path)
	if !ok || len(message) < 8 {
		return nil
	}
	made := time.Unix(int64(binary.BigEndian.Uint64(message)), 0)
	if time.Since(made) > f.maxAge || json.Unmarshal(message[8:], &flashes) != nil {
		return nil
	}
	return flashes
}

// send puts the messages into the location of a redirect to this site.
func (f *flashCarrier) send(head raxx.Response, authority string, flashes []Flash) raxx.Response {
	location := head.Header.Get("location")
	path, ok := flashPath(location, authority)
	if len(flashes) == 0 || !ok || head.Status < 300 || head.Status >= 400 {
		return head
	}
	message, err := json.Marshal(flashes)
	if err != nil {
		return head
	}
	stamped := append(binary.BigEndian.AppendUint64(nil, uint64(time.Now().Unix())), message...)
	return head.With("location", flashAppend(location, f.name+"="+f.sealer.Seal(stamped, path)))
}

// flashPath returns the path that the location leads to, and reports whether it is
// one of this site.
func flashPath(location, authority string) (string, bool) {
	if _, rest, ok := strings.Cut(location, "://"); ok && (strings.HasPrefix(location, "http://") || strings.HasPrefix(location, "https://")) {
		path, same := strings.CutPrefix(rest, authority)
		if !same || !strings.HasPrefix(path, "/") {
			return "", false
		}
		location = path
	}
	if !strings.HasPrefix(location, "/") || len(location) > 1 && isSlash(location[1]) {
		return "", false
	}
	if end := strings.IndexAny(location, "?#"); end >= 0 {
		location = location[:end]
	}
	return location, true
}

// flashAppend puts one more pair at the end of the query of a location.
func flashAppend(location, pair string) string {
	before, fragment, hasFragment := strings.Cut(location, "#")
	separator := "?"
	if strings.Contains(before, "?") {
		separator = "&"
	}
	before += separator + pair
	if hasFragment {
		before += "#" + fragment
	}
	return before
}
