package main

import (
	"strconv"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

const (
	fasthttpRequestKey = "request-id"
	fasthttpViewerKey  = "viewer"
)

// fasthttpStack returns the eight middlewares of the routed work in one.
func fasthttpStack() func(fasthttp.RequestHandler) fasthttp.RequestHandler {
	var m fasthttpMetrics
	return func(h fasthttp.RequestHandler) fasthttp.RequestHandler {
		h = fasthttpViewer(h)
		for _, field := range securityFields {
			h = fasthttpField(field, h)
		}
		return fasthttpRecover(m.count(m.time(m.identify(h))))
	}
}

func fasthttpRecover(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		defer func() {
			if recover() != nil {
				ctx.Error("", fasthttp.StatusInternalServerError)
			}
		}()
		next(ctx)
	}
}

// fasthttpMetrics is what the middlewares count.
type fasthttpMetrics struct {
	requests, identified, nanoseconds atomic.Int64
}

func (m *fasthttpMetrics) count(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		m.requests.Add(1)
		next(ctx)
	}
}

func (m *fasthttpMetrics) time(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		began := time.Now()
		next(ctx)
		m.nanoseconds.Add(int64(time.Since(began)))
	}
}

func (m *fasthttpMetrics) identify(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		id := strconv.FormatInt(m.identified.Add(1), 16)
		ctx.SetUserValue(fasthttpRequestKey, id)
		ctx.Response.Header.Set(idField, id)
		next(ctx)
	}
}

func fasthttpField(field [2]string, next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.Set(field[0], field[1])
		next(ctx)
	}
}

func fasthttpViewer(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		ctx.SetUserValue(fasthttpViewerKey, viewer)
		next(ctx)
	}
}
