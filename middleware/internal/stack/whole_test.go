package stack

import (
	"log/slog"
	"testing"
	"testing/fstest"
	"time"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/middleware/compress"
	"github.com/raxx-go/raxx/middleware/decompress"
	"github.com/raxx-go/raxx/middleware/ratelimit"
	"github.com/raxx-go/raxx/middleware/static"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// whole is every middleware there is, in the order of middleware/doc.go.
func whole() raxx.Middleware {
	secrets := [][]byte{[]byte("0123456789abcdef0123456789abcdef")}
	visits := middleware.NewSession[int]("visits")
	return raxx.Stack(
		middleware.Health{}.Middleware(),
		middleware.RequestID{}.Middleware(),
		middleware.ClientAddress{}.Middleware(),
		middleware.AccessLog{Logger: slog.New(slog.DiscardHandler)}.Middleware(),
		middleware.SecureHeaders{}.Middleware(),
		middleware.ErrorPages,
		middleware.Hosts{Allowed: []string{"example.org"}}.Middleware(),
		middleware.HTTPS{}.Middleware(),
		middleware.Recover{}.Middleware(),
		compress.Config{}.Middleware(),
		ratelimit.Limit{Policy: ratelimit.Policy{Requests: 1 << 20}}.Middleware(),
		middleware.Concurrency{}.Middleware(),
		decompress.Config{}.Middleware(),
		middleware.BodyLimit(0),
		middleware.ETag{}.Middleware(),
		middleware.CacheControl{}.Middleware(),
		middleware.CORS{Origins: []string{"https://a.example"}}.Middleware(),
		middleware.CrossOrigin{}.Middleware(),
		static.Config{}.MustNew(fstest.MapFS{"app.css": {Data: []byte(style)}}).Middleware,
		visits.Middleware(middleware.SessionConfig[int]{Secrets: secrets}),
		middleware.CSRF{Session: visits.ID}.Middleware(),
		middleware.BasicAuth{Users: map[string]string{"ada": "engine"}}.Middleware(),
		middleware.FlashQuery{Secrets: secrets}.Middleware(),
		middleware.MethodOverride{}.Middleware(),
		middleware.TrailingSlash{}.Middleware(),
		middleware.Timeout{After: time.Hour}.Middleware(),
	)
}

func TestLawsOfTheWhole(t *testing.T) {
	raxxtest.Laws(t, whole(), raxxtest.Decode(unzipped), raxxtest.Prepare(func(req raxx.Request) raxx.Request {
		req.Scheme, req.Authority = "https", "example.org"
		return req.With("accept", "text/html").With("accept-encoding", "gzip").With("sec-fetch-site", "same-origin").
			With("authorization", "Basic YWRhOmVuZ2luZQ==")
	}))
}
