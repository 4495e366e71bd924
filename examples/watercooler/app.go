package main

import (
	"embed"
	"io/fs"
	"strings"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/middleware/ratelimit"
	"github.com/raxx-go/raxx/middleware/static"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/sse"
	"github.com/raxx-go/raxx/raxx/websocket"
	"github.com/raxx-go/raxx/router"
)

//go:embed public
var public embed.FS

// largest is how many bytes a page may send at once: a message of the longest
// text, however it is written.
const largest = 16 << 10

// An app is the application: rooms that one can look into, and a source of
// secrets.
type app struct {
	look   looker
	secret func() string
}

func (a app) handler() (raxx.Handler, error) {
	files, err := fs.Sub(public, "public")
	if err != nil {
		return nil, err
	}
	assets, err := static.Config{Prefix: "/assets"}.New(files)
	if err != nil {
		return nil, err
	}
	page := raxx.NewFile(files, "index.html")
	show := func(raxx.Request) raxx.Response {
		return raxx.Reply(200, "text/html; charset=utf-8", page).With("cache-control", "no-cache")
	}
	pages, err := router.New(
		router.Get("/", show),
		router.Get("/rooms/:room", show),
		router.Mount("/assets", assets.Handle),
		router.Group("/rooms/:room", ratelimit.Limit{}.Middleware(),
			router.Get("/events", raxx.Try(a.events)),
			router.Get("/socket", raxx.Try(a.socket)),
			router.Post("/messages", raxx.In(largest, post)),
		),
	)
	if err != nil {
		return nil, err
	}
	safe := raxx.Stack(middleware.SecureHeaders{}.Middleware(), middleware.CrossOrigin{}.Middleware())
	return safe(pages.Handle), nil
}

// events answers with an event stream. What its page says, it posts.
func (a app) events(req raxx.Request) (raxx.Response, error) {
	m, err := a.member(req)
	if err != nil {
		return raxx.Response{}, err
	}
	m.key = a.secret()
	return sse.Stream(req, sse.Config{}, raxx.NewMachine(m, step(a.look))), nil
}

// socket answers with a WebSocket.
func (a app) socket(req raxx.Request) (raxx.Response, error) {
	m, err := a.member(req)
	if err != nil {
		return raxx.Response{}, err
	}
	config := websocket.Config{MessageLimit: largest, Compress: true}
	return websocket.Upgrade(req, config, raxx.NewMachine(m, step(a.look))), nil
}

// member returns who wants to come in.
func (a app) member(req raxx.Request) (member, error) {
	query, err := req.Values()
	if err != nil {
		return member{}, err
	}
	name, ok := cleanName(query.Get("name"))
	if !ok {
		return member{}, &raxx.Error{Status: 400, Detail: "a name has 1 to 24 characters"}
	}
	room := req.Params.Get("room")
	if !isRoom(room) {
		return member{}, &raxx.Error{Status: 404, Detail: "the name of a room has 1 to 32 small letters, digits and hyphens"}
	}
	// Both are pieces of the head of the request, which would stay as long as the member.
	return member{person: person{ID: a.secret()[:10], Name: strings.Clone(name)}, room: strings.Clone(room)}, nil
}

// A posted is what a page with an event stream says.
type posted struct {
	Key  string `json:"key"`
	Text string `json:"text"`
}

// post hands a message to the member that knows the key, in whatever process it
// is: the same machine, and the same rules, as behind a WebSocket.
func post(_ raxx.Request, p posted) (raxx.Response, error) {
	return raxx.Response{Status: raxx.StatusAccepted, Do: []raxx.Effect{raxx.Publish{Topic: keyPrefix + p.Key, Message: p.Text}}}, nil
}
