package nethttp_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
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

// A reverse proxy: that of net/http, as a handler. Bodies stream both ways, and
// what the client gives up is given up behind it, too.
func ExampleFromHTTP_reverseProxy() {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "prices for ", r.Header.Get("X-Forwarded-Host"))
	}))
	defer upstream.Close()
	target, err := url.Parse(upstream.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	proxy := nethttp.FromHTTP(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.SetXForwarded()
	}})

	resp := proxy(raxx.Get("https://shop.example/prices"))
	fmt.Println(resp.Status, resp.Body)
	// Output: 200 prices for shop.example
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
