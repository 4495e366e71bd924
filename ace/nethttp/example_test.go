package nethttp_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
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

// A service is a handler, so what needs one is tested without it, and middleware
// stands around it as around any other.
func ExampleFromTransport() {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "the price of ", r.URL.Query().Get("of"), " for ", r.Header.Get("Authorization"))
	}))
	defer upstream.Close()

	total := func(prices raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			price := prices(raxx.Get(upstream.URL + "/?of=tea").WithContext(req.Context()))
			text, err := raxx.ReadAll(price.Body, 1<<20)
			if price.Status != 200 || err != nil {
				return raxx.Problem(502, "there are no prices")
			}
			return raxx.Text(200, "In all: "+string(text))
		}
	}
	authorized := raxx.MapRequest(func(req raxx.Request) raxx.Request { return req.With("authorization", "us") })

	inProduction := total(authorized(nethttp.FromTransport(http.DefaultTransport)))
	fmt.Println(inProduction(raxx.Get("/total")).Body)

	inTests := total(func(raxx.Request) raxx.Response { return raxx.Text(503, "closed") })
	fmt.Println(inTests(raxx.Get("/total")).Status)
	// Output:
	// In all: the price of tea for us
	// 502
}

// A reverse proxy that says for whom it asks.
func ExampleFromTransport_proxy() {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.URL, " of ", r.Header.Get("X-Forwarded-Host"))
	}))
	defer upstream.Close()
	host := strings.TrimPrefix(upstream.URL, "http://")

	forward := raxx.MapRequest(func(req raxx.Request) raxx.Request {
		ip, _, _ := net.SplitHostPort(req.Peer.Address)
		req = req.With("x-forwarded-for", ip).With("x-forwarded-host", req.Authority).With("x-forwarded-proto", req.Scheme)
		req.Scheme, req.Authority = "http", host
		return req
	})
	proxy := forward(nethttp.FromTransport(http.DefaultTransport))

	resp := proxy(raxx.Get("https://shop.example/prices"))
	fmt.Println(resp.Status, resp.Body)
	// Output: 200 /prices of shop.example
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
