package main

import (
	"context"
	"net"
	"os"
	"strings"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/router"
)

func serveAce(l net.Listener, j job) error {
	root, err := os.OpenRoot(j.dir)
	if err != nil {
		return err
	}
	r, err := router.New(aceRoutes(root)...)
	if err != nil {
		return err
	}
	config := ace.Config{}
	if j.work.protocol.secure() {
		if config.TLS, err = j.tlsConfig(); err != nil {
			return err
		}
	}
	return ace.New(r.Handle, config).RunEndpoints(context.Background(), ace.Endpoint{Listener: l})
}

// aceRoutes are all works, and the siblings of the routed one.
func aceRoutes(root *os.Root) []router.Route {
	routes := []router.Route{
		router.Get("/hello", aceHello),
		router.Get("/article", func(raxx.Request) raxx.Response { return raxx.JSON(200, theArticle) }),
		router.Get("/"+fileName, func(raxx.Request) raxx.Response {
			return raxx.Reply(200, bytesType, raxx.NewFile(root.FS(), fileName))
		}),
		router.Post("/echo", func(req raxx.Request) raxx.Response {
			return raxx.Reply(200, bytesType, req.Body)
		}).Streamed(),
	}
	for path, d := range newDelays() {
		routes = append(routes, router.Get(path, func(raxx.Request) raxx.Response {
			return raxx.Text(d.pass(), helloText)
		}))
	}
	routes = append(routes, router.Group("", raxxStack(), router.Get(stackedPath, aceHello)))
	routed := []router.Route{router.Get(routedPattern, acePost)}
	for _, pattern := range siblings {
		routed = append(routed, router.Get(pattern, aceSibling))
	}
	return append(routes, router.Group("", aceStack(), routed...))
}

func aceHello(raxx.Request) raxx.Response { return raxx.Text(200, helloText) }

func acePost(req raxx.Request) raxx.Response {
	text := routedReply(req.Params.Get("user"), req.Params.Get("post"), viewerKey.Get(req))
	return raxx.Text(200, text)
}

// aceSibling answers on routes that nobody asks for.
func aceSibling(req raxx.Request) raxx.Response {
	return raxx.Text(200, strings.ToUpper(req.Pattern))
}
