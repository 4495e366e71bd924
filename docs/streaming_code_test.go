package docs_test

import (
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/sse"
	"github.com/raxx-go/raxx/raxx/websocket"
)

// The code that streaming.md shows. Its tests are in streaming_test.go.

type order struct{ Name, Price string }

func list(orders []order) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		var b strings.Builder
		for _, o := range orders {
			b.WriteString(o.Name + "," + o.Price + "\n")
		}
		return raxx.Reply(200, "text/csv", raxx.Data(b.String()))
	}
}

func export(orders iter.Seq2[order, error]) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		return raxx.Reply(200, "text/csv", raxx.NewStream(-1, func(yield func([]byte, error) bool) {
			for o, err := range orders {
				if !yield([]byte(o.Name+","+o.Price+"\n"), err) || err != nil {
					return
				}
			}
		}))
	}
}

var count = raxx.Try(func(req raxx.Request) (raxx.Response, error) {
	lines := 0
	for chunk, err := range raxx.Chunks(req.Body) {
		if err != nil {
			return raxx.Response{}, err // it knows its status: 400, 408 or 413
		}
		lines += strings.Count(string(chunk), "\n")
	}
	return raxx.Text(200, strconv.Itoa(lines)), nil
})

func progress(work iter.Seq[int]) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		return sse.Pull(func(yield func(sse.Event, error) bool) {
			for percent := range work {
				if !yield(sse.Event{Data: strconv.Itoa(percent)}, nil) {
					return
				}
			}
		})
	}
}

func ticker(req raxx.Request) raxx.Response {
	return raxx.Reply(200, "text/plain", raxx.NewMachine(0, tick))
}

func tick(n int, event raxx.Event) (int, []raxx.Part) {
	switch event.(type) {
	case raxx.Open:
		return n, []raxx.Part{raxx.After{Delay: time.Second}}
	case raxx.Timer:
		return n + 1, []raxx.Part{raxx.Data(strconv.Itoa(n) + "\n"), raxx.After{Delay: time.Second}}
	case raxx.Drain:
		return n, []raxx.Part{raxx.Tail{}}
	}
	return n, nil
}

func poll(req raxx.Request) raxx.Response {
	return raxx.Defer(raxx.NewMachine("orders", wait))
}

func wait(topic string, event raxx.Event) (string, []raxx.Part) {
	switch event := event.(type) {
	case raxx.Open:
		return topic, []raxx.Part{raxx.Subscribe{Topic: topic}, raxx.After{Delay: 30 * time.Second}}
	case raxx.Info:
		return topic, []raxx.Part{raxx.Text(200, event.Message)}
	case raxx.Timer, raxx.Drain:
		return topic, []raxx.Part{raxx.NoContent(), raxx.Tail{}}
	}
	return topic, nil
}

func place(req raxx.Request) raxx.Response {
	return raxx.Redirect(201, "/orders/7").WithDo(raxx.Publish{Topic: "orders", Message: "tea"})
}

func announce(sales <-chan string, publish func(topic, message string)) {
	for name := range sales {
		publish("orders", name)
	}
}

func news(req raxx.Request) raxx.Response {
	return sse.Stream(req, sse.Config{}, raxx.NewMachine("orders", tell))
}

func tell(topic string, event raxx.Event) (string, []raxx.Part) {
	switch event := event.(type) {
	case raxx.Open:
		return topic, []raxx.Part{raxx.Subscribe{Topic: topic}}
	case raxx.Info:
		return topic, []raxx.Part{sse.Event{Type: "order", Data: event.Message}}
	}
	return topic, nil
}

func board(total func() string) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		return sse.Stream(req, sse.Config{}, raxx.NewMachine(total, show))
	}
}

func show(total func() string, event raxx.Event) (func() string, []raxx.Part) {
	switch event.(type) {
	case raxx.Open:
		return total, []raxx.Part{raxx.Subscribe{Topic: "total"}, raxx.After{}}
	case raxx.Timer, raxx.Info:
		return total, []raxx.Part{sse.Event{Data: total()}}
	}
	return total, nil
}

func chat(req raxx.Request) raxx.Response {
	return websocket.Upgrade(req, websocket.Config{}, raxx.NewMachine("room", talk))
}

func talk(room string, event raxx.Event) (string, []raxx.Part) {
	switch event := event.(type) {
	case raxx.Open:
		return room, []raxx.Part{raxx.Subscribe{Topic: room}}
	case websocket.Text:
		return room, []raxx.Part{raxx.Publish{Topic: room, Message: string(event)}}
	case raxx.Info:
		return room, []raxx.Part{websocket.Text(event.Message)}
	}
	return room, nil
}

func assistant(model raxx.Handler) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		ask := func(question string) raxx.Body {
			return raxx.StreamFrom(-1, func() (io.ReadCloser, error) {
				asked := raxx.Post("https://model.example/", "text/plain", raxx.Data(question))
				return raxx.NewReader(model(asked.WithContext(req.Context())).Body), nil
			})
		}
		return websocket.Upgrade(req, websocket.Config{}, raxx.NewMachine(ask, converse))
	}
}

func converse(ask func(string) raxx.Body, event raxx.Event) (func(string) raxx.Body, []raxx.Part) {
	switch event := event.(type) {
	case websocket.Text:
		return ask, []raxx.Part{raxx.Pull{Name: "answer", From: ask(string(event))}}
	case raxx.Pulled:
		if event.Cause.Err() != nil {
			return ask, []raxx.Part{websocket.Close{Code: websocket.TryAgainLater}}
		}
		return ask, []raxx.Part{websocket.Binary(event.Data)} // empty at the end
	}
	return ask, nil
}
