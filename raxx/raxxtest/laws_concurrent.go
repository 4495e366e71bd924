package raxxtest

import (
	"fmt"
	"strconv"
	"sync"

	"github.com/raxx-go/raxx/raxx"
)

// tryConcurrently asks one handler behind the middleware from many goroutines.
// Each has to get the answer to its own request.
func (l *laws) tryConcurrently() {
	l.kase = "many requests at once"
	const goroutines, requests = 8, 12
	p := &probe{}
	fields := head(p, 200).Header // shared by all, as a package's variable may be
	h := l.mw(func(req raxx.Request) raxx.Response { return answerTo(req, fields) })
	prototype := request(p, "GET", "/law", nil)
	complaints := make(chan string, goroutines*requests)
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			for n := range requests {
				req := prototype
				req.Query = "n=" + strconv.Itoa(g*requests+n)
				if complaint := l.askOne(h, l.prepare(req)); complaint != "" {
					complaints <- complaint
				}
			}
		})
	}
	all.Wait()
	close(complaints)
	for complaint := range complaints {
		l.demand(false, lawConcurrent, "%s", complaint)
	}
	l.checkGuards(p)
}

// answerTo answers in one of four ways with what the request asks for.
func answerTo(req raxx.Request, fields raxx.Header) raxx.Response {
	resp := raxx.Response{Status: 200, Header: fields}
	content := raxx.Data("answer to " + req.Query + ": " + text)
	switch req.Query[len(req.Query)-1] % 4 {
	case 0:
		return resp.WithBody(content)
	case 1:
		return resp.WithBody(Chunks("answer to ", req.Query, ": "+text))
	case 2:
		return resp.WithBody(raxx.NewMachine(0, func(int, raxx.Event) (int, []raxx.Part) {
			return 0, []raxx.Part{content, raxx.Tail{}}
		}))
	}
	return raxx.Defer(raxx.NewMachine(0, func(int, raxx.Event) (int, []raxx.Part) {
		return 0, []raxx.Part{resp.WithBody(content)}
	}))
}

// askOne returns what is wrong with the answer to one request; "" if nothing is.
func (l *laws) askOne(h raxx.Handler, req raxx.Request) (complaint string) {
	defer func() {
		if v := recover(); v != nil {
			complaint = fmt.Sprintf("a panic: %v", v)
		}
	}()
	query := req.Query
	x := NewServer(nil).start(req.Method, h(req), raxx.Open{})
	resp, err := x.Response()
	if err != nil {
		return err.Error()
	}
	if !resp.Header.Has("x-law") {
		return "" // the middleware has answered by itself
	}
	content, err := l.decode(resp, raxx.Data(x.content))
	if want := raxx.Data("answer to " + query + ": " + text); err != nil || content != want {
		return fmt.Sprintf("%q, %v instead of %q", clip(content), err, clip(want))
	}
	return ""
}
