package raxxtest_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"testing/fstest"
	"time"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
	"github.com/raxx-go/raxx/raxx/sse"
)

// Ten things that people build, and how a test of each reads. There is no socket,
// no goroutine and no sleep in any of them.

func hello(raxx.Request) raxx.Response { return raxx.Text(200, "Hello") }

// Story 1, hello: a handler is a function, so a test calls it.
func Example_hello() {
	resp := hello(raxx.Get("/"))
	fmt.Println(resp.Status, resp.Body)
	// Output: 200 Hello
}

type item struct {
	Name  string `json:"name"`
	Price int    `json:"price"`
}

func (i item) Validate() error {
	if i.Price < 0 {
		return raxx.Invalid{{Pointer: "#/price", Detail: "must not be negative"}}
	}
	return nil
}

// Story 2, JSON, path parameters, validation: what is wrong with a request is
// answered before the function is called.
func Example_json() {
	put := raxx.In(1<<20, func(req raxx.Request, in item) (raxx.Response, error) {
		id, err := raxx.ParamAs[int64](req, "id")
		if err != nil {
			return raxx.Response{}, err
		}
		return raxx.JSON(200, map[string]any{"id": id, "name": in.Name, "price": in.Price}), nil
	})
	ask := func(id string, json raxx.Data) {
		req := raxx.Put("/items/"+id, "application/json", json).WithParams(raxx.Param{Name: "id", Value: id})
		resp := put(req)
		fmt.Println(resp.Status, strings.TrimSpace(string(resp.Body.(raxx.Data))))
	}
	ask("7", `{"name":"tea","price":3}`)
	ask("7", `{"name":"tea","price":-3}`)
	ask("7", `{"nam":"tea"}`)
	ask("x", `{"name":"tea"}`)
	// Output:
	// 200 {"id":7,"name":"tea","price":3}
	// 422 {"title":"Unprocessable Content","status":422,"errors":[{"pointer":"#/price","detail":"must not be negative"}]}
	// 400 {"title":"Bad Request","status":400,"detail":"the field \"nam\" is not known"}
	// 404 {"title":"Not Found","status":404,"detail":"the parameter \"id\" should be an integer of 64 bits"}
}

// An upload is stored piece by piece, as it comes. Its handler answers before the
// body is there, with a machine.
type upload struct {
	store func(raxx.Data)
	size  int
}

const uploadLimit = 16

func (u upload) step(event raxx.Event) (upload, []raxx.Part) {
	switch event := event.(type) {
	case raxx.Data:
		if u.size += len(event); u.size > uploadLimit {
			return u, []raxx.Part{raxx.Problem(413, "16 bytes are enough")}
		}
		u.store(event)
	case raxx.Tail:
		return u, []raxx.Part{raxx.Text(201, strconv.Itoa(u.size)).With("location", "/uploads/1")}
	}
	return u, nil
}

// Story 3, an upload with a limit: what the client sends are events.
func Example_upload() {
	stored := ""
	handler := func(raxx.Request) raxx.Response {
		return raxx.Defer(raxx.NewMachine(upload{store: func(d raxx.Data) { stored += string(d) }}, upload.step))
	}
	for _, body := range []raxx.Stream{
		raxxtest.Chunks("hello, ", "you"),
		raxxtest.Chunks("more than ", "16 bytes", " are too much"),
		raxxtest.Broken(errors.New("the cable was cut"), "hel"),
	} {
		stored = ""
		x := raxxtest.NewServer(handler).Serve(raxx.Post("/uploads", "text/plain", body))
		resp, err := x.Response()
		fmt.Printf("%d, stored %q, %v\n", resp.Status, stored, err)
	}
	// Output:
	// 201, stored "hello, you", <nil>
	// 413, stored "more than ", <nil>
	// 0, stored "hel", raxxtest: the exchange was closed: the client has gone away
}

func clock(n int, event raxx.Event) (int, []raxx.Part) {
	switch event.(type) {
	case raxx.Open:
		return n, []raxx.Part{raxx.After{Delay: time.Minute}}
	case raxx.Timer:
		return n + 1, []raxx.Part{sse.Event{Type: "minute", Data: strconv.Itoa(n + 1)}, raxx.After{Delay: time.Minute}}
	}
	return n, nil
}

// Story 4, an event stream: time is made by hand.
func Example_ticker() {
	server := raxxtest.NewServer(func(req raxx.Request) raxx.Response {
		return sse.Stream(req, sse.Config{Retry: 2 * time.Second, Spread: -1}, raxx.NewMachine(0, clock))
	})
	page, err := server.EventSource(raxx.Get("/minutes"))
	fmt.Println(err)
	server.Advance(time.Hour)
	events := page.Events()
	fmt.Println(len(events), events[59].Type, events[59].Data)
	server.Drain()
	fmt.Println(page.Ended(), page.Retry())
	// Output:
	// <nil>
	// 60 minute 60
	// true 2s
}

type account struct{ Name string }

var user = raxx.NewKey[account]("user")

func auth(next raxx.Handler) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		name, ok := strings.CutPrefix(req.Header.Get("authorization"), "Bearer token-of-")
		if !ok {
			return raxx.Problem(401, "").With("www-authenticate", "Bearer")
		}
		return next(user.Set(req, account{name}))
	}
}

// Story 6, a middleware that adds a user: one call shows what it does, and Laws,
// in a test, that it does nothing else.
func Example_auth() {
	whoami := auth(func(req raxx.Request) raxx.Response { return raxx.Text(200, user.Get(req).Name) })
	fmt.Println(whoami(raxx.Get("/")).Status)
	fmt.Println(whoami(raxx.Get("/").With("authorization", "Bearer token-of-ada")).Body)

	// In a test:
	//	raxxtest.Laws(t, auth, raxxtest.Prepare(func(req raxx.Request) raxx.Request {
	//		return req.With("authorization", "Bearer token-of-ada")
	//	}))

	// Output:
	// 401
	// ada
}

var errSoldOut = errors.New("sold out")

// Story 7, errors become responses in one place, and ride along for the log.
func Example_errors() {
	mapErr := func(err error) raxx.Response {
		if errors.Is(err, errSoldOut) {
			return raxx.Problem(409, "there is none left")
		}
		return raxx.Response{}
	}
	for _, err := range []error{fmt.Errorf("tea: %w", errSoldOut), errors.New("disk full"), &raxx.Error{Status: 404}} {
		buy := raxx.Try(func(raxx.Request) (raxx.Response, error) { return raxx.Response{}, err }, mapErr)
		resp := buy(raxx.Post("/orders", "text/plain", nil))
		fmt.Printf("%d %s (log: %v)\n", resp.Status, resp.Body, resp.Cause)
	}
	// Output:
	// 409 {"title":"Conflict","status":409,"detail":"there is none left"} (log: tea: sold out)
	// 500 {"title":"Internal Server Error","status":500} (log: disk full)
	// 404 {"title":"Not Found","status":404} (log: 404 Not Found)
}

// assets serves files with what caches need.
func assets(files fs.FS) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		name := strings.TrimPrefix(req.Path, "/")
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return raxx.Problem(404, "")
		}
		resp := raxx.Reply(200, "text/css", raxx.NewFile(files, name).Range(0, int64(len(content)))).
			With("etag", raxx.StrongETag(raxx.Data(content)).String()).
			With("cache-control", "max-age=31536000, immutable")
		return raxx.Partial(req, raxx.Conditional(req, resp))
	}
}

// Story 8, static files with caching: what a browser asks the second time.
func Example_static() {
	site := assets(fstest.MapFS{"app.css": {Data: []byte("body { margin: 0 }")}})
	first := site(raxx.Get("/app.css"))
	again := site(raxx.Get("/app.css").With("if-none-match", first.Header.Get("etag")))
	part := site(raxx.Get("/app.css").With("range", "bytes=0-3"))
	fmt.Println(first.Status, again.Status, part.Status, part.Header.Get("content-range"))
	whole, err := raxx.Collect(part)
	fmt.Println(whole.Body, err)
	fmt.Println(site(raxx.Get("/../etc/passwd")).Status)
	// Output:
	// 200 304 206 bytes 0-3/18
	// body <nil>
	// 404
}

// proxy hands requests on to another service, which is a handler, too.
func proxy(host string, upstream raxx.Handler) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		req.Authority = host
		return raxx.OnHead(upstream(req.Add("x-forwarded-host", "shop.example")), func(resp raxx.Response) raxx.Response {
			return resp.Without("server")
		})
	}
}

// Story 9, a proxy: what a service answers streams through, and one that is not at
// hand is played from a tape.
func Example_proxy() {
	service := func(req raxx.Request) raxx.Response {
		resp := raxx.Reply(200, "text/csv", raxxtest.Chunks("name,price\n", "tea,3\n"))
		return resp.With("server", "upstream").With("x-host", req.Authority)
	}
	tape := &raxxtest.Tape{}
	resp, err := raxx.Collect(proxy("10.0.0.7", tape.Record(service))(raxx.Get("/prices.csv")))
	fmt.Printf("%d %v %q %v\n", resp.Status, resp.Header, resp.Body, err)

	gone := func(raxx.Request) raxx.Response { return raxx.Problem(502, "") }
	played := proxy("10.0.0.7", tape.Replay(gone))
	fmt.Printf("%q\n", played(raxx.Get("/prices.csv")).Body)
	fmt.Println(played(raxx.Get("/other")).Status)
	// Output:
	// 200 [{content-type text/csv} {x-host 10.0.0.7}] "name,price\ntea,3\n" <nil>
	// "name,price\ntea,3\n"
	// 502
}

// Story 10, tests of whole sites: a browser that keeps cookies and follows
// redirects. A test checks what has to be true of every page with Site, and pages
// that should not change with Golden.
func Example_site() {
	site := func(req raxx.Request) raxx.Response {
		name, known := req.Cookie("name")
		switch {
		case req.Method == "POST":
			form, _ := raxx.ReadForm(req, 0)
			return raxx.SeeOther("/").WithCookie(raxx.Cookie{Name: "name", Value: form.Get("name"), Secure: true})
		case known:
			return raxx.HTML(200, "<h1>Hello, "+name+"</h1>")
		}
		return raxx.HTML(200, "<form method=post><input name=name></form>")
	}
	browser := raxxtest.NewBrowser(site)
	page, _ := browser.Visit("/")
	fmt.Println(page.Body)
	page, _ = browser.Submit("", raxx.Values{{Name: "name", Value: "Ada"}})
	fmt.Println(page.Body, browser.URL())
	// Output:
	// <form method=post><input name=name></form>
	// <h1>Hello, Ada</h1> https://localhost/
}
