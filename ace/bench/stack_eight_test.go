package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/labstack/echo/v5"
	"github.com/raxx-go/raxx/raxx"
)

// eightStacks are the stacks of the work "stack", each around a handler that
// greets, and panics if it is asked by DELETE.
func eightStacks() map[string]func(method, host, site string) (status int, h http.Header) {
	stacked := raxxStack()(func(req raxx.Request) raxx.Response {
		if req.Method == "DELETE" {
			panic("raxx")
		}
		return aceHello(req)
	})
	greet := func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "DELETE" {
			panic("net/http")
		}
		netHTTPHello(w, r)
	}
	router := chi.NewRouter()
	router.With(chiStack()...).HandleFunc("/", greet)
	e := echo.New()
	e.Any("/", echo.WrapHandler(http.HandlerFunc(greet)), echoStack()...)
	return map[string]func(method, host, site string) (int, http.Header){
		"ace":  func(method, host, site string) (int, http.Header) { return askRaxx(stacked, method, host, site) },
		"chi":  func(method, host, site string) (int, http.Header) { return askNetHTTP(router, method, host, site) },
		"echo": func(method, host, site string) (int, http.Header) { return askNetHTTP(e, method, host, site) },
	}
}

func askRaxx(h raxx.Handler, method, host, site string) (int, http.Header) {
	req := raxx.New(method, "/", nil).With("sec-fetch-site", site)
	req.Authority = host
	resp := h(req)
	header := http.Header{}
	for _, f := range resp.Header {
		header.Add(f.Name, f.Value)
	}
	return resp.Status, header
}

func askNetHTTP(h http.Handler, method, host, site string) (int, http.Header) {
	req := httptest.NewRequest(method, "/", nil)
	req.Host = host
	req.Header.Set("Sec-Fetch-Site", site)
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, req)
	return recorder.Code, recorder.Result().Header
}

func TestStacksOfEightDoTheSame(t *testing.T) {
	for name, ask := range eightStacks() {
		t.Run(name, func(t *testing.T) {
			status, header := ask("GET", "127.0.0.1:80", "none")
			if status != 200 || header.Get("Cache-Control") != stackCache {
				t.Errorf("a GET is answered with %d, cache-control %q", status, header.Get("Cache-Control"))
			}
			for _, f := range stackFields {
				if got := header.Get(f[0]); got != f[1] {
					t.Errorf("field %s is %q, want %q", f[0], got, f[1])
				}
			}
			if id := header.Get("X-Request-Id"); (id == "") != (name == "chi") {
				t.Errorf("the request id is sent as %q", id)
			}
			for _, test := range []struct {
				name, method, host, site string
				want                     int
			}{
				{"another host", "GET", "example.org", "none", http.StatusMisdirectedRequest},
				{"a form of another site", "POST", "localhost", "cross-site", http.StatusForbidden},
				{"a form of this site", "POST", "localhost", "same-origin", http.StatusOK},
				{"a panic", "DELETE", "localhost", "same-origin", http.StatusInternalServerError},
			} {
				if got, _ := ask(test.method, test.host, test.site); got != test.want {
					t.Errorf("%s is answered with %d, want %d", test.name, got, test.want)
				}
			}
		})
	}
}

func TestStacksOfEightHaveEight(t *testing.T) {
	if chi, echo := len(chiStack()), len(echoStack()); chi != 8 || echo != 8 {
		t.Errorf("chi has %d and echo %d", chi, echo)
	}
}

func TestDiscardWantsEveryRecord(t *testing.T) {
	if !(discard{}).Enabled(t.Context(), -8) {
		t.Error("a record would not be made")
	}
}
