package raxxtest

import (
	"encoding/hex"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// inHex is a middleware that changes the content of every response, piece by
// piece.
func inHex(next raxx.Handler) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		resp := next(req)
		if resp.Status == 101 {
			return resp
		}
		if m, ok := resp.Body.(raxx.Machine); ok {
			if resp.Status != 0 {
				resp = resp.Without("content-length").With("content-encoding", "hex")
			}
			resp.Body = raxx.NewMachine(hexMachine{m, resp.Status == 0}, hexMachine.step)
			return resp
		}
		return hexBody(resp)
	}
}

func hexBody(resp raxx.Response) raxx.Response {
	if resp.Body == nil {
		return resp
	}
	body := resp.Body
	coded := raxx.NewStream(-1, func(yield func([]byte, error) bool) {
		for chunk, err := range raxx.Chunks(body) {
			if !yield(hex.AppendEncode(nil, chunk), err) {
				return
			}
		}
	})
	if s, ok := body.(raxx.Stream); ok && s.HasTrailer() {
		coded = coded.WithTrailer(s.Trailer)
	}
	resp.Body = coded
	return resp.Without("content-length").With("content-encoding", "hex")
}

type hexMachine struct {
	inner    raxx.Machine
	deferred bool
}

func (m hexMachine) step(event raxx.Event) (hexMachine, []raxx.Part) {
	var parts []raxx.Part
	m.inner, parts = m.inner.Step(event)
	parts = slices.Clone(parts)
	for i, part := range parts {
		switch part := part.(type) {
		case raxx.Response:
			switch {
			case part.Body != nil:
				parts[i] = hexBody(part)
			case part.Status == 101:
				m.inner, parts[i] = raxx.NewMachine(plain{m.inner}, plain.step), part
			default:
				parts[i] = part.With("content-encoding", "hex")
			}
		case raxx.Data:
			if _, upgraded := m.inner.State().(plain); !upgraded {
				parts[i] = raxx.Data(hex.EncodeToString([]byte(part)))
			}
		}
	}
	return m, parts
}

func (m hexMachine) LastWords() raxx.Data {
	words := m.inner.LastWords()
	if _, upgraded := m.inner.State().(plain); upgraded {
		return words
	}
	return raxx.Data(hex.EncodeToString([]byte(words)))
}

// plain marks a machine that speaks another protocol.
type plain struct{ raxx.Machine }

func (p plain) step(event raxx.Event) (plain, []raxx.Part) {
	m, parts := p.Step(event)
	return plain{m}, parts
}

func fromHex(head raxx.Response, content raxx.Data) (raxx.Data, error) {
	if head.Header.Get("content-encoding") != "hex" {
		return content, nil
	}
	plain, err := hex.DecodeString(string(content))
	return raxx.Data(plain), err
}

func TestDecode(t *testing.T) {
	Laws(t, inHex, Decode(fromHex))
	if found := breaches(inHex); len(found) == 0 {
		t.Error("without Decode content may change")
	}
	garbled := func(raxx.Response, raxx.Data) (raxx.Data, error) { return "", errLaw }
	if !slices.ContainsFunc(breaches(raxx.Stack(), Decode(garbled)), func(b breach) bool {
		return b.law == lawContent && strings.Contains(b.detail, "can't be decoded")
	}) {
		t.Error("content that can't be decoded is no breach")
	}
}

// A middleware that codes must not gather.
func TestDecodeFindsWhatIsHeldBack(t *testing.T) {
	gathers := raxx.Stack(inHex, changingStreams(func(s raxx.Stream) iter.Seq2[[]byte, error] { return batched(s) }))
	if !slices.ContainsFunc(breaches(gathers, Decode(fromHex)), func(b breach) bool { return b.law == lawFlush }) {
		t.Error("it was not found")
	}
}

func TestPrepare(t *testing.T) {
	guard := func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			if req.Header.Get("authorization") != "ok" {
				return raxx.Problem(401, "").With("www-authenticate", "Basic")
			}
			return next(req)
		}
	}
	Laws(t, guard, Prepare(func(req raxx.Request) raxx.Request { return req.With("authorization", "ok") }))
	if found := breaches(guard); len(found) == 0 || found[0].law != lawReached {
		t.Errorf("a middleware that lets nothing through keeps the laws: %v", found)
	}
}

func TestCompletes(t *testing.T) {
	whole := raxx.MapRequest(func(req raxx.Request) raxx.Request {
		if s, ok := req.Body.(raxx.Stream); ok {
			req.Body = raxx.NewStream(-1, buffered(s)).WithTrailer(s.Trailer)
		}
		return req
	})
	Laws(t, whole, Completes())
	if found := breaches(whole); len(found) == 0 || found[0].law != lawFlush {
		t.Errorf("without Completes a body may be gathered: %v", found)
	}
}

func TestReplaces(t *testing.T) {
	pages := raxx.MapResponse(func(resp raxx.Response) raxx.Response {
		if _, machine := resp.Body.(raxx.Machine); resp.Status == 404 && !machine {
			return raxx.HTML(404, "<h1>Not here</h1>")
		}
		return resp
	})
	Laws(t, pages, Replaces(func(head raxx.Response) bool { return head.Status == 404 }))
	if len(breaches(pages)) == 0 {
		t.Error("without Replaces a response may be replaced")
	}
}
