package compress_test

import (
	"fmt"
	"strings"

	"github.com/raxx-go/raxx/middleware/compress"
	"github.com/raxx-go/raxx/raxx"
)

func Example() {
	hello := func(raxx.Request) raxx.Response {
		return raxx.Text(200, strings.Repeat("Hello, World! ", 1000)).With("etag", `"v1"`)
	}
	h := compress.Config{}.Middleware()(hello)

	resp := h(raxx.Get("/").With("accept-encoding", "gzip, br;q=0.5"))
	fmt.Println(resp.Header.Get("content-encoding"), resp.Header.Get("etag"), raxx.Length(resp.Body) < 200)
	// Output: gzip W/"v1~gzip" true
}

// A page that shows a secret beside what its reader typed is not compressed.
func ExampleSecret() {
	settings := func(req raxx.Request) raxx.Response {
		return compress.Secret(raxx.HTML(200, "<p>API key: k-123</p>"+strings.Repeat("…", 1000)))
	}
	h := compress.Config{}.Middleware()(settings)

	resp := h(raxx.Get("/settings").With("accept-encoding", "gzip"))
	fmt.Printf("%q\n", resp.Header.Get("content-encoding"))
	// Output: ""
}

// Nothing is compressed of what comes from behind Off.
func ExampleOff() {
	stack := raxx.Stack(compress.Config{}.Middleware(), compress.Off)
	h := stack(func(raxx.Request) raxx.Response { return raxx.HTML(200, strings.Repeat("…", 1000)) })

	resp := h(raxx.Get("/account").With("accept-encoding", "gzip"))
	fmt.Printf("%q\n", resp.Header.Get("content-encoding"))
	// Output: ""
}
