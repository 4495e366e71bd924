package main

import (
	"context"
	"net"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/sse"
	"github.com/raxx-go/raxx/raxx/websocket"
	"github.com/raxx-go/raxx/router"
)

const newsTopic = "news"

func serveLiveAce(l net.Listener) error {
	r, err := router.New(
		router.Get(streamPath, func(req raxx.Request) raxx.Response {
			return sse.Stream(req, sse.Config{}, raxx.NewMachine(struct{}{}, aceStream))
		}),
		router.Post(publishPath, func(req raxx.Request) raxx.Response {
			return raxx.NoContent().WithDo(raxx.Publish{Topic: newsTopic, Message: string(req.Body.(raxx.Data))})
		}),
		router.Get(socketPath, func(req raxx.Request) raxx.Response {
			return websocket.Upgrade(req, websocket.Config{}, raxx.NewMachine(struct{}{}, aceEcho))
		}),
	)
	if err != nil {
		return err
	}
	return ace.New(r.Handle, ace.Config{}).RunEndpoints(context.Background(), ace.Endpoint{Listener: l})
}

func aceStream(s struct{}, event raxx.Event) (struct{}, []raxx.Part) {
	switch event := event.(type) {
	case raxx.Open:
		return s, []raxx.Part{raxx.Subscribe{Topic: newsTopic}, sse.Event{Data: "hello"}}
	case raxx.Info:
		return s, []raxx.Part{sse.Event{Data: event.Message}}
	}
	return s, nil
}

func aceEcho(s struct{}, event raxx.Event) (struct{}, []raxx.Part) {
	switch event := event.(type) {
	case websocket.Text:
		return s, []raxx.Part{event}
	case websocket.Binary:
		return s, []raxx.Part{event}
	}
	return s, nil
}
