package ace

import (
	"context"

	"github.com/raxx-go/raxx/raxx"
)

// Run serves h on an address, such as "127.0.0.1:8080", ":http" or
// "unix:/run/app.sock" (see [Listen]), with the zero [Config]. When ctx ends it
// drains: it stops accepting, waits up to 30 seconds for the exchanges that have
// begun to end, and returns nil, or a [*DrainError] if some had to be cut. Any
// other end is an error.
//
// Nothing is logged, not even the panic of a handler: for that, make a Server with
// a [Config.Trace], such as that of package slogtrace.
//
//	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
//	defer stop()
//	err := ace.Run(ctx, "127.0.0.1:8080", app)
func Run(ctx context.Context, addr string, h raxx.Handler) error {
	return New(h, Config{}).Run(ctx, addr)
}
