package main

import (
	"crypto/sha256"
	"errors"
	"log/slog"
	"time"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/middleware/ratelimit"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/router"
)

// settings are what differs between one server and another.
type settings struct {
	host    string // "" in development
	origins []string
	tokens  map[[sha256.Size]byte]user
	isReady func() bool
	logger  *slog.Logger
}

// A user is who a token stands for.
type user struct {
	Name string `json:"name"`
}

// who is the user of a request that has passed the token.
var who = raxx.NewKey[user]("user")

// newAPI returns the whole API: the stack, and the routes behind it.
func newAPI(s settings) raxx.Handler {
	defaults := middleware.Default{
		Development: s.host == "",
		IsReady:     s.isReady,
		Logger:      s.logger,
		// Pages of these origins may change something; CORS says what they may read.
		CrossOrigin: middleware.CrossOrigin{Trusted: s.origins},
	}
	if s.host != "" {
		defaults.Hosts = []string{s.host}
	}
	stack := []raxx.Middleware{
		defaults.Middleware(),
		ratelimit.Limit{Policy: ratelimit.Policy{Requests: 120, Per: time.Minute}}.Middleware(),
	}
	if len(s.origins) > 0 {
		stack = append(stack, middleware.CORS{
			Origins: s.origins,
			Methods: []string{"PUT", "DELETE"},
			Headers: []string{"authorization", "content-type"},
			Expose:  []string{"location"},
		}.Middleware())
	}
	return raxx.Stack(stack...)(routes(newShelf(), s.tokens).Handle)
}

func routes(s *shelf, known map[[sha256.Size]byte]user) *router.Router {
	token := middleware.Bearer[user]{Key: who, Verify: func(_ raxx.Request, token string) (user, bool, error) {
		u, ok := known[sha256.Sum256([]byte(token))]
		return u, ok, nil
	}}
	return router.MustNew(
		router.Group("/v1", nil,
			router.Get("/books", raxx.Try(s.list, failure)),
			router.Get("/books/:id", raxx.Try(s.show, failure)),
			router.Group("", token.Middleware(),
				router.Get("/me", me),
				router.Post("/books", raxx.In(64<<10, s.create, failure)),
				router.Put("/books/:id", raxx.In(64<<10, s.replace, failure)),
				router.Delete("/books/:id", raxx.Try(s.remove, failure)),
			),
		),
	)
}

func me(req raxx.Request) raxx.Response { return raxx.JSON(200, who.Get(req)) }

// failure says which response an error of this application is. Those of package
// raxx know it themselves.
func failure(err error) raxx.Response {
	switch {
	case errors.Is(err, errNoBook):
		return raxx.Problem(404, "there is no such book")
	case errors.Is(err, errNotYours):
		return raxx.Problem(403, "this book was added by somebody else")
	}
	return raxx.Response{} // not one of ours
}
