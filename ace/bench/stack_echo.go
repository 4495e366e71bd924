package main

import (
	"log/slog"
	"net"
	"net/http"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"
)

func serveEcho(l net.Listener, j job) error {
	e := echo.New()
	e.GET("/hello", echoHello)
	e.GET(stackedPath, echoHello, echoStack()...)
	return netHTTPServe(l, j, e)
}

func echoHello(c *echo.Context) error { return c.String(http.StatusOK, helloText) }

// echoStack returns the eight middlewares, of echo where it has one.
func echoStack() []echo.MiddlewareFunc {
	return []echo.MiddlewareFunc{
		middleware.RequestID(), echoLog(slog.New(discard{})), echoFields, echoHosts,
		middleware.Recover(), echoCache, echoCrossOrigin(http.NewCrossOriginProtection()),
		middleware.BodyLimit(stackBodyLimit),
	}
}

func echoFields(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c *echo.Context) error {
		for _, f := range stackFields {
			c.Response().Header().Set(f[0], f[1])
		}
		return next(c)
	}
}

func echoHosts(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c *echo.Context) error {
		if !stackHosts[hostOf(c.Request())] {
			return c.NoContent(http.StatusMisdirectedRequest)
		}
		return next(c)
	}
}

func echoCache(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c *echo.Context) error {
		c.Response().Header().Set("Cache-Control", stackCache)
		return next(c)
	}
}

// echoCrossOrigin has the rules of net/http checked: echo's own middleware
// wants tokens.
func echoCrossOrigin(p *http.CrossOriginProtection) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error {
			if p.Check(c.Request()) != nil {
				return c.NoContent(http.StatusForbidden)
			}
			return next(c)
		}
	}
}

// echoLog writes a line for each request.
func echoLog(logger *slog.Logger) echo.MiddlewareFunc {
	return middleware.RequestLoggerWithConfig(middleware.RequestLoggerConfig{
		LogMethod: true, LogHost: true, LogURIPath: true, LogStatus: true, LogResponseSize: true, LogLatency: true,
		LogRequestID: true, LogRemoteIP: true, LogUserAgent: true,
		LogValuesFunc: func(c *echo.Context, v middleware.RequestLoggerValues) error {
			logger.LogAttrs(c.Request().Context(), slog.LevelInfo, "request",
				slog.String("method", v.Method), slog.String("host", v.Host), slog.String("path", v.URIPath),
				slog.Int("status", v.Status), slog.Int64("out", v.ResponseSize), slog.Duration("total", v.Latency),
				slog.String("id", v.RequestID), slog.String("client", v.RemoteIP), slog.String("agent", v.UserAgent))
			return nil
		},
	})
}
