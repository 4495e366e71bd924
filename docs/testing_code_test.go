package docs_test

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/acetest"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// The code that testing.md shows, and the tests that it shows.

var user = raxx.NewKey[string]("user")

var errNoNote = errors.New("no note has this number")

func showNote(notes map[string]string) raxx.Handler {
	return raxx.Try(func(req raxx.Request) (raxx.Response, error) {
		text, ok := notes[req.Params.Get("id")]
		if !ok {
			return raxx.Response{}, &raxx.Error{Status: 404, Err: errNoNote}
		}
		return raxx.Text(200, text+", "+user.Get(req)), nil
	})
}

func TestShowNote(t *testing.T) {
	req := user.Set(raxx.Get("/notes/7").WithParams(raxx.Param{Name: "id", Value: "7"}), "Ada")
	got := showNote(map[string]string{"7": "buy tea"})(req)
	diff(t, raxx.Text(200, "buy tea, Ada"), got)

	diff(t, raxx.Problem(404, "").WithCause(errNoNote), showNote(nil)(req))
}

func TestPollGivesUp(t *testing.T) {
	server := raxxtest.NewServer(poll)
	waiting := server.Serve(raxx.Get("/orders/next"))
	server.Advance(30 * time.Second)
	got, err := waiting.Response()
	diff(t, raxx.NoContent(), got)
	if err != nil {
		t.Error(err)
	}
}

func named(next raxx.Handler) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		return raxx.OnHead(next(req), func(resp raxx.Response) raxx.Response { return resp.With("server", "a") })
	}
}

func TestNamedKeepsTheLaws(t *testing.T) { raxxtest.Laws(t, named) }

func visits(req raxx.Request) raxx.Response {
	before, _ := req.Cookie("visits")
	n, _ := strconv.Atoi(before)
	now := strconv.Itoa(n + 1)
	return raxx.Text(200, now).WithCookie(raxx.Cookie{Name: "visits", Value: now})
}

func TestVisits(t *testing.T) {
	browser := raxxtest.NewBrowser(visits)
	browser.Visit("/")
	page, err := browser.Visit("/")
	diff(t, raxx.Body(raxx.Data("2")), page.Body)
	if err != nil {
		t.Error(err)
	}

	raxxtest.Site(t, visits, raxx.Get("/"))
}

func weather(service raxx.Handler) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		today := service(raxx.Get("https://weather.example/today"))
		if today.Status != 200 {
			return raxx.Problem(502, "the weather is not known")
		}
		return today
	}
}

func TestWeatherThatFails(t *testing.T) {
	sunny := func(raxx.Request) raxx.Response { return raxx.Text(200, "sunny") }
	once := raxxtest.Chaos(raxxtest.Nth(1), raxxtest.Answer(raxx.Problem(503, "")))
	h := weather(once(sunny))
	diff(t, 502, h(raxx.Get("/")).Status)
	diff(t, raxx.Text(200, "sunny"), h(raxx.Get("/")))
}

func TestIdleTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app := acetest.Serve(t, ace.New(visits, ace.Config{IdleTimeout: time.Hour}))
		conn, err := app.Dial()
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n")
		began := time.Now()
		io.ReadAll(conn) // until the server closes the connection
		diff(t, time.Hour, time.Since(began).Round(time.Minute))
	})
}

func TestBothVersions(t *testing.T) {
	app := acetest.Serve(t, ace.New(visits, ace.Config{}))
	for version, client := range map[string]*http.Client{"HTTP/1.1": app.HTTP1(), "HTTP/2.0": app.HTTP2()} {
		resp, err := client.Get("http://example.com/")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		diff(t, version, resp.Proto)
	}
}
