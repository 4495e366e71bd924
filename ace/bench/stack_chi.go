package main

import (
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

func serveChi(l net.Listener, j job) error {
	r := chi.NewRouter()
	r.Get("/hello", netHTTPHello)
	r.With(chiStack()...).Get(stackedPath, netHTTPHello)
	return netHTTPServe(l, j, r)
}

// chiStack returns the eight middlewares, of chi where it has one.
func chiStack() []func(http.Handler) http.Handler {
	return []func(http.Handler) http.Handler{
		middleware.RequestID, middleware.RequestLogger(chiLog{slog.New(discard{})}), chiFields, chiHosts,
		middleware.Recoverer, middleware.SetHeader("Cache-Control", stackCache),
		http.NewCrossOriginProtection().Handler, middleware.RequestSize(stackBodyLimit),
	}
}

func chiFields(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, f := range stackFields {
			w.Header().Set(f[0], f[1])
		}
		next.ServeHTTP(w, r)
	})
}

func chiHosts(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !stackHosts[hostOf(r)] {
			http.Error(w, "", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hostOf returns the host that the request is for, without the port.
func hostOf(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.Host); err == nil {
		return host
	}
	return r.Host
}

// A chiLog writes a line for each request.
type chiLog struct{ logger *slog.Logger }

// NewLogEntry begins the line of a request.
func (l chiLog) NewLogEntry(r *http.Request) middleware.LogEntry { return chiLine{l.logger, r} }

// A chiLine is the line of a request.
type chiLine struct {
	logger *slog.Logger
	r      *http.Request
}

// Write writes the line at the end of the request.
func (l chiLine) Write(status, bytes int, _ http.Header, elapsed time.Duration, _ any) {
	l.logger.LogAttrs(l.r.Context(), slog.LevelInfo, "request",
		slog.String("method", l.r.Method), slog.String("host", l.r.Host), slog.String("path", l.r.URL.Path),
		slog.Int("status", status), slog.Int("out", bytes), slog.Duration("total", elapsed),
		slog.String("id", middleware.GetReqID(l.r.Context())), slog.String("client", l.r.RemoteAddr),
		slog.String("agent", l.r.UserAgent()))
}

// Panic writes a line about a panic.
func (l chiLine) Panic(v any, stack []byte) {
	l.logger.LogAttrs(l.r.Context(), slog.LevelError, "panic", slog.Any("value", v), slog.String("stack", string(stack)))
}
