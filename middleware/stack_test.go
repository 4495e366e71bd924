package middleware_test

import (
	"fmt"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
)

// stackTestHandler is what benchmarks measure the middleware around.
func stackTestHandler(raxx.Request) raxx.Response { return raxx.Text(200, "Hello") }

var stackTestQuiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// A codec that keeps nothing of the data it is handed is believed behind a stack,
// too, and its last words are heard.
func TestStackOfMachinesAnswersForTheOneWithin(t *testing.T) {
	for name, m := range map[string]raxx.Middleware{
		"AccessLog": middleware.AccessLog{Logger: slog.New(slog.DiscardHandler)}.Middleware(),
		"Recover":   middleware.Recover{}.Middleware(),
		"Timeout":   middleware.Timeout{After: time.Hour}.Middleware(),
		"BodyLimit": middleware.BodyLimit(1 << 20),
	} {
		for _, borrows := range []bool{true, false} {
			inner := raxx.Defer(raxx.NewMachine(borrower(borrows), func(b borrower, _ raxx.Event) (borrower, []raxx.Part) { return b, nil }))
			req := raxx.Post("/", "text/plain", raxx.NewStream(-1, func(func([]byte, error) bool) {}))
			resp := m(func(raxx.Request) raxx.Response { return inner })(req)
			machine, ok := resp.Body.(raxx.Machine)
			if !ok || machine.Borrows() != borrows {
				t.Errorf("%s around a machine that borrows %v: %v", name, borrows, machine.Borrows())
			}
			if got, want := machine.LastWords(), borrower(borrows).LastWords(); got != want {
				t.Errorf("%s around a machine says last %q, want %q", name, got, want)
			}
		}
	}
}

type borrower bool

func (b borrower) BorrowsData() bool { return bool(b) }

func (b borrower) LastWords() raxx.Data { return raxx.Data(fmt.Sprint(b)) }
