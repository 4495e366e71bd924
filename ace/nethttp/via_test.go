package nethttp_test

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// A lengthWriter notes the length that a head tells.
type lengthWriter struct {
	http.ResponseWriter
	length []string
}

func (w *lengthWriter) WriteHeader(status int) {
	w.length = w.Header()["Content-Length"]
	w.ResponseWriter.WriteHeader(status)
}

func (w *lengthWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// A ResponseWriter of a middleware sees the length that net/http would send, and
// none that some layer has said of other content.
func TestLengthsThroughAWriter(t *testing.T) {
	hello := fstest.MapFS{"a": {Data: []byte("hello")}}
	ends := reacts(func(event raxx.Event) []raxx.Part {
		if _, ok := event.(raxx.Open); ok {
			return []raxx.Part{raxx.Tail{}}
		}
		return nil
	})
	for name, row := range map[string]struct {
		method string
		resp   raxx.Response
		want   []string
	}{
		"data":                    {"GET", raxx.Text(200, "hello"), []string{"5"}},
		"data to HEAD":            {"HEAD", raxx.Text(200, "hello"), []string{"5"}},
		"nothing":                 {"GET", raxx.Response{Status: 200}, []string{"0"}},
		"nothing to HEAD":         {"HEAD", raxx.Response{Status: 200}, nil},
		"none":                    {"GET", raxx.Response{Status: 204}, nil},
		"a length told to HEAD":   {"HEAD", raxx.Response{Status: 200}.With("content-length", "7"), []string{"7"}},
		"a length told with 304":  {"GET", raxx.Response{Status: 304}.With("content-length", "7"), []string{"7"}},
		"a file":                  {"GET", raxx.Response{Status: 200, Body: raxx.NewFile(hello, "a")}, []string{"5"}},
		"a file to HEAD":          {"HEAD", raxx.Response{Status: 200, Body: raxx.NewFile(hello, "a")}, []string{"5"}},
		"a stream":                {"GET", raxx.Response{Status: 200, Body: raxxtest.Chunks("a", "b")}, nil},
		"a stream of a length":    {"GET", raxx.Response{Status: 200, Body: raxx.NewStream(1, raxx.Chunks(raxx.Data("a")))}, []string{"1"}},
		"a machine":               {"GET", raxx.Response{Status: 200, Body: ends}, nil},
		"a machine's empty reply": {"GET", raxx.Defer(reacts(func(raxx.Event) []raxx.Part { return []raxx.Part{raxx.Response{Status: 200}, raxx.Tail{}} })), nil},
	} {
		var w *lengthWriter
		mw := around(func(next http.Handler, under http.ResponseWriter, r *http.Request) {
			under.Header().Set("Content-Length", "9")
			w = &lengthWriter{ResponseWriter: under}
			next.ServeHTTP(w, r)
		})
		req := get
		req.Method = row.method
		if err := raxxtest.NewServer(mw(answers(row.resp))).Serve(req).Err(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(row.want, w.length); diff != "" {
			t.Errorf("%s: unexpected length (-want +got):\n%s", name, diff)
		}
	}
}

// A countingFS counts the files that are open.
type countingFS struct {
	fs.FS
	open int
}

func (f *countingFS) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	if err != nil {
		return nil, err
	}
	f.open++
	return &countedFile{file, f}, nil
}

type countedFile struct {
	fs.File
	fs *countingFS
}

func (f *countedFile) Close() error {
	f.fs.open--
	return f.File.Close()
}

// A file that was sent through a ResponseWriter is closed, and one that can't be
// opened breaks the reply off because of that.
func TestFilesThroughAWriter(t *testing.T) {
	writer := around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&recording{ResponseWriter: w}, r)
	})
	files := &countingFS{FS: fstest.MapFS{"a": {Data: []byte("hello")}}}
	for _, method := range []string{"GET", "HEAD"} {
		req := get
		req.Method = method
		x := raxxtest.NewServer(writer(answers(raxx.Response{Status: 200, Body: raxx.NewFile(files, "a")}))).Serve(req)
		if want := map[string]raxx.Data{"GET": "hello"}[method]; raxx.Data(x.Content()) != want || x.Err() != nil || files.open != 0 {
			t.Errorf("%s: got %q, %v; open are %d", method, x.Content(), x.Err(), files.open)
		}
	}
	x := raxxtest.NewServer(writer(answers(raxx.Response{Status: 200, Body: raxx.NewFile(files, "b")}))).Serve(get)
	if err := x.Err(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a file: %v, %v", x.Parts(), err)
	}
}

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
		"a head without a status":  {raxx.Response{}},
		"a machine in a machine":   {raxx.Response{Status: 200, Body: raxx.Machine{}}},
		"an effect in a head":      {raxx.Response{Status: 200, Do: []raxx.Effect{raxx.Publish{Topic: "a"}}}},
		"a timer beside a reply":   {raxx.Text(200, "a").WithDo(raxx.After{})},
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

// What a middleware has written stands before what a machine says, as before all else.
// Where it has been sent, the machine has come too late, and the reply is not whole.
func TestRepliesBehindContent(t *testing.T) {
	machine := reacts(func(event raxx.Event) []raxx.Part {
		if _, begins := event.(raxx.Open); begins {
			return []raxx.Part{raxx.Data("b"), raxx.Tail{}}
		}
		return nil
	})
	late := func(part ...raxx.Part) raxx.Response {
		return raxx.Defer(reacts(func(event raxx.Event) []raxx.Part {
			if _, begins := event.(raxx.Open); begins {
				return part
			}
			return nil
		}))
	}
	for name, resp := range map[string]raxx.Response{
		"data":              raxx.Text(404, "b"),
		"a stream":          {Status: 404, Body: raxxtest.Chunks("b")},
		"a machine":         {Status: 404, Body: machine},
		"a deferred head":   late(raxx.Response{Status: 404}, raxx.Data("b"), raxx.Tail{}),
		"a deferred whole":  late(raxx.Text(404, "b")),
		"a deferred stream": late(raxx.Response{Status: 404, Body: raxxtest.Chunks("b")}),
	} {
		for _, flushes := range []bool{false, true} {
			mw := around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
				io.WriteString(w, "a")
				if flushes {
					w.(http.Flusher).Flush()
				}
				next.ServeHTTP(w, r)
			})
			x := raxxtest.NewServer(mw(answers(resp))).Serve(get)
			got, err := x.Response()
			_, machine := resp.Body.(raxx.Machine)
			if broken := flushes && machine; broken && err == nil || !broken && (err != nil || got.Status != 200 || x.Content() != "ab") {
				t.Errorf("%s, flushed: %v: got %v, %v", name, flushes, got, err)
			}
		}
	}
}

// What can't be sent is refused behind a ResponseWriter before net/http repairs it, and
// what was promised is kept, also where the middleware takes the promise away.
func TestResponsesThatCannotBeSentThroughAWriter(t *testing.T) {
	for name, resp := range map[string]raxx.Response{
		"a status":           {Status: 600},
		"a field":            {Status: 200, Header: raxx.Header{{Name: "a", Value: "b\r\nc: d"}}},
		"content with 204":   {Status: 204, Body: raxx.Data("x")},
		"another length":     raxx.Text(200, "x").With("content-length", "2"),
		"a trailer":          raxx.Text(200, "x").WithTrailer("content-length", "1"),
		"101 of a page":      {Status: 101, Body: raxx.Data("x")},
		"less of a stream":   {Status: 200, Body: raxx.NewStream(4, raxx.Chunks(raxx.Data("x")))},
		"more of a stream":   {Status: 200, Body: raxx.NewStream(4, raxx.Chunks(raxx.Data("more than four")))},
		"less than declared": raxx.Response{Status: 200, Body: raxxtest.Chunks("x")}.With("content-length", "4"),
	} {
		for _, wrap := range []func(http.ResponseWriter) http.ResponseWriter{
			func(w http.ResponseWriter) http.ResponseWriter { return &recording{ResponseWriter: w} },
			func(w http.ResponseWriter) http.ResponseWriter { return &lengthless{ResponseWriter: w} },
		} {
			mw := around(func(next http.Handler, w http.ResponseWriter, r *http.Request) { next.ServeHTTP(wrap(w), r) })
			x := raxxtest.NewServer(mw(answers(resp))).Serve(get)
			if got, err := x.Response(); err == nil {
				t.Errorf("%s: the reply is whole: %v", name, got)
			}
		}
	}
}

// A machine may say more than a reply in the step that makes it: all of it is said once,
// before what streams.
func TestPartsBesideAReplyThroughAWriter(t *testing.T) {
	writer := around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&recording{ResponseWriter: w}, r)
	})
	inform, publish := raxx.Inform{Status: 103}, raxx.Publish{Topic: "a", Message: "b"}
	for name, body := range map[string]raxx.Body{"data": raxx.Data("x"), "a stream": raxxtest.Chunks("x")} {
		s := raxxtest.NewServer(writer(answers(raxx.Defer(reacts(func(event raxx.Event) []raxx.Part {
			if _, begins := event.(raxx.Open); begins {
				return []raxx.Part{inform, raxx.Response{Status: 200, Body: body, Do: []raxx.Effect{publish}}}
			}
			return nil
		})))))
		x := s.Serve(get)
		informs := 0
		for _, part := range x.Parts() {
			if _, ok := part.(raxx.Inform); ok {
				informs++
			}
		}
		if _, err := x.Response(); informs != 1 || len(s.Published()) != 1 || err != nil || x.Content() != "x" {
			t.Errorf("%s: got %v and %v, %v", name, x.Parts(), s.Published(), err)
		}
	}
}
