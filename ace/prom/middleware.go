package prom

import (
	"strconv"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// Middleware returns a middleware that counts requests by their route. See the
// package's documentation for where it belongs. A panic counts as status 500, and
// goes on.
func (m *Metrics) Middleware() raxx.Middleware {
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			m.inFlight.Inc()
			if !req.Scope.OnEnd(func(raxx.Ending) { m.inFlight.Dec() }) {
				defer m.inFlight.Dec() // nobody will tell
			}
			asked := request{m, method(req.Method), req.Pattern, time.Now()}
			returned := false
			defer func() {
				if !returned {
					asked.answered(raxx.StatusInternalServerError)
				}
			}()
			resp := next(req)
			returned = true
			return raxx.OnHead(resp, func(head raxx.Response) raxx.Response {
				asked.answered(head.Status)
				return head
			})
		}
	}
}

// A request is what is known of one until the head of its reply is.
type request struct {
	metrics       *Metrics
	method, route string
	begun         time.Time
}

func (r request) answered(status int) {
	r.metrics.requests.WithLabelValues(r.method, r.route, strconv.Itoa(status)).Observe(time.Since(r.begun).Seconds())
}
