package main

import (
	"context"
	"net"
	"strings"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

func serveHarmedAce(l net.Listener) error {
	t := newTally()
	h := func(req raxx.Request) raxx.Response { return harmedReply(req, t) }
	return ace.New(h, ace.Config{HeadTimeout: harmedTimeout, ProgressTimeout: harmedTimeout, Trace: t.trace()}).RunEndpoints(context.Background(), ace.Endpoint{Listener: l})
}

func harmedReply(req raxx.Request, t *tally) raxx.Response {
	switch req.Path {
	case panicPath:
		panic("a fault of the handler")
	case machinePath:
		return raxx.Reply(200, textType, raxx.NewMachine(struct{}{}, panicAtTimer))
	case endlessPath:
		return raxx.Reply(200, bytesType, raxx.NewMachine(struct{}{}, sendForEver))
	case waitPath:
		<-req.Context().Done()
	case largePath:
		return raxx.Reply(200, bytesType, raxx.Data(fileContent))
	case statePath:
		return raxx.Reply(200, jsonType, raxx.Data(t.state()))
	}
	return raxx.Text(200, helloText)
}

// panicAtTimer begins a reply, and panics in the step behind that.
func panicAtTimer(s struct{}, event raxx.Event) (struct{}, []raxx.Part) {
	if _, ok := event.(raxx.Timer); ok {
		panic("a fault of the machine")
	}
	return s, []raxx.Part{raxx.Data(helloText), raxx.After{}}
}

// pieceOfEndless is what a machine without end sends at once.
var pieceOfEndless = raxx.Data(strings.Repeat("again", 1<<16/5))

// sendForEver sends, and as soon as that is gone sends again.
func sendForEver(s struct{}, _ raxx.Event) (struct{}, []raxx.Part) {
	return s, []raxx.Part{pieceOfEndless, raxx.After{}}
}
