package ace_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// unsendable are handlers whose response breaks a rule before anything of it is
// sent: the client gets a 500.
func unsendable() map[string]raxx.Handler {
	resp := func(resp raxx.Response) raxx.Handler { return func(raxx.Request) raxx.Response { return resp } }
	field := func(name, value string) raxx.Handler {
		return resp(raxx.Response{Status: 200, Header: raxx.Header{{Name: name, Value: value}}})
	}
	trailer := func(name, value string) raxx.Handler {
		return resp(raxx.Response{Status: 200, Body: raxx.Data("ab"), Trailer: raxx.Header{{Name: name, Value: value}}})
	}
	length := func(status int, body raxx.Body, values ...string) raxx.Response {
		resp := raxx.Response{Status: status, Body: body}
		for _, value := range values {
			resp = resp.Add("content-length", value)
		}
		return resp
	}
	split := raxx.Header{{Name: "a", Value: "b\r\nc: d"}}
	idle := reacts(opening())
	return map[string]raxx.Handler{
		"no status":             resp(raxx.Response{}),
		"an interim status":     resp(raxx.Response{Status: 199}),
		"a status beyond 599":   resp(raxx.Text(600, "a")),
		"no name":               field("", "a"),
		"a name in upper case":  field("A", "b"),
		"a name that splits":    field("a: b\r\nc", "d"),
		"a value that splits":   field("a", "b\r\nc: d"),
		"LF in a value":         field("a", "b\nc: d"),
		"CR in a value":         field("a", "b\rc: d"),
		"NUL in a value":        field("a", "b\x00"),
		"white space at an end": field("a", "b "),
		"a trailer that splits": trailer("a", "b\r\nc: d"),
		"a trailer that frames": trailer("content-length", "2"),
		"an error that splits": raxx.Try(func(raxx.Request) (raxx.Response, error) {
			return raxx.NoContent(), &raxx.Error{Status: 401, Header: split}
		}),
		"a file that splits":     resp(raxx.Response{Status: 200, Header: split, Body: raxx.NewFile(nil, "a")}),
		"too long a length":      resp(length(200, raxx.Data("a"), "2")),
		"too short a length":     resp(length(200, raxx.Data("ab"), "1")),
		"a length of no content": resp(length(200, nil, "1")),
		"a length that is none":  resp(length(200, nil, "-0")),
		"two lengths":            resp(length(200, raxx.Data("a"), "1", "1")),
		"a 204 with content":     resp(raxx.Text(204, "a")),
		"a 205 with a stream":    resp(raxx.Response{Status: 205, Body: raxxtest.Chunks("a")}),
		"a pointer to a body":    resp(raxx.Response{Status: 200, Body: new(raxx.Data)}),
		"an effect of machines":  resp(raxx.Text(200, "a").WithDo(raxx.Subscribe{Topic: "a"})),

		"a machine's head that splits":                resp(raxx.Response{Status: 200, Header: split, Body: idle}),
		"a machine's length that is none":             resp(length(200, idle, "x")),
		"a 205 of a machine, with a length":           resp(length(205, idle, "2")),
		"a field beside a deferred head":              resp(raxx.Response{Header: typed, Body: idle}),
		"a trailer beside a deferred head":            resp(raxx.Response{Trailer: typed, Body: idle}),
		"a deferred head that splits":                 defers(opening(raxx.Response{Status: 200, Header: split})),
		"a deferred response that splits":             defers(opening(raxx.Response{Status: 200, Header: split, Body: raxx.Data("ab")})),
		"a deferred head without a status":            defers(opening(raxx.Response{})),
		"a deferred status beyond 599":                defers(opening(raxx.Response{Status: 600})),
		"a deferred head with effects":                defers(opening(raxx.Response{Status: 200}.WithDo(raxx.Publish{Topic: "a"}), raxx.Tail{})),
		"a deferred response with effects of another": defers(opening(raxx.Text(200, "a").WithDo(raxx.After{}))),
		"a machine in a machine":                      defers(opening(raxx.Response{Status: 200, Body: idle})),
		"the end before the head":                     defers(opening(raxx.Tail{})),
		"an interim response that splits":             defers(opening(raxx.Inform{Status: 103, Header: split})),
		"an interim response of a final status":       defers(opening(raxx.Inform{Status: 200}, raxx.Text(200, "a"))),
		"a part that is none of a reply":              defers(opening(raxx.Get("/"))),
	}
}

// unsendableBehind are those that break a rule behind "ab" of their content: the
// client sees that the reply is not whole.
func unsendableBehind() map[string]raxx.Handler {
	late := func(name, value string) raxx.Handler {
		return body(raxxtest.Chunks("ab").WithTrailer(func() raxx.Header { return raxx.Header{{Name: name, Value: value}} }))
	}
	last := func(part raxx.Part) raxx.Handler { return does(opening(raxx.Data("ab"), part)) }
	tail := func(name, value string) raxx.Handler {
		return last(raxx.Tail{Trailer: raxx.Header{{Name: name, Value: value}}})
	}
	return map[string]raxx.Handler{
		"a stream's trailer that splits":  late("a", "b\r\nc: d"),
		"a stream's trailer that frames":  late("content-length", "2"),
		"a machine's trailer that splits": tail("a", "b\r\nc: d"),
		"a machine's trailer that frames": tail("content-length", "2"),
		"a second head":                   last(raxx.Response{Status: 200}),
		"an interim response":             last(raxx.Inform{Status: 103}),
	}
}

// What can't be sent reaches no client, on whichever way.
func TestContractUnsendable(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		check := func(name string, h raxx.Handler, want answer) {
			t.Run(name, func(t *testing.T) {
				wantAnswer(t, want, e.newClient(t, h, ace.Config{}).ask(ask{method: "GET", target: "/"}))
			})
		}
		whole := faultPage
		whole.header = withLength(whole.header, 46)
		for name, h := range unsendable() {
			check(name, h, whole)
		}
		for name, h := range unsendableBehind() {
			check(fmt.Sprint(name, ", behind content"), h, cut("ab"))
		}
	})
	for _, handlers := range []map[string]raxx.Handler{unsendable(), unsendableBehind()} {
		for name, h := range handlers {
			if resp, err := raxxtest.NewServer(h).Serve(raxx.Get("/")).Response(); err == nil {
				t.Errorf("without a server, %s is %+v", name, resp)
			}
		}
	}
}

// What keeps a machine from sending its head is told to who makes the reply in
// its place: see Config.ErrorResponse.
func TestContractErrorsOfMachines(t *testing.T) {
	broken := errors.New("the disk is full")
	tests := []struct {
		name string
		h    raxx.Handler
		want error
	}{
		{"one that breaks off", defers(opening(raxx.Abort{Cause: raxx.NewCause(broken)})), broken},
		{"one whose mailbox is full", func(raxx.Request) raxx.Response {
			say := raxx.Publish{Topic: "full", Message: "m"}
			return raxx.Defer(reacts(opening(say, say, say))).WithDo(raxx.Subscribe{Topic: "full"})
		}, ace.ErrOverflow},
	}
	onEngines(t, func(t *testing.T, e engine) {
		if e.under == serverOfNetHTTP || e.stack {
			t.Skip("the response is not made by the Config of ace alone")
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				told := make(chan error, 1)
				config := ace.Config{MaxMailbox: 1, ErrorResponse: func(_ raxx.Request, err error) raxx.Response {
					told <- err
					return raxx.Text(507, "instead")
				}}
				if got := e.newClient(t, tt.h, config).ask(ask{method: "GET", target: "/"}); got.status != 507 {
					t.Errorf("the status is %d, want 507", got.status)
				}
				err := within(t, told, "the error is told")
				var abort *ace.AbortError
				if !errors.Is(err, tt.want) || errors.As(err, &abort) != (tt.want == broken) {
					t.Errorf("ErrorResponse was told %T %v, want %v", err, err, tt.want)
				}
			})
		}
	})
}
