package compress

import (
	"testing"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

func TestLaws(t *testing.T) {
	for _, accept := range []string{"gzip", "br", "zstd", "identity"} {
		for _, c := range []Config{{}, {MinSize: -1}} {
			raxxtest.Laws(t, c.Middleware(),
				raxxtest.Prepare(func(req raxx.Request) raxx.Request { return req.With("accept-encoding", accept) }),
				raxxtest.Decode(func(head raxx.Response, content raxx.Data) (raxx.Data, error) {
					coding := head.Header.Get("content-encoding")
					if content == "" {
						return "", nil
					}
					return raxx.Data(decoded(t, coding, []byte(content))), nil
				}))
		}
	}
	raxxtest.Laws(t, Off)
}
