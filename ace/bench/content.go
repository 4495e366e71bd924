package main

import (
	"encoding/json"
	"strings"
)

// What the servers say, alike for all of them.
const (
	helloText = "Hello, World!"
	fileName  = "1m.bin"
	textType  = "text/plain; charset=utf-8"
	jsonType  = "application/json"
	bytesType = "application/octet-stream"
)

var (
	fileContent = strings.Repeat("0123456789abcdef", 1<<20/16)
	upload      = strings.Repeat("fedcba9876543210", 64<<10/16)
	theArticle  = newArticle(1024)
	articleJSON = string(mustMarshal(theArticle))
)

// An article is what the JSON reply holds.
type article struct {
	ID       int       `json:"id"`
	Title    string    `json:"title"`
	Author   person    `json:"author"`
	Tags     []string  `json:"tags"`
	Public   bool      `json:"public"`
	Score    float64   `json:"score"`
	Comments []comment `json:"comments"`
	Text     string    `json:"text"`
}

type person struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

type comment struct {
	By   person `json:"by"`
	Text string `json:"text"`
}

// newArticle returns an article that is size bytes long in JSON.
func newArticle(size int) article {
	a := article{
		ID:     7,
		Title:  "On serving hypertext",
		Author: person{42, "Ada"},
		Tags:   []string{"http", "servers", "go"},
		Public: true,
		Score:  4.75,
		Comments: []comment{
			{person{43, "Grace"}, "Nobody believed that I had a running compiler."},
			{person{44, "Edsger"}, "Simplicity is a prerequisite for reliability."},
			{person{45, "Barbara"}, "What is wanted here is something like a substitution property."},
		},
	}
	const sentence = "The client asks and the server answers. "
	missing := size - len(mustMarshal(a))
	a.Text = strings.Repeat(sentence, missing/len(sentence)+1)[:missing]
	return a
}

func mustMarshal(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

// siblings are the patterns that stand in the routing table beside the one that
// the routed work asks for.
var siblings = []string{
	"/users", "/users/:user", "/users/:user/posts", "/users/:user/followers", "/users/:user/following",
	"/users/:user/posts/:post/comments", "/users/:user/posts/:post/likes", "/users/:user/keys/:key",
	"/posts", "/posts/:post", "/posts/:post/comments", "/posts/:post/comments/:comment",
	"/tags", "/tags/:tag", "/tags/:tag/posts", "/search/posts", "/search/users",
	"/teams/:team", "/teams/:team/members", "/teams/:team/members/:user", "/settings", "/settings/profile",
	"/feeds/public", "/feeds/users/:user",
}

const routedPattern = "/users/:user/posts/:post"

// braces writes a pattern with parameters like :name in the way of [http.ServeMux]
// and fasthttp/router: {name}.
func braces(pattern string) string {
	segments := strings.Split(pattern, "/")
	for i, s := range segments {
		if name, ok := strings.CutPrefix(s, ":"); ok {
			segments[i] = "{" + name + "}"
		}
	}
	return strings.Join(segments, "/")
}

// routedReply is the body of the answer to the routed work.
func routedReply(user, post, viewer string) string {
	return "post " + post + " of user " + user + ", for " + viewer
}

// The eight middlewares of the routed work are, from the outside in: recover
// from a panic, count the request, measure its time, give it an id and send it,
// three that send a field each, and one that notes for whom the answer is, which
// the handler reads. Each peer has them in its own manner.
const (
	idField = "x-request-id"
	viewer  = "ada"
)

// securityFields are what three of the middlewares send.
var securityFields = [3][2]string{
	{"x-content-type-options", "nosniff"},
	{"x-frame-options", "DENY"},
	{"referrer-policy", "no-referrer"},
}
