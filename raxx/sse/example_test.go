package sse_test

import (
	"fmt"
	"strconv"
	"time"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
	"github.com/raxx-go/raxx/raxx/sse"
)

func ticker(req raxx.Request) raxx.Response {
	return sse.Stream(req, sse.Config{}, raxx.NewMachine(0, tick))
}

func tick(n int, event raxx.Event) (int, []raxx.Part) {
	switch event.(type) {
	case raxx.Open, raxx.Timer:
		return n + 1, []raxx.Part{sse.Event{Data: strconv.Itoa(n)}, raxx.After{Delay: time.Second}}
	}
	return n, nil
}

// The application is a pure function, so a test calls it.
func Example() {
	for _, event := range []raxx.Event{raxx.Open{}, raxx.Timer{}, raxx.Drain{}} {
		_, parts := tick(7, event)
		fmt.Printf("%T: %+v\n", event, parts)
	}
	// Output:
	// raxx.Open: [{ID: Type: Data:7 Retry:0s} {Name: Delay:1s}]
	// raxx.Timer: [{ID: Type: Data:7 Retry:0s} {Name: Delay:1s}]
	// raxx.Drain: []
}

// What a client gets, with time made by hand.
func ExampleStream() {
	x := raxxtest.Start(ticker(raxx.Get("/")))
	x.Advance(2 * time.Second)
	events, err := sse.Parse(x.Content())
	for _, event := range events {
		fmt.Println(event.Data)
	}
	fmt.Println(err)
	// Output:
	// 0
	// 1
	// 2
	// <nil>
}
