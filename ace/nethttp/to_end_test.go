package nethttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// lateReader is a body that stops coming.
type lateReader struct{}

func (lateReader) Read([]byte) (int, error) { return 0, os.ErrDeadlineExceeded }

// How an exchange ends whose machine has not sent its head: who may still be there
// to see it gets a reply, and nobody one that looks whole.
func TestToHTTPEndWithoutAHead(t *testing.T) {
	for _, row := range []struct {
		name   string
		body   io.Reader
		do     func(h *nethttp.Handler, leave func())
		status int // 0: the reply is cut
		told   raxx.Reason
	}{
		{"the handler is closed", nil, func(h *nethttp.Handler, _ func()) { h.Close() }, 0, raxx.ServerClosed},
		{"the client leaves", nil, func(_ *nethttp.Handler, leave func()) { leave() }, 0, raxx.ClientGone},
		{"the mailbox is full", nil, func(h *nethttp.Handler, _ func()) { h.Publish("t", "1") }, 500, raxx.Overflowed},
		{"the body is too large", strings.NewReader("too large"), nil, 413, raxx.Violated},
		{"the body stops coming", io.MultiReader(strings.NewReader("a"), lateReader{}), nil, 408, raxx.TimedOut},
		{"the body breaks off", io.MultiReader(strings.NewReader("a"), errReader{}), nil, 0, raxx.ClientGone},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var last raxx.Event
				var h *nethttp.Handler
				h = to(answers(raxx.Defer(reacts(func(event raxx.Event) []raxx.Part {
					last = event
					if _, opens := event.(raxx.Open); opens {
						return []raxx.Part{raxx.Subscribe{Topic: "t"}}
					}
					if info, told := event.(raxx.Info); told && info.Message == "1" {
						for range 1000 {
							h.Publish("t", "2")
						}
					}
					return nil
				}))))
				w := httptest.NewRecorder()
				ctx, leave := context.WithCancel(t.Context())
				over := make(chan any, 1)
				go func() {
					defer func() { over <- recover() }()
					r := httptest.NewRequest("POST", "/", row.body).WithContext(ctx)
					http.MaxBytesHandler(h, 3).ServeHTTP(w, r)
				}()
				synctest.Wait()
				if row.do != nil {
					row.do(h, leave)
				}
				cut := <-over
				leave()
				if want := raxx.Event(raxx.Closed{Reason: row.told}); last != want {
					t.Errorf("the machine is told %#v, want %#v", last, want)
				}
				if row.status == 0 && cut != http.ErrAbortHandler || row.status != 0 && (cut != nil || w.Code != row.status) {
					t.Errorf("got %d, and the end is %v", w.Code, cut)
				}
			})
		})
	}
}

// The mailbox has the size that is said, and a machine has no end but its own.
func TestToHTTPMailbox(t *testing.T) {
	for limit, want := range map[int]bool{0: false, 10: false, 1000: true, -1: true} {
		synctest.Test(t, func(t *testing.T) {
			var h *nethttp.Handler
			h = nethttp.ToHTTP(answers(raxx.Defer(reacts(func(event raxx.Event) []raxx.Part {
				switch event := event.(type) {
				case raxx.Open:
					return []raxx.Part{raxx.Subscribe{Topic: "t"}}
				case raxx.Info:
					if event.Message == "1" {
						for range 500 {
							h.Publish("t", "2")
						}
						h.Publish("t", "3")
					}
					if event.Message == "3" {
						return []raxx.Part{raxx.NoContent()}
					}
				}
				return nil
			}))), nethttp.Config{MaxMailbox: limit})
			w := httptest.NewRecorder()
			go func() {
				synctest.Wait()
				h.Publish("t", "1")
			}()
			h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
			if (w.Code == 204) != want {
				t.Errorf("of %d: got %d", limit, w.Code)
			}
		})
	}
}

// What a machine sends behind a response that is all of its reply is a fault: nothing of
// both is sent.
func TestToHTTPPartsBehindAWholeReply(t *testing.T) {
	var reported error
	h := nethttp.ToHTTP(answers(raxx.Defer(sends(raxx.Text(200, "a"), raxx.Data("b")))),
		nethttp.Config{Report: func(_ raxx.Request, err error) { reported = err }})
	if w := ask(h, httptest.NewRequest("GET", "/", nil)); w.Code != 500 || reported == nil {
		t.Errorf("got %d %q, reported %v", w.Code, w.Body, reported)
	}
}

// A machine that begins when the handler is closed is cut in the same way.
func TestToHTTPMachineBehindClose(t *testing.T) {
	var events []raxx.Event
	h := to(answers(raxx.Response{Status: 200, Body: reacts(func(event raxx.Event) []raxx.Part {
		events = append(events, event)
		return nil
	})}))
	h.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // or it would wait for ever
	func() {
		defer func() {
			if v := recover(); v != http.ErrAbortHandler {
				t.Errorf("the reply ended with %v", v)
			}
		}()
		ask(h, httptest.NewRequest("GET", "/", nil).WithContext(ctx))
	}()
	want := []raxx.Event{raxx.Open{Peer: raxx.Peer{Address: "192.0.2.1:1234", Protocol: "HTTP/1.1"}}, raxx.Closed{Reason: raxx.ServerClosed}}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Errorf("unexpected events (-want +got):\n%s", diff)
	}
	if err := h.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown returned %v", err)
	}
}

// What takes the place of a deferred head may stream, also where a machine could
// not; and the panic at the end is told, too.
func TestToHTTPReplyInPlaceOfAMachine(t *testing.T) {
	var reported []string
	h := nethttp.ToHTTP(answers(raxx.Defer(reacts(func(event raxx.Event) []raxx.Part {
		if _, closed := event.(raxx.Closed); closed {
			panic("oh")
		}
		return nil
	}))), nethttp.Config{
		ErrorResponse: func(_ raxx.Request, err error) raxx.Response {
			var known *raxx.Error
			errors.As(err, &known)
			return raxx.Response{Status: known.Status, Body: raxxtest.Chunks("a", "b")}
		},
		Report: func(_ raxx.Request, err error) { reported = append(reported, fmt.Sprint(err)) },
	})
	w := httptest.NewRecorder()
	http.MaxBytesHandler(h, 1).ServeHTTP(struct{ http.ResponseWriter }{w}, httptest.NewRequest("POST", "/", strings.NewReader("abc")))
	if w.Code != 413 || w.Body.String() != "ab" {
		t.Errorf("got %d %q", w.Code, w.Body)
	}
	if diff := cmp.Diff([]string{"ace: the handler panicked: oh"}, reported); diff != "" {
		t.Errorf("unexpected reports (-want +got):\n%s", diff)
	}
}

// A machine whose head has been sent, and none of whose content would be, has
// nothing to do, and is not told of an end.
func TestToHTTPMachineToHEAD(t *testing.T) {
	var events []raxx.Event
	w := ask(to(answers(raxx.Response{Status: 200, Body: reacts(func(event raxx.Event) []raxx.Part {
		events = append(events, event)
		return nil
	})})), httptest.NewRequest("HEAD", "/", nil))
	if w.Code != 200 || len(events) > 0 {
		t.Errorf("got %d, and the machine was told %#v", w.Code, events)
	}
}

// A machine that panics at its last event, with which it could send nothing more,
// is reported.
func TestToHTTPPanicAtTheEnd(t *testing.T) {
	var reported []string
	h := nethttp.ToHTTP(answers(raxx.Defer(reacts(func(event raxx.Event) []raxx.Part {
		if _, closed := event.(raxx.Closed); closed {
			panic("oh")
		}
		return []raxx.Part{raxx.NoContent()}
	}))), nethttp.Config{Report: func(_ raxx.Request, err error) { reported = append(reported, fmt.Sprint(err)) }})
	if w := ask(h, httptest.NewRequest("GET", "/", nil)); w.Code != 204 {
		t.Errorf("got %d", w.Code)
	}
	if diff := cmp.Diff([]string{"ace: the handler panicked: oh"}, reported); diff != "" {
		t.Errorf("unexpected reports (-want +got):\n%s", diff)
	}
}

// A machine is told why what it has sent did not become a reply.
func TestToHTTPReasonsOfFaults(t *testing.T) {
	for _, row := range []struct {
		name  string
		sends raxx.Part
		want  raxx.Reason
	}{
		{"it breaks off", raxx.Abort{}, raxx.Aborted},
		{"it answers with a status that is none", raxx.Response{Status: 42}, raxx.Unsendable},
		{"its pieces would not reach the client", raxx.Response{Status: 200}, raxx.Unsendable},
		{"nobody can switch protocols", raxx.Response{Status: 101, Header: raxx.Header{{Name: "upgrade", Value: "shout"}}}, raxx.Unsendable},
	} {
		var last raxx.Event
		h := to(answers(raxx.Defer(reacts(func(event raxx.Event) []raxx.Part {
			last = event
			return []raxx.Part{row.sends}
		}))))
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["Connection"], r.Header["Upgrade"] = []string{"upgrade"}, []string{"shout"}
		h.ServeHTTP(struct{ http.ResponseWriter }{httptest.NewRecorder()}, r)
		if want := raxx.Event(raxx.Closed{Reason: row.want}); last != want {
			t.Errorf("%s: the machine is told %#v, want %#v", row.name, last, want)
		}
	}
}

// A middleware that gives a reply some time, as that of chi does, is no client that has
// gone: who still waits for a head gets one.
func TestToHTTPMachineWhoseTimeIsOver(t *testing.T) {
	for name, row := range map[string]struct {
		resp   func(raxx.Machine) raxx.Response
		status int // 0: the reply is cut
	}{
		"before its head": {raxx.Defer, 503},
		"behind its head": {func(m raxx.Machine) raxx.Response { return raxx.Response{Status: 200, Body: m} }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var last raxx.Event
				var reported error
				h := nethttp.ToHTTP(answers(row.resp(reacts(func(event raxx.Event) []raxx.Part {
					last = event
					return nil
				}))), nethttp.Config{Report: func(_ raxx.Request, err error) { reported = err }})
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				w := httptest.NewRecorder()
				func() {
					defer func() {
						if v := recover(); (v == http.ErrAbortHandler) != (row.status == 0) {
							t.Errorf("the reply ended with %v", v)
						}
					}()
					h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil).WithContext(ctx))
				}()
				if last != raxx.Event(raxx.Closed{Reason: raxx.TimedOut}) || row.status != 0 && w.Code != row.status || reported != nil {
					t.Errorf("got %d; the machine is told %v; reported is %v", w.Code, last, reported)
				}
			})
		})
	}
}
