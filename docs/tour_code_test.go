package docs_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/acetest"
	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/ace/slogtrace"
	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/middleware/static"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
	"github.com/raxx-go/raxx/raxx/sse"
	"github.com/raxx-go/raxx/raxx/websocket"
	"github.com/raxx-go/raxx/router"
)

// The code that tour.md shows, and the tests that it shows.

func hello(req raxx.Request) raxx.Response {
	return raxx.Text(200, "Hello, "+req.Params.Get("name")+"!")
}

func TestHello(t *testing.T) {
	want := raxx.Text(200, "Hello, Ada!")
	got := hello(raxx.Get("/hello/Ada").WithParams(raxx.Param{Name: "name", Value: "Ada"}))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

type Book struct {
	Title string `json:"title"`
	Year  int    `json:"year"`
}

// Validate is asked before a handler sees the book.
func (b Book) Validate() error {
	var faults raxx.Invalid
	if b.Title == "" {
		faults = append(faults, raxx.FieldFault{Pointer: "#/title", Detail: "is missing"})
	}
	return faults.Err()
}

// A Shelf keeps books.
type Shelf struct {
	mu    sync.Mutex
	books []Book
}

func (s *Shelf) add(req raxx.Request, book Book) (raxx.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.books = append(s.books, book)
	location := fmt.Sprint("/books/", len(s.books)-1)
	return raxx.JSON(201, book).With("location", location).WithDo(raxx.Publish{Topic: "books", Message: book.Title}), nil
}

var errNoBook = errors.New("no book has this number")

func (s *Shelf) show(req raxx.Request) (raxx.Response, error) {
	n, err := raxx.ParamAs[int](req, "n")
	if err != nil {
		return raxx.Response{}, err // 404
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if n < 0 || n >= len(s.books) {
		return raxx.Response{}, &raxx.Error{Status: 404, Err: errNoBook}
	}
	return raxx.JSON(200, s.books[n]), nil
}

func timed(next raxx.Handler) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		began := time.Now()
		return raxx.OnHead(next(req), func(resp raxx.Response) raxx.Response {
			return resp.With("server-timing", fmt.Sprintf("app;dur=%d", time.Since(began).Milliseconds()))
		})
	}
}

func TestTimedKeepsTheLaws(t *testing.T) { raxxtest.Laws(t, timed) }

type Reader struct{ Name string }

var reader = raxx.NewKey[Reader]("reader")

func readers(tokens map[[32]byte]Reader) raxx.Middleware {
	return middleware.Bearer[Reader]{Key: reader, Verify: func(req raxx.Request, token string) (Reader, bool, error) {
		who, ok := tokens[sha256.Sum256([]byte(token))]
		return who, ok, nil
	}}.Middleware()
}

func greetReader(req raxx.Request) raxx.Response {
	return raxx.Text(200, "Hello, "+reader.Get(req).Name+"!")
}

func receive(folder *os.Root) raxx.Handler {
	return raxx.Try(func(req raxx.Request) (raxx.Response, error) {
		file, err := folder.Create(req.Params.Get("name")) // nowhere but in the folder
		if err != nil {
			return raxx.Response{}, &raxx.Error{Status: 400, Detail: "no file can have this name", Err: err}
		}
		defer file.Close()
		n, err := raxx.Copy(file, req.Body, 1<<30)
		if err != nil {
			return raxx.Response{}, err // 413, or 400 if the body was not whole
		}
		return raxx.Text(201, fmt.Sprint(n)), nil
	})
}

func fresh(req raxx.Request) raxx.Response {
	return sse.Stream(req, sse.Config{}, raxx.NewMachine("books", announceBooks))
}

func announceBooks(topic string, event raxx.Event) (string, []raxx.Part) {
	switch event := event.(type) {
	case raxx.Open:
		return topic, []raxx.Part{raxx.Subscribe{Topic: topic}}
	case raxx.Info:
		return topic, []raxx.Part{sse.Event{Data: event.Message}}
	}
	return topic, nil
}

func discuss(req raxx.Request) raxx.Response {
	return websocket.Upgrade(req, websocket.Config{}, raxx.NewMachine(req.Params.Get("n"), talk))
}

func covers(library raxx.Handler) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		cover := library(raxx.Get("https://covers.example/" + raxx.EscapeSegment(req.Params.Get("title"))).WithContext(req.Context()))
		if cover.Status != 200 {
			return raxx.Problem(502, "there is no cover to be had")
		}
		return raxx.Reply(200, "image/png", cover.Body).With("cache-control", "max-age=86400")
	}
}

type Parts struct {
	Tokens  map[[32]byte]Reader
	Assets  *static.Files
	Uploads *os.Root
	Library raxx.Handler
}

func Site(p Parts) (raxx.Handler, error) {
	shelf := new(Shelf)
	routes, err := router.New(
		router.Get("/hello/:name", hello),
		router.Group("/books", timed,
			router.Post("", raxx.In(1<<16, shelf.add)),
			router.Get("/:n", raxx.Try(shelf.show)).Named("book"),
			router.Get("/new", fresh),
			router.Get("/:n/talk", discuss),
		),
		router.Get("/me", greetReader).With(readers(p.Tokens)),
		router.Put("/files/:name", receive(p.Uploads)).Streamed(),
		router.Get("/covers/:title", covers(p.Library)),
	)
	if err != nil {
		return nil, err
	}
	return p.Assets.Middleware(routes.Handle), nil
}

func serveSite(ctx context.Context, site raxx.Handler, log *slog.Logger) error {
	stack := middleware.Default{Hosts: []string{"books.example"}, Logger: log}.Middleware()
	certificates, err := ace.Certificates(ace.CertFile{Cert: "cert.pem", Key: "key.pem"})
	if err != nil {
		return err
	}
	server := ace.New(stack(site), ace.Config{TLS: certificates.TLSConfig(), Trace: slogtrace.New(log)})
	return server.RunEndpoints(ctx, ace.Endpoint{Address: ":https"}, ace.Endpoint{Address: ":http", Cleartext: true})
}

func production(tokens map[[32]byte]Reader, assets *static.Files, uploads *os.Root) (raxx.Handler, error) {
	return Site(Parts{tokens, assets, uploads, nethttp.FromTransport(http.DefaultTransport)})
}

// site returns the site of the tour.
func site(t *testing.T) raxx.Handler {
	t.Helper()
	uploads, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { uploads.Close() })
	site, err := Site(Parts{
		Tokens:  map[[32]byte]Reader{sha256.Sum256([]byte("secret")): {"Ada"}},
		Assets:  static.Config{Prefix: "/assets"}.MustNew(fstest.MapFS{"site.css": {Data: []byte("p{}")}}),
		Uploads: uploads,
		Library: func(req raxx.Request) raxx.Response {
			if req.URL() != "https://covers.example/War%20and%20Peace" {
				return raxx.Problem(404, "")
			}
			return raxx.Reply(200, "image/png", raxx.Data("a picture"))
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return site
}

func TestSiteOfTheTour(t *testing.T) {
	visit := site(t)
	book := func(text string) raxx.Request { return raxx.Post("/books", "application/json", raxx.Data(text)) }
	for _, test := range []struct {
		req    raxx.Request
		status int
		body   string
	}{
		{raxx.Get("/hello/Ada%2FEve"), 200, "Hello, Ada/Eve!"},
		{raxx.Get("/assets/site.css"), 200, "p{}"},
		{book(`{"title": "Emma", "year": 1815}`), 201, `{"title":"Emma","year":1815}`},
		{book(`{"year": 1815}`), 422, `{"title":"Unprocessable Content","status":422,"errors":[{"pointer":"#/title","detail":"is missing"}]}`},
		{raxx.Get("/books/0"), 200, `{"title":"Emma","year":1815}`},
		{raxx.Get("/books/1"), 404, ""},
		{raxx.Get("/books/emma"), 404, ""},
		{raxx.Get("/me"), 401, ""},
		{raxx.Get("/me").With("authorization", "Bearer secret"), 200, "Hello, Ada!"},
		{raxx.Put("/files/a", "", raxxtest.Chunks("some", "thing")), 201, "9"},
		{raxx.Put("/files/..%2Fa", "", raxx.Data("x")), 400, ""},
		{raxx.Get("/covers/War%20and%20Peace"), 200, "a picture"},
		{raxx.Get("/covers/Emma"), 502, ""},
	} {
		resp := visit(test.req)
		data, err := raxx.ReadAll(resp.Body, 1<<20)
		if resp.Status != test.status || test.body != "" && strings.TrimSpace(string(data)) != test.body || err != nil {
			t.Errorf("%s %s: got %d, %q, %v", test.req.Method, test.req.Path, resp.Status, data, err)
		}
	}
}

func TestNewBooksAreAnnounced(t *testing.T) {
	server := raxxtest.NewServer(site(t))
	page, err := server.EventSource(raxx.Get("/books/new"))
	if err != nil {
		t.Fatal(err)
	}
	server.Serve(raxx.Post("/books", "application/json", raxx.Data(`{"title": "Emma"}`)))
	diff(t, []sse.Event{{Data: "Emma"}}, page.Events())
}

func TestReadersTalk(t *testing.T) {
	server := raxxtest.NewServer(site(t))
	ada, err := server.WebSocket(websocket.Handshake("/books/0/talk"))
	if err != nil {
		t.Fatal(err)
	}
	eve, err := server.WebSocket(websocket.Handshake("/books/0/talk"))
	if err != nil {
		t.Fatal(err)
	}
	ada.Send(websocket.Text("I liked it."))
	diff(t, []raxx.Event{websocket.Text("I liked it.")}, eve.Messages())
}

func TestSiteOverTheWire(t *testing.T) {
	app := acetest.Serve(t, ace.New(site(t), ace.Config{}))
	resp, err := app.HTTP2().Get("http://books.example/hello/Ada")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	diff(t, "Hello, Ada!", string(text))
	if err != nil {
		t.Error(err)
	}
}

// What needs names and certificates of its own is compiled only.
var (
	_ = serveSite
	_ = production
)
