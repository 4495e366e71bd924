package exchange

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
)

// A fakeSender writes down what it is told to send, one line a call. It fails at
// the call that begins with failAt.
type fakeSender struct {
	calls  []string
	failAt string
}

var _ Sender = (*fakeSender)(nil)

// errSender is how a fakeSender fails.
var errSender = errors.New("the connection is lost")

func (s *fakeSender) call(format string, args ...any) error {
	line := fmt.Sprintf(format, args...)
	s.calls = append(s.calls, line)
	if s.failAt != "" && strings.HasPrefix(line, s.failAt) {
		return errSender
	}
	return nil
}

func (s *fakeSender) Publish(p raxx.Publish) { s.call("publish %s on %s", p.Message, p.Topic) }

func (s *fakeSender) Patience(p raxx.Patience) { s.call("patience %v", p.Limit) }

func (s *fakeSender) SendInform(status int, header raxx.Header) error {
	line := fmt.Sprint("inform ", status)
	for _, f := range header {
		line += " " + f.Name + "=" + f.Value
	}
	return s.call("%s", line)
}

func (s *fakeSender) SendHead(r *Reply) error {
	line := fmt.Sprintf("head %d length %d", r.Status, r.Length)
	for _, mark := range []struct {
		name string
		set  bool
	}{{"no content", r.NoContent}, {"trailer", r.Trailer}, {"close", r.Close}, {"streams", r.Streams()}} {
		if mark.set {
			line += ", " + mark.name
		}
	}
	return s.call("%s", line)
}

func (s *fakeSender) SendData(p []byte) error { return s.call("data %s", p) }

func (s *fakeSender) SendChunk(p []byte) error { return s.call("chunk %s", p) }

func (s *fakeSender) SendFile(f fs.File, n int64) error {
	content, err := io.ReadAll(io.LimitReader(f, n))
	if err != nil {
		return err
	}
	return s.call("file %s", content)
}

func (s *fakeSender) SendTail(trailer raxx.Header) error {
	line := "tail"
	for _, f := range trailer {
		line += " " + f.Name + "=" + f.Value
	}
	return s.call("%s", line)
}

// exchangeOf runs an exchange and returns its outcome and what was sent.
func exchangeOf(method string, h raxx.Handler, s *fakeSender) Outcome {
	var x Exchange
	req := raxx.New(method, "/", nil)
	x.Serve(h, &req, s, replacement)
	return x.Outcome
}

// replacement is what is sent in place of a response that can't be.
func replacement(_ raxx.Request, err error) raxx.Response {
	return raxx.Response{Status: 500, Body: raxx.Data("sorry")}
}

// respond returns a handler of one response.
func respond(resp raxx.Response) raxx.Handler {
	return func(raxx.Request) raxx.Response { return resp }
}

// stream returns a stream of these chunks, and of err behind them.
func stream(length int64, err error, chunks ...string) raxx.Stream {
	return raxx.NewStream(length, func(yield func([]byte, error) bool) {
		for _, c := range chunks {
			if !yield([]byte(c), nil) {
				return
			}
		}
		if err != nil {
			yield(nil, err)
		}
	})
}

func diff(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("got differs from want (-want +got):\n%s", d)
	}
}
