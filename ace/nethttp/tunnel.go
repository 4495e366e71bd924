package nethttp

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// asksForWebSocket reports whether a request asks to speak that protocol.
func asksForWebSocket(req raxx.Request) bool {
	return strings.EqualFold(req.Header.Get("upgrade"), webSocket) && req.Method == "GET" && req.Body == nil
}

const webSocket = "websocket"

// askForWebSocket makes r ask for one. Whoever comes over HTTP/2 has sent no key (RFC
// 8441, Section 5), and the service wants one (RFC 6455, Section 4.1).
func askForWebSocket(r *http.Request) {
	r.Header["Connection"], r.Header["Upgrade"] = []string{"Upgrade"}, []string{webSocket}
	if r.Header["Sec-Websocket-Key"] == nil {
		var key [16]byte
		rand.Read(key[:])
		r.Header["Sec-Websocket-Key"] = []string{base64.StdEncoding.EncodeToString(key[:])}
	}
}

// switched returns the answer of a service that speaks another protocol from here
// on, as the request has asked for.
func (a *answer) switched() raxx.Response {
	service, ok := a.resp.Body.(io.ReadWriteCloser)
	if !ok || !asksForWebSocket(a.req) || !strings.EqualFold(a.resp.Header.Get("Upgrade"), webSocket) {
		a.close()
		return noAnswer(a.req, errors.New("a response of status 101"))
	}
	resp := raxx.Response{Status: raxx.StatusSwitchingProtocols, Header: answerFields(a.resp)}.With("upgrade", webSocket)
	if !a.req.Header.Has("sec-websocket-key") {
		resp = resp.Without("sec-websocket-accept") // the client has sent no key
	}
	t, cancel := &tunnelled{service}, a.cancel
	letGo := func() {
		service.Close()
		cancel()
	}
	if !a.req.Scope.OnEnd(func(raxx.Ending) { letGo() }) {
		runtime.AddCleanup(t, func(letGo func()) { letGo() }, letGo)
	}
	resp.Body = raxx.NewMachine(t, (*tunnelled).step)
	return resp
}

// tunnelled is the state of a machine that passes on what a client and a service
// say to each other. It does not change.
type tunnelled struct{ service io.ReadWriteCloser }

// The names of what the machine has read and written for it.
const (
	fromService = "nethttp: from the service"
	toService   = "nethttp: to the service"
)

// tunnelProgress is how long a service may take to take what the client has said.
const tunnelProgress = 30 * time.Second

func (t *tunnelled) step(event raxx.Event) (*tunnelled, []raxx.Part) {
	switch event := event.(type) {
	case raxx.Open:
		said := raxx.StreamFrom(-1, func() (io.ReadCloser, error) { return io.NopCloser(t.service), nil })
		return t, []raxx.Part{raxx.Pull{Name: fromService, From: said}}
	case raxx.Data:
		return t, []raxx.Part{raxx.Pull{Name: toService, From: t.telling(event), Hold: true}}
	case raxx.Tail:
		return t, t.hangUp()
	case raxx.Pulled:
		return t, t.pulled(event)
	case raxx.Closed:
		t.service.Close()
	}
	return t, nil
}

// telling returns a body that is empty, and writes data to the service when it is
// read. A service that does not take it is given up.
func (t *tunnelled) telling(data raxx.Data) raxx.Body {
	return raxx.NewStream(0, func(yield func([]byte, error) bool) {
		late := time.AfterFunc(tunnelProgress, func() { t.service.Close() })
		defer late.Stop()
		if _, err := io.WriteString(t.service, string(data)); err != nil {
			yield(nil, err)
		}
	})
}

// hangUp tells the service that the client has said its last, if there is a way to
// say just that.
func (t *tunnelled) hangUp() []raxx.Part {
	if half, ok := t.service.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		return nil
	}
	t.service.Close()
	return []raxx.Part{raxx.Tail{}}
}

// pulled passes on what the service has said. The tunnel ends when that has said its
// last.
func (t *tunnelled) pulled(event raxx.Pulled) []raxx.Part {
	switch {
	case event.Cause.Err() != nil:
		t.service.Close()
		return []raxx.Part{raxx.Abort{Cause: event.Cause}}
	case event.Name == toService:
		return nil
	case event.End:
		t.service.Close()
		return []raxx.Part{raxx.Tail{}}
	}
	return []raxx.Part{event.Data}
}
