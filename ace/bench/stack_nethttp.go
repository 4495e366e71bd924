package main

import (
	"context"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

type netHTTPKey string

const (
	netHTTPRequestKey netHTTPKey = "request"
	netHTTPViewerKey  netHTTPKey = "viewer"
)

// netHTTPStack returns the eight middlewares of the routed work in one.
func netHTTPStack() func(http.Handler) http.Handler {
	var m netHTTPMetrics
	return func(h http.Handler) http.Handler {
		h = netHTTPViewer(h)
		for _, field := range securityFields {
			h = netHTTPField(field, h)
		}
		return netHTTPRecover(m.count(m.time(m.identify(h))))
	}
}

func netHTTPRecover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				http.Error(w, "", http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// netHTTPMetrics is what the middlewares count.
type netHTTPMetrics struct {
	requests, identified, nanoseconds atomic.Int64
}

func (m *netHTTPMetrics) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.requests.Add(1)
		next.ServeHTTP(w, r)
	})
}

func (m *netHTTPMetrics) time(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		next.ServeHTTP(w, r)
		m.nanoseconds.Add(int64(time.Since(began)))
	})
}

func (m *netHTTPMetrics) identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := strconv.FormatInt(m.identified.Add(1), 16)
		w.Header().Set(idField, id)
		next.ServeHTTP(w, netHTTPWith(r, netHTTPRequestKey, id))
	})
}

func netHTTPField(field [2]string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(field[0], field[1])
		next.ServeHTTP(w, r)
	})
}

func netHTTPViewer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, netHTTPWith(r, netHTTPViewerKey, viewer))
	})
}

// netHTTPWith returns the request with a value in its context.
func netHTTPWith(r *http.Request, key netHTTPKey, value string) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), key, value))
}
