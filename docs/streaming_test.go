package docs_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
	"github.com/raxx-go/raxx/raxx/sse"
	"github.com/raxx-go/raxx/raxx/websocket"
)

// block is a piece of Go in a document.
var block = regexp.MustCompile("(?ms)^```go\n(.*?)^```$")

// What streaming.md shows is compiled and tested here, what testing.md and tour.md
// show in testing_code_test.go and tour_code_test.go.
func TestDocumentsShowTestedCode(t *testing.T) {
	code := read(t, "streaming_code_test.go") + read(t, "streaming_test.go") + read(t, "testing_code_test.go") + read(t, "tour_code_test.go")
	for _, document := range []string{"streaming.md", "testing.md", "tour.md"} {
		blocks := block.FindAllStringSubmatch(read(t, document), -1)
		if len(blocks) < 8 {
			t.Errorf("found %d pieces of code in %s", len(blocks), document)
		}
		for _, b := range blocks {
			for piece := range strings.SplitSeq(strings.TrimSpace(b[1]), "\n\n") {
				if !strings.Contains(code, piece) {
					t.Errorf("%s shows what is not tested:\n%s", document, piece)
				}
			}
		}
	}
}

func diff(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("got differs from want (-want +got):\n%s", d)
	}
}

func TestComplete(t *testing.T) {
	got := list([]order{{"tea", "3"}, {"milk", "1"}})(raxx.Get("/orders"))
	diff(t, raxx.Reply(200, "text/csv", raxx.Data("tea,3\nmilk,1\n")), got)
}

func TestExport(t *testing.T) {
	cut := errors.New("the database is gone")
	rows := func(yield func(order, error) bool) {
		_ = yield(order{"tea", "3"}, nil) && yield(order{"milk", "1"}, nil) && yield(order{}, cut)
	}
	x := raxxtest.Start(export(rows)(raxx.Get("/orders.csv")))
	diff(t, raxx.Data("tea,3\nmilk,1\n"), x.Content())
	if !errors.Is(x.Err(), cut) {
		t.Errorf("the client takes the reply for whole: %v", x.Err())
	}
}

func TestCountReadsWhatComes(t *testing.T) {
	diff(t, raxx.Text(200, "3"), count(raxx.Post("/", "text/plain", raxxtest.Chunks("a\nb", "\nc", "\n"))))
	tooLong := &raxx.Error{Status: 413}
	diff(t, 413, count(raxx.Post("/", "text/plain", raxxtest.Broken(tooLong, "a\n"))).Status)
}

func TestProgress(t *testing.T) {
	resp, err := raxx.Collect(progress(slices.Values([]int{50, 100}))(raxx.Get("/")))
	diff(t, raxx.Body(raxx.Data("data: 50\n\ndata: 100\n\n")), resp.Body)
	if err != nil {
		t.Error(err)
	}
}

func TestTicker(t *testing.T) {
	again := raxx.After{Delay: time.Second}
	got := raxxtest.Run(ticker(raxx.Get("/")), raxx.Timer{}, raxx.Timer{}, raxx.Drain{})
	want := []raxx.Part{
		raxx.Reply(200, "text/plain", nil), again,
		raxx.Data("0\n"), again,
		raxx.Data("1\n"), again,
		raxx.Tail{},
	}
	diff(t, want, got)
}

func TestPoll(t *testing.T) {
	server := raxxtest.NewServer(func(req raxx.Request) raxx.Response {
		if req.Method == "POST" {
			return place(req)
		}
		return poll(req)
	})
	waiting := server.Serve(raxx.Get("/orders/next"))
	server.Serve(raxx.Post("/orders", "text/plain", nil))
	got, err := waiting.Response()
	diff(t, raxx.Text(200, "tea"), got)

	late := server.Serve(raxx.Get("/orders/next"))
	server.Advance(30 * time.Second)
	none, again := late.Response()
	diff(t, raxx.NoContent(), none)
	if err != nil || again != nil {
		t.Error(err, again)
	}
}

func TestAnnounce(t *testing.T) {
	server := raxxtest.NewServer(poll)
	waiting := server.Serve(raxx.Get("/orders/next"))
	sales := make(chan string, 1)
	sales <- "milk"
	close(sales)
	announce(sales, server.Publish)
	got, err := waiting.Response()
	diff(t, raxx.Text(200, "milk"), got)
	if err != nil {
		t.Error(err)
	}
}

func TestNews(t *testing.T) {
	server := raxxtest.NewServer(news)
	page, err := server.EventSource(raxx.Get("/news"))
	if err != nil {
		t.Fatal(err)
	}
	server.Publish("orders", "tea")
	diff(t, []sse.Event{{Type: "order", Data: "tea"}}, page.Events())
}

func TestBoardMissesNothing(t *testing.T) {
	total := "1"
	server := raxxtest.NewServer(board(func() string { return total }))
	page, err := server.EventSource(raxx.Get("/board"))
	if err != nil {
		t.Fatal(err)
	}
	total = "2"
	server.Publish("total", "2")
	server.Advance(0)
	diff(t, []sse.Event{{Data: "2"}, {Data: "2"}}, page.Events())
}

// Two who change the total at once publish it in either order.
func TestBoardShowsTheLatest(t *testing.T) {
	server := raxxtest.NewServer(board(func() string { return "3" }))
	page, err := server.EventSource(raxx.Get("/board"))
	if err != nil {
		t.Fatal(err)
	}
	server.Publish("total", "3")
	server.Publish("total", "2")
	diff(t, []sse.Event{{Data: "3"}, {Data: "3"}}, page.Events())
}

func TestChat(t *testing.T) {
	server := raxxtest.NewServer(chat)
	ada, err := server.WebSocket(websocket.Handshake("/chat"))
	if err != nil {
		t.Fatal(err)
	}
	diff(t, []raxx.Event{websocket.Text("hello")}, ada.Send(websocket.Text("hello")))
}

func TestAssistant(t *testing.T) {
	server := raxxtest.NewServer(assistant(func(req raxx.Request) raxx.Response {
		if req.Body != raxx.Body(raxx.Data("why?")) {
			return raxx.Response{Status: 200, Body: raxxtest.Broken(errors.New("out of order"))}
		}
		return raxx.Response{Status: 200, Body: raxxtest.Chunks("because ", "of tea")}
	}))
	page, err := server.WebSocket(websocket.Handshake("/"))
	if err != nil {
		t.Fatal(err)
	}
	page.Send(websocket.Text("why?"))
	for range 3 {
		server.Advance(0)
	}
	diff(t, []raxx.Event{websocket.Binary("because "), websocket.Binary("of tea"), websocket.Binary("")}, page.Messages())
	page.Send(websocket.Text("how?"))
	server.Advance(0)
	if !page.Ended() {
		t.Error("the page is not told that there is no answer")
	}
}
