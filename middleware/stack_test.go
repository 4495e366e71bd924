package middleware_test

import (
	"io"
	"log/slog"

	"github.com/raxx-go/raxx/raxx"
)

// stackTestHandler is what benchmarks measure the middleware around.
func stackTestHandler(raxx.Request) raxx.Response { return raxx.Text(200, "Hello") }

var stackTestQuiet = slog.New(slog.NewTextHandler(io.Discard, nil))
