package raxxtest

import "github.com/raxx-go/raxx/raxx"

// An ask is a kind of request.
type ask struct {
	name string
	req  func(*probe) raxx.Request
	// read says that the handler reads the body; else it is left to the machine,
	// if the handler answers with one.
	read    bool
	content raxx.Data   // that the body holds
	trailer raxx.Header // behind it
	fails   bool        // the body ends with an error
	upgrade bool        // it asks for another protocol
}

// lawKey is where a request on trial carries something that somebody else has
// put there.
var lawKey = raxx.NewKey[string]("raxxtest law")

// lawNote is what a handler on trial tells a middleware further out.
var lawNote = raxx.NewKey[string]("raxxtest law")

// request returns a request whose fields nobody may change in place.
func request(p *probe, method, target string, body raxx.Body, fields ...raxx.Field) raxx.Request {
	req := raxx.New(method, target, nil)
	req.Body = body
	req.Header = p.header(append([]raxx.Field{
		{Name: "accept", Value: "*/*"}, {Name: "x-law", Value: "asked"}, {Name: "user-agent", Value: "law"}}, fields...)...)
	req.Params = guarded(p, "the parameters", raxx.Params{{Name: "law", Value: "1"}})
	req.Peer = raxx.Peer{Address: "192.0.2.7:51334", Protocol: "HTTP/1.1"}
	return lawKey.Set(req, "kept")
}

// asks returns every kind of request there is.
func asks() []ask {
	plain := func(method, target string) func(*probe) raxx.Request {
		return func(p *probe) raxx.Request { return request(p, method, target, nil) }
	}
	type1 := raxx.Field{Name: "content-type", Value: "text/plain"}
	post := func(body func(*probe) raxx.Body) func(*probe) raxx.Request {
		return func(p *probe) raxx.Request { return request(p, "POST", "/law", body(p), type1) }
	}
	sum := raxx.Header{{Name: "x-sum", Value: "9"}}
	put := func(p *probe) raxx.Request {
		body := p.upload(nil, "a", "b").WithTrailer(func() raxx.Header { return p.header(sum...) })
		return request(p, "PUT", "/law", body, type1)
	}
	return []ask{
		{name: "GET", req: plain("GET", "/law")},
		{name: "GET with a query", req: plain("GET", "/la%2Fw/%C3%A9?a=1&b=%26&a=2")},
		{name: "HEAD", req: plain("HEAD", "/law")},
		{name: "DELETE", req: plain("DELETE", "/law")},
		{name: "OPTIONS", req: plain("OPTIONS", "/law")},
		{name: "OPTIONS *", req: func(p *probe) raxx.Request {
			req := request(p, "OPTIONS", "/", nil)
			req.Path = "*"
			return req
		}},
		{name: "an unknown method", req: plain("BREW", "/law")},
		{name: "POST of nothing", req: plain("POST", "/law")},
		{name: "POST of Data", read: true, content: "a=1", req: post(func(*probe) raxx.Body { return raxx.Data("a=1") })},
		{name: "POST of Data with a trailer", read: true, content: "a=1", trailer: sum,
			req: func(p *probe) raxx.Request {
				req := request(p, "POST", "/law", raxx.Data("a=1"), type1)
				req.Trailer = p.header(sum...)
				return req
			}},
		{name: "POST of a stream that is read", read: true, content: "a=1&b=2",
			req: post(func(p *probe) raxx.Body { return p.upload(nil, "a=1", "", "&b", "=2") })},
		{name: "POST of a stream that is left", content: "a=1&b=2",
			req: post(func(p *probe) raxx.Body { return p.upload(nil, "a=1", "&b", "=2") })},
		{name: "PUT of a stream with a trailer", read: true, content: "ab", trailer: sum, req: put},
		{name: "PUT of a stream with a trailer that is left", content: "ab", trailer: sum, req: put},
		{name: "POST of a stream that fails", read: true, fails: true,
			req: post(func(p *probe) raxx.Body { return p.upload(errLaw, "a=1", "&b") })},
		{name: "GET with an upgrade", upgrade: true, req: func(p *probe) raxx.Request {
			return request(p, "GET", "/law", nil, raxx.Field{Name: "upgrade", Value: "law"})
		}},
	}
}

// handler returns the handler that answers in this way, and notes what it was
// asked.
func (p *probe) handler(k kind, a ask) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		p.called++
		p.req = req
		p.takeBody(req, a.read)
		return k.answer(p)
	}
}

// takeBody notes the body of a request; that of a stream only if it is to be
// read.
func (p *probe) takeBody(req raxx.Request, read bool) {
	switch body := req.Body.(type) {
	case raxx.Data:
		p.body, p.trailer, p.bodyEnd = body, req.Trailer, "data"
	case raxx.Stream:
		if !read {
			return
		}
		for chunk, err := range body.Chunks() {
			if err != nil {
				p.body, p.bodyEnd = "", "error"
				return
			}
			p.body += raxx.Data(chunk)
		}
		p.trailer, p.bodyEnd = body.Trailer(), "tail"
	}
}
