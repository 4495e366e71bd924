package raxx_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

func greet(req raxx.Request) raxx.Response {
	return raxx.Text(200, "Hello, "+req.Params.Get("name"))
}

// A handler is a function and its answer is a value, so a test compares.
func Example() {
	got := greet(raxx.Get("/hello/Ada").WithParams(raxx.Param{Name: "name", Value: "Ada"}))
	fmt.Print(cmp.Diff(raxx.Text(200, "Hello, Ada"), got))
	fmt.Println(got.Status, got.Body)
	// Output: 200 Hello, Ada
}

func ExampleMiddleware() {
	powered := raxx.MapResponse(func(resp raxx.Response) raxx.Response {
		return resp.With("x-powered-by", "raxx")
	})
	resp := powered(greet)(raxx.Get("/"))
	fmt.Println(resp.Header.Get("x-powered-by"))
	// Output: raxx
}

func ExampleTry() {
	errNotFound := errors.New("no such user")
	show := raxx.Try(
		func(req raxx.Request) (raxx.Response, error) {
			return raxx.Response{}, fmt.Errorf("user 7: %w", errNotFound)
		},
		func(err error) raxx.Response {
			if errors.Is(err, errNotFound) {
				return raxx.Problem(404, "there is no such user")
			}
			return raxx.Response{} // not ours
		})

	resp := show(raxx.Get("/users/7"))
	fmt.Println(resp.Body)
	fmt.Println("for the log:", resp.Cause)
	// Output:
	// {"title":"Not Found","status":404,"detail":"there is no such user"}
	// for the log: user 7: no such user
}

type NewUser struct {
	Name string `json:"name"`
}

func (u NewUser) Validate() error {
	var faults raxx.Invalid
	if u.Name == "" {
		faults = append(faults, raxx.FieldFault{Pointer: "#/name", Detail: "must not be empty"})
	}
	return faults.Err()
}

func ExampleIn() {
	create := raxx.In(1<<10, func(req raxx.Request, in NewUser) (raxx.Response, error) {
		return raxx.JSON(201, in), nil
	})
	for _, body := range []raxx.Data{`{"name":"Ada"}`, `{"name":""}`, `{"nome":"Ada"}`} {
		resp := create(raxx.Post("/users", "application/json", body))
		fmt.Println(resp.Status, resp.Body)
	}
	// Output:
	// 201 {"name":"Ada"}
	// 422 {"title":"Unprocessable Content","status":422,"errors":[{"pointer":"#/name","detail":"must not be empty"}]}
	// 400 {"title":"Bad Request","status":400,"detail":"the field \"nome\" is not known"}
}

// A lenientUser takes what clients send beside its fields, now or one day.
type lenientUser struct{ NewUser }

func (u *lenientUser) UnmarshalJSON(text []byte) error { return json.Unmarshal(text, &u.NewUser) }

func ExampleDecodeJSON_otherFields() {
	var u lenientUser
	err := raxx.DecodeJSON(`{"name":"Ada","id":7}`, &u)
	fmt.Println(u.Name, err)
	// Output: Ada <nil>
}

var userKey = raxx.NewKey[string]("user")

// A middleware hands what it found out to the handler under a typed key.
func ExampleKey() {
	authenticate := func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			user, ok := req.Cookie("user")
			if !ok {
				return raxx.Problem(401, "")
			}
			return next(userKey.Set(req, user))
		}
	}
	home := authenticate(func(req raxx.Request) raxx.Response {
		return raxx.Text(200, "Welcome back, "+userKey.Get(req))
	})

	fmt.Println(home(raxx.Get("/")).Status)
	fmt.Println(home(raxx.Get("/").WithCookie("user", "Ada")).Body)
	// Output:
	// 401
	// Welcome back, Ada
}

// A stream is pulled by the server after the handler has returned; in a test
// Collect does that.
func ExampleStream() {
	count := func(req raxx.Request) raxx.Response {
		return raxx.Reply(200, "text/csv", raxx.NewStream(-1, func(yield func([]byte, error) bool) {
			for i := range 3 {
				if !yield(fmt.Appendf(nil, "%d,%d\n", i, i*i), nil) {
					return // the client has gone away
				}
			}
		}))
	}
	resp, err := raxx.Collect(count(raxx.Get("/squares")))
	fmt.Printf("%v %q\n", err, resp.Body)
	// Output: <nil> "0,0\n1,1\n2,4\n"
}

func ExampleMultipart() {
	upload := raxx.Try(func(req raxx.Request) (raxx.Response, error) {
		var names []string
		for part, err := range raxx.Multipart(req, raxx.MultipartLimits{}) {
			if err != nil {
				return raxx.Response{}, err
			}
			data, err := raxx.ReadAll(part.Body, 1<<20)
			if err != nil {
				return raxx.Response{}, err
			}
			names = append(names, fmt.Sprintf("%s %q (%d bytes)", part.Name, part.BaseName(), len(data)))
		}
		return raxx.Text(200, strings.Join(names, "\n")), nil
	})

	contentType, body := raxx.MultipartBody(
		raxx.FormPart{Name: "title", Body: raxx.Data("Cats")},
		raxx.FormPart{Name: "photo", Filename: "../cat.png", Body: raxx.Data("PNG")},
	)
	fmt.Println(upload(raxx.Post("/photos", contentType, body)).Body)
	// Output:
	// title "" (4 bytes)
	// photo "cat.png" (3 bytes)
}

func ExampleAccepts() {
	req := raxx.Get("/users").With("accept", "text/html, application/json;q=0.9, */*;q=0.1")
	fmt.Println(raxx.Accepts(req, "application/json", "text/csv"))
	// Output: application/json
}

func ExampleConditional() {
	h := func(req raxx.Request) raxx.Response {
		page := raxx.Data("<p>Hello")
		return raxx.Conditional(req, raxx.HTML(200, string(page)).With("etag", raxx.StrongETag(page).String()))
	}
	first := h(raxx.Get("/"))
	again := h(raxx.Get("/").With("if-none-match", first.Header.Get("etag")))
	fmt.Println(first.Status, again.Status)
	// Output: 200 304
}

// A handler behind a route such as /files/*path. The files may also be those of
// an embed.FS or of an os.Root.
func ExamplePartial() {
	files := fstest.MapFS{"a.txt": {Data: []byte("0123456789"), ModTime: time.Unix(784111777, 0)}}
	serve := raxx.Try(func(req raxx.Request) (raxx.Response, error) {
		name := req.Params.Get("path")
		info, err := fs.Stat(files, name)
		if err != nil || !info.Mode().IsRegular() {
			return raxx.Response{}, &raxx.Error{Status: 404, Err: err}
		}
		file := raxx.NewFile(files, name).Range(0, info.Size())
		resp := raxx.Reply(200, "text/plain", file).With("last-modified", raxx.FormatDate(info.ModTime()))
		return raxx.Partial(req, raxx.Conditional(req, resp)), nil
	})

	get := raxx.Get("/files/a.txt").WithParams(raxx.Param{Name: "path", Value: "a.txt"})
	resp, err := raxx.Collect(serve(get.With("range", "bytes=2-4")))
	fmt.Println(resp.Status, resp.Header.Get("content-range"), resp.Body, err)
	resp = serve(get.With("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT"))
	fmt.Println(resp.Status)
	// Output:
	// 206 bytes 2-4/10 234 <nil>
	// 304
}

// An upload goes where it is to be kept as it comes, and no further than a limit.
func ExampleCopy() {
	var disk strings.Builder
	upload := raxx.Try(func(req raxx.Request) (raxx.Response, error) {
		n, err := raxx.Copy(&disk, req.Body, 8)
		return raxx.Text(201, fmt.Sprint(n, " bytes")), err
	})
	fmt.Println(upload(raxx.Put("/x", "text/plain", raxx.Data("kept"))).Body)
	fmt.Println(upload(raxx.Put("/x", "text/plain", raxx.Data("too much!"))).Body)
	fmt.Println(disk.String())
	// Output:
	// 4 bytes
	// {"title":"Content Too Large","status":413,"detail":"the body is larger than 8 bytes"}
	// kept
}

func ExampleValueAs() {
	list := raxx.Try(func(req raxx.Request) (raxx.Response, error) {
		query, err := req.Values()
		if err != nil {
			return raxx.Response{}, err
		}
		page, err := raxx.ValueAs[int64](query, "page")
		if err != nil {
			return raxx.Response{}, err
		}
		return raxx.Text(200, fmt.Sprint("page ", page, " with ", slices.Collect(query.All("tag")))), nil
	})
	fmt.Println(list(raxx.Get("/users?page=2&tag=a&tag=b")).Body)
	fmt.Println(list(raxx.Get("/users?page=two")).Body)
	// Output:
	// page 2 with [a b]
	// {"title":"Bad Request","status":400,"detail":"the value \"page\" should be an integer of 64 bits"}
}

func ExampleValueOr() {
	list := raxx.Try(func(req raxx.Request) (raxx.Response, error) {
		query, err := req.Values()
		if err != nil {
			return raxx.Response{}, err
		}
		limit, err := raxx.ValueOr(query, "limit", 20)
		if err != nil {
			return raxx.Response{}, err
		}
		return raxx.Text(200, fmt.Sprint("at most ", limit)), nil
	})
	fmt.Println(list(raxx.Get("/users")).Body)
	fmt.Println(list(raxx.Get("/users?limit=5")).Body)
	// Output:
	// at most 20
	// at most 5
}

func ExampleResponse_WithCookie() {
	resp := raxx.SeeOther("/").WithCookie(raxx.Cookie{Name: "__Host-session", Value: "s3cret", Secure: true})
	fmt.Println(resp.Header.Get("set-cookie"))
	// Output: __Host-session=s3cret; Path=/; Secure; HttpOnly; SameSite=Lax
}

// A machine answers each piece of the request's body as it comes.
func ExampleMachine() {
	type sum struct{ bytes int }
	step := func(s sum, event raxx.Event) (sum, []raxx.Part) {
		switch event := event.(type) {
		case raxx.Data:
			s.bytes += len(event)
			return s, []raxx.Part{raxx.Data(fmt.Sprintln(s.bytes, "bytes so far"))}
		case raxx.Tail, raxx.Drain:
			return s, []raxx.Part{raxx.Data("bye\n"), raxx.Tail{}}
		}
		return s, nil
	}
	m := raxx.NewMachine(sum{}, step)
	for _, event := range []raxx.Event{raxx.Open{}, raxx.Data("one"), raxx.Data("two"), raxx.Tail{}} {
		var parts []raxx.Part
		m, parts = m.Step(event)
		fmt.Printf("%T %q\n", event, parts)
	}
	// Output:
	// raxx.Open []
	// raxx.Data ["3 bytes so far\n"]
	// raxx.Data ["6 bytes so far\n"]
	// raxx.Tail ["bye\n" {[]}]
}

// A reply in lines of JSON says by its last one that it is not whole.
func ExampleLastWorder() {
	rows := func(req raxx.Request) raxx.Response {
		return raxx.Reply(200, "application/jsonl", raxx.NewMachine(export{}, export.step))
	}
	for _, part := range raxxtest.Run(rows(raxx.Get("/")), raxx.Timer{}, raxx.Timer{}) {
		switch part := part.(type) {
		case raxx.Data:
			fmt.Print(part)
		case raxx.Abort:
			fmt.Println("the server is told:", part.Cause)
		}
	}
	// Output:
	// {"row":1}
	// {"row":2}
	// {"error":"there is more"}
	// the server is told: the database is gone
}

type export struct{ sent int }

func (e export) step(event raxx.Event) (export, []raxx.Part) {
	switch event.(type) {
	case raxx.Open, raxx.Timer:
		if e.sent == 2 {
			return e, []raxx.Part{raxx.Abort{Cause: raxx.NewCause(errors.New("the database is gone"))}}
		}
		e.sent++
		return e, []raxx.Part{raxx.Data(fmt.Sprintf("{\"row\":%d}\n", e.sent)), raxx.After{}}
	}
	return e, nil
}

func (export) LastWords() raxx.Data { return "{\"error\":\"there is more\"}\n" }
