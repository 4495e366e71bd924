package nethttp_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing/fstest"

	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/raxx"
)

func ExampleFromHTTP() {
	public := fstest.MapFS{"robots.txt": {Data: []byte("User-agent: *")}}
	files := nethttp.FromHTTP(http.FileServerFS(public))

	resp := files(raxx.Get("/robots.txt").With("range", "bytes=0-3"))
	fmt.Println(resp.Status, resp.Header.Get("content-range"), resp.Body)
	// Output: 206 bytes 0-3/13 User
}

func ExampleToHTTP() {
	hello := func(req raxx.Request) raxx.Response {
		return raxx.Text(200, "Hello, "+req.Params.Get("name"))
	}
	mux := http.NewServeMux()
	mux.Handle("GET /hello/{name}", nethttp.ToHTTP(hello, nethttp.Config{}))

	server := httptest.NewServer(mux)
	defer server.Close()
	resp, err := http.Get(server.URL + "/hello/Ada")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	fmt.Println(resp.StatusCode, string(text), err)
	// Output: 200 Hello, Ada <nil>
}

func ExampleFromMiddleware() {
	protect := nethttp.FromMiddleware(http.NewCrossOriginProtection().Handler)
	app := protect(func(raxx.Request) raxx.Response { return raxx.Text(200, "done") })

	post := raxx.Post("/", "text/plain", raxx.Data("transfer it all"))
	fmt.Println(app(post.With("sec-fetch-site", "same-origin")).Status)
	fmt.Println(app(post.With("sec-fetch-site", "cross-site")).Status)
	// Output:
	// 200
	// 403
}
