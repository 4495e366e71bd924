package main

import (
	"strconv"
	"sync/atomic"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

var (
	requestKey = raxx.NewKey[string]("request")
	viewerKey  = raxx.NewKey[string]("viewer")
)

// aceStack returns the eight middlewares of the routed work.
func aceStack() raxx.Middleware {
	var m aceMetrics
	return raxx.Stack(
		aceRecover, m.count, m.time, m.identify,
		aceField(securityFields[0]), aceField(securityFields[1]), aceField(securityFields[2]),
		aceViewer,
	)
}

func aceRecover(next raxx.Handler) raxx.Handler {
	return func(req raxx.Request) (resp raxx.Response) {
		defer func() {
			if recover() != nil {
				resp = raxx.Problem(500, "")
			}
		}()
		return next(req)
	}
}

// aceMetrics is what the middlewares count.
type aceMetrics struct {
	requests, identified, nanoseconds atomic.Int64
}

func (m *aceMetrics) count(next raxx.Handler) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		m.requests.Add(1)
		return next(req)
	}
}

func (m *aceMetrics) time(next raxx.Handler) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		began := time.Now()
		resp := next(req)
		m.nanoseconds.Add(int64(time.Since(began)))
		return resp
	}
}

func (m *aceMetrics) identify(next raxx.Handler) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		id := strconv.FormatInt(m.identified.Add(1), 16)
		return raxx.OnHead(next(requestKey.Set(req, id)), func(resp raxx.Response) raxx.Response {
			return resp.With(idField, id)
		})
	}
}

func aceField(field [2]string) raxx.Middleware {
	return raxx.MapResponse(func(resp raxx.Response) raxx.Response {
		return resp.With(field[0], field[1])
	})
}

func aceViewer(next raxx.Handler) raxx.Handler {
	return func(req raxx.Request) raxx.Response { return next(viewerKey.Set(req, viewer)) }
}
