package nethttp_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// What can't be sent is found out behind a ResponseWriter of a middleware, too, and
// the machine that has sent it is told.
func TestPartsThatCannotBeSentThroughAWriter(t *testing.T) {
	writer := nethttp.FromMiddleware(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(&recording{ResponseWriter: w}, r) })
	})
	head := raxx.Response{Status: 200}
	field := raxx.Header{{Name: "a b"}}
	for name, parts := range map[string][]raxx.Part{
		"a status":                 {raxx.Response{Status: 99}},
		"a field":                  {raxx.Response{Status: 200, Header: field}},
		"a field that splits":      {raxx.Response{Status: 200, Header: raxx.Header{{Name: "a", Value: "b\r\nc: d"}}}},
		"a second head":            {head, head},
		"content before the head":  {raxx.Data("x")},
		"an end before the head":   {raxx.Tail{}},
		"a trailer with the head":  {raxx.Response{Status: 200, Trailer: field}, raxx.Tail{}},
		"a trailer":                {head, raxx.Tail{Trailer: field}},
		"a trailer that splits":    {head, raxx.Tail{Trailer: raxx.Header{{Name: "a", Value: "b\r\nc: d"}}}},
		"a trailer that frames":    {head, raxx.Tail{Trailer: raxx.Header{{Name: "content-length", Value: "1"}}}},
		"an Inform":                {raxx.Inform{Status: 99}},
		"an Inform behind a head":  {head, raxx.Inform{Status: 103}},
		"no part":                  {nil},
		"less than promised":       {head.With("content-length", "9"), raxx.Data("x"), raxx.Tail{}},
		"more than promised":       {head.With("content-length", "9"), raxx.Data("more than nine")},
		"a stream with a trailer":  {head.WithBody(raxxtest.Chunks("x").WithTrailer(func() raxx.Header { return field }))},
		"a stream that is shorter": {head.WithBody(raxx.NewStream(4, raxx.Chunks(raxx.Data("x"))))},
	} {
		t.Run(name, func(t *testing.T) {
			var last raxx.Event
			x := raxxtest.NewServer(writer(func(raxx.Request) raxx.Response {
				return raxx.Defer(raxx.NewMachine(struct{}{}, func(s struct{}, event raxx.Event) (struct{}, []raxx.Part) {
					if last = event; event == (raxx.Info{Topic: "now"}) {
						return s, parts
					}
					return s, nil
				}))
			})).Serve(raxx.Get("/"))
			x.Send(raxx.Info{Topic: "now"})
			if x.Err() == nil {
				t.Error("the reply is whole")
			}
			_, whole := parts[0].(raxx.Response)
			if whole = whole && parts[0].(raxx.Response).Body != nil; !whole && last != (raxx.Closed{Reason: raxx.Unsendable}) {
				t.Errorf("the last that the machine is told is %#v", last)
			}
		})
	}
}

// A middleware that keeps the head back, as http.TimeoutHandler does, lets no other
// protocol begin: the client would wait for what never comes.
func TestUpgradeBehindAWriterThatKeepsTheHead(t *testing.T) {
	keeps := nethttp.FromMiddleware(func(next http.Handler) http.Handler { return http.TimeoutHandler(next, time.Hour, "") })
	upgrade := raxx.Response{Status: 101, Header: raxx.Header{{Name: "upgrade", Value: "chat"}}}
	wait := func(s struct{}, event raxx.Event) (struct{}, []raxx.Part) { return s, nil }
	late := func(s struct{}, event raxx.Event) (struct{}, []raxx.Part) {
		if _, begins := event.(raxx.Open); begins {
			return s, []raxx.Part{upgrade}
		}
		return s, nil
	}
	for name, resp := range map[string]raxx.Response{
		"at once":  upgrade.WithBody(raxx.NewMachine(struct{}{}, wait)),
		"deferred": raxx.Defer(raxx.NewMachine(struct{}{}, late)),
	} {
		t.Run(name, func(t *testing.T) {
			x := raxxtest.NewServer(keeps(func(raxx.Request) raxx.Response { return resp })).Serve(raxx.Get("/").Add("upgrade", "chat"))
			if x.Err() == nil {
				t.Errorf("the client waits behind %v", x.Parts())
			}
		})
	}
}
