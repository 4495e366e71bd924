package nethttptest

import (
	"fmt"
	"io"
	"log"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/http/pprof"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/nethttp"
)

var public = fstest.MapFS{
	"index.html":    {Data: []byte("<h1>hello</h1>"), ModTime: time.Unix(1e9, 0)},
	"a.txt":         {Data: []byte("0123456789"), ModTime: time.Unix(1e9, 0)},
	"large.bin":     {Data: []byte(strings.Repeat("0123456789abcdef", 100_000)), ModTime: time.Unix(1e9, 0)},
	"folder/b.json": {Data: []byte(`{"a":1}`), ModTime: time.Unix(1e9, 0)},
	"folder/c d.js": {Data: []byte(`alert(1)`)},
}

func TestFileServer(t *testing.T) {
	modified := http.Header{"If-Modified-Since": {time.Unix(1e9, 0).UTC().Format(http.TimeFormat)}}
	byRange := func(r string) http.Header { return http.Header{"Range": {"bytes=" + r}} }
	var asks []ask
	for _, method := range []string{"GET", "HEAD", "POST"} {
		for _, path := range []string{"/", "/index.html", "/a.txt", "/large.bin", "/folder", "/folder/", "/folder/c%20d.js", "/none", "/../a.txt", "/a.txt/"} {
			asks = append(asks, ask{method: method, target: path})
		}
	}
	for _, h := range []http.Header{modified, byRange("2-4"), byRange("-3"), byRange("5-"), byRange("20-30"), byRange("a"),
		{"Range": {"bytes=1-2"}, "If-Range": {"Sun, 09 Sep 2001 01:46:40 GMT"}}, {"If-Unmodified-Since": {"Sun, 09 Sep 2000 01:46:40 GMT"}}} {
		asks = append(asks, ask{target: "/a.txt", header: h}, ask{target: "/large.bin", header: h}, ask{method: "HEAD", target: "/a.txt", header: h})
	}
	alike(t, http.FileServerFS(public), nil, asks...)
}

// The parts of several ranges are divided by what net/http makes up.
func TestFileServerMultipleRanges(t *testing.T) {
	for _, e := range engines {
		c := e.ofAce(t, http.FileServerFS(public))
		got := c.ask(ask{target: "/large.bin", header: http.Header{"Range": {"bytes=0-9,100000-200000"}}})
		_, params, err := mime.ParseMediaType(strings.TrimPrefix(got.header[1], "Content-Type: "))
		if err != nil || got.status != 206 {
			t.Fatalf("%s: got %d %v", e.name, got.status, got.header)
		}
		r := multipart.NewReader(strings.NewReader(got.body), params["boundary"])
		for _, want := range []int{10, 100001} {
			part, err := r.NextPart()
			if err != nil {
				t.Fatal(err)
			}
			if all, err := io.ReadAll(part); len(all) != want || err != nil {
				t.Errorf("%s: a part has %d bytes, %v; want %d", e.name, len(all), err, want)
			}
		}
	}
}

func TestPprof(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	for _, e := range engines {
		c := e.ofAce(t, mux)
		for path, want := range map[string]string{
			"/debug/pprof/":                   "full goroutine stack dump",
			"/debug/pprof/cmdline":            "test",
			"/debug/pprof/symbol":             "num_symbols: 1",
			"/debug/pprof/goroutine?debug=2":  "pprof.Index",
			"/debug/pprof/heap":               "\x1f\x8b",
			"/debug/pprof/trace?seconds=0.05": "go 1.",
			"/debug/pprof/profile?seconds=1":  "\x1f\x8b",
		} {
			if strings.Contains(path, "profile") && e.http2 {
				continue
			}
			if got := c.ask(ask{target: path}); got.status != 200 || !strings.Contains(got.body, want) {
				t.Errorf("%s: %s: got %d %.200q", e.name, path, got.status, got.body)
			}
		}
		if got := c.ask(ask{target: "/debug/pprof/none"}); got.status != 404 {
			t.Errorf("%s: got %d for an unknown profile", e.name, got.status)
		}
	}
}

func TestTimeoutHandler(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/fast", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-A", "b"); io.WriteString(w, "done") })
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done(); io.WriteString(w, "late") })
	mux.HandleFunc("/abort", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(201); panic(http.ErrAbortHandler) })
	h := http.TimeoutHandler(mux, 100*time.Millisecond, "too slow")
	alike(t, h, nil, ask{target: "/fast"}, ask{target: "/slow"}, ask{target: "/none"}, ask{method: "HEAD", target: "/fast"})
	for _, e := range engines {
		if got := e.ofAce(t, h).ask(ask{target: "/abort"}); got.status != 500 && !got.broken {
			t.Errorf("%s: got %+v", e.name, got)
		}
	}
}

func TestServeMux(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /users/{id}/files/{path...}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Pattern, " ", r.PathValue("id"), " ", r.PathValue("path"))
	})
	mux.Handle("/sub/", http.StripPrefix("/sub", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path) })))
	alike(t, mux, nil, ask{target: "/users/a%2Fb/files/c/d"}, ask{method: "POST", target: "/users/1/files/"}, ask{target: "/sub/x"},
		ask{target: "/sub"}, ask{target: "/a/../sub/./x"}, ask{target: "//sub/x"})
}

// A proxy under ace shows what is behind it as one under net/http does.
func TestReverseProxy(t *testing.T) {
	log.SetOutput(io.Discard) // where proxies complain
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { writes[r.URL.Path](w, r) }))
	t.Cleanup(backend.Close)
	target, err := url.Parse(backend.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, FlushInterval: 20 * time.Millisecond}
	var asks []ask
	for path := range writes {
		switch path {
		case "/request", "/bad-name", "/length-wrong", "/panic-in-the-middle", "/length-too-much", "/length-too-few", "/length-none":
			continue // which say who asks, or are not to be had through net/http
		case "/flush-first":
			continue // whether the proxy flushes before the first content comes is a matter of time
		}
		asks = append(asks, ask{target: path})
	}
	large := strings.Repeat("hello", 100_000)
	for _, body := range []string{"hello", large} {
		asks = append(asks, ask{method: "POST", target: "/read-all", body: body}, ask{method: "POST", target: "/read-all", body: body, unknown: true})
	}
	alike(t, proxy, nil, asks...)
	for _, e := range engines {
		// Under net/http a proxy does not read and write at once.
		if got := e.ofAce(t, proxy).ask(ask{method: "POST", target: "/echo", body: large}); got.body != large || got.broken {
			t.Errorf("%s: got %d with %d bytes, broken: %v", e.name, got.status, len(got.body), got.broken)
		}
	}
}

// What a backend sends bit by bit comes bit by bit through a proxy under ace, and
// what the client does reaches the backend.
func TestReverseProxyStreams(t *testing.T) {
	next, gone := make(chan bool), make(chan bool)
	log.SetOutput(io.Discard)
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for i := 0; ; i++ {
			fmt.Fprintf(w, "data: %d\n\n", i)
			w.(http.Flusher).Flush()
			select {
			case <-next:
			case <-r.Context().Done():
				gone <- true
				return
			}
		}
	}))
	t.Cleanup(backend.Close)
	target, _ := url.Parse(backend.URL)
	for _, e := range engines {
		c := e.ofAce(t, &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }})
		resp, err := c.RoundTrip(c.request(t.Context(), ask{target: "/"}))
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			want := fmt.Sprintf("data: %d\n\n", i)
			got := make([]byte, len(want))
			if _, err := io.ReadFull(resp.Body, got); string(got) != want || err != nil {
				t.Fatalf("%s: got %q, %v", e.name, got, err)
			}
			next <- true
		}
		resp.Body.Close()
		select {
		case <-gone:
		case <-time.After(10 * time.Second):
			t.Fatalf("%s: the backend does not learn that the client has gone", e.name)
		}
	}
}

// A handler that can't have a connection says so, as over HTTP/2 under net/http.
func TestNoHijack(t *testing.T) {
	for _, e := range engines {
		c := e.ofAce(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _, err := http.NewResponseController(w).Hijack()
			fmt.Fprint(w, err)
		}))
		if got := c.ask(ask{target: "/"}); !strings.Contains(got.body, "feature not supported") {
			t.Errorf("%s: got %q", e.name, got.body)
		}
	}
}

// A handler that breaks its reply off before it has begun gets a 500 from ace.
func TestAbort(t *testing.T) {
	for _, e := range engines {
		faults := make(chan error, 1)
		h := nethttp.FromHTTP(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
		c := e.client(t, ace.New(h, ace.Config{TLS: e.config(t), Trace: ace.Trace{ExchangeEnded: func(ev ace.ExchangeEvent) { faults <- ev.Fault }}}))
		if got := c.ask(ask{target: "/"}); got.status != 500 {
			t.Errorf("%s: got %d", e.name, got.status)
		}
		var panicked *ace.PanicError
		if fault := <-faults; fault == nil || fmt.Sprintf("%T", fault) == fmt.Sprintf("%T", panicked) {
			t.Errorf("%s: the trace was told %T %v", e.name, fault, fault)
		}
	}
}
