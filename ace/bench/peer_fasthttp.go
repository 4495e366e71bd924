package main

import (
	"encoding/json"
	"net"
	"strings"

	"github.com/fasthttp/router"
	"github.com/valyala/fasthttp"
)

func serveFasthttp(l net.Listener, j job) error {
	s := fasthttpServer(j)
	if j.work.protocol.secure() {
		return s.ServeTLS(l, j.certificate(), j.key())
	}
	return s.Serve(l)
}

func serveFasthttpReduced(l net.Listener, j job) error {
	s := fasthttpServer(j)
	s.ReduceMemoryUsage = true
	return s.Serve(l)
}

func fasthttpServer(j job) *fasthttp.Server {
	// Like the other peers but nginx, it sends no field "server".
	return &fasthttp.Server{Handler: fasthttpHandler(j), NoDefaultServerHeader: true}
}

// fasthttpHandler switches over the path, and leaves what has parameters to a
// router.
func fasthttpHandler(j job) fasthttp.RequestHandler {
	files := (&fasthttp.FS{Root: j.dir}).NewRequestHandler()
	routed, delays := fasthttpRoutes(), newDelays()
	return func(ctx *fasthttp.RequestCtx) {
		switch string(ctx.Path()) {
		case "/hello":
			ctx.SetContentType(textType)
			ctx.SetBodyString(helloText)
		case "/article":
			fasthttpArticle(ctx)
		case "/" + fileName:
			files(ctx)
		case "/echo":
			ctx.SetContentType(bytesType)
			ctx.SetBody(ctx.PostBody())
		case sleepPath, computePath, blockPath:
			ctx.SetStatusCode(delays[string(ctx.Path())].pass())
			ctx.SetContentType(textType)
			ctx.SetBodyString(helloText)
		default:
			routed(ctx)
		}
	}
}

// fasthttpRoutes returns the routed work and its siblings.
func fasthttpRoutes() fasthttp.RequestHandler {
	stack := fasthttpStack()
	r := router.New()
	r.GET(braces(routedPattern), stack(fasthttpPost))
	for _, pattern := range siblings {
		r.GET(braces(pattern), stack(fasthttpSibling))
	}
	return r.Handler
}

func fasthttpArticle(ctx *fasthttp.RequestCtx) {
	data, err := json.Marshal(theArticle)
	if err != nil {
		ctx.Error("", fasthttp.StatusInternalServerError)
		return
	}
	ctx.SetContentType(jsonType)
	ctx.Response.SetBodyRaw(data)
}

func fasthttpPost(ctx *fasthttp.RequestCtx) {
	user, _ := ctx.UserValue("user").(string)
	post, _ := ctx.UserValue("post").(string)
	viewer, _ := ctx.UserValue(fasthttpViewerKey).(string)
	ctx.SetContentType(textType)
	ctx.SetBodyString(routedReply(user, post, viewer))
}

// fasthttpSibling answers on routes that nobody asks for.
func fasthttpSibling(ctx *fasthttp.RequestCtx) {
	ctx.SetBodyString(strings.ToUpper(string(ctx.Path())))
}
