package exchange

import (
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/raxx-go/raxx/raxx"
)

func TestServe(t *testing.T) {
	files := fstest.MapFS{"a": {Data: []byte("hello")}}
	for _, tt := range []struct {
		name   string
		method string
		resp   raxx.Response
		want   []string
	}{
		{"8.6 nothing", "GET", raxx.Response{Status: 200}, []string{"head 200 length 0", "tail"}},
		{"8.6 data", "GET", raxx.Text(200, "hello"), []string{"head 200 length 5", "data hello", "tail"}},
		{"8.6 empty data", "GET", raxx.Text(200, ""), []string{"head 200 length 0", "tail"}},
		{"8.6 a file", "GET", raxx.Response{Status: 200, Body: raxx.NewFile(files, "a")},
			[]string{"head 200 length 5", "file hello", "tail"}},
		{"8.6 a part of a file", "GET", raxx.Response{Status: 206, Body: raxx.NewFile(files, "a").Range(1, 3)},
			[]string{"head 206 length 3", "file ell", "tail"}},
		{"8.6 a stream", "GET", raxx.Response{Status: 200, Body: stream(-1, nil, "he", "", "llo")},
			[]string{"head 200 length -1, streams", "chunk he", "chunk llo", "tail"}},
		{"8.6 a stream of known length", "GET", raxx.Response{Status: 200, Body: stream(5, nil, "he", "llo")},
			[]string{"head 200 length 5, streams", "chunk he", "chunk llo", "tail"}},
		{"8.6 a stream of nothing", "GET", raxx.Response{Status: 200, Body: stream(0, nil)},
			[]string{"head 200 length 0, streams", "tail"}},
		{"8.6 a stream whose length is a field", "GET", raxx.Response{Status: 200, Body: stream(-1, nil, "hello")}.With("content-length", "5"),
			[]string{"head 200 length 5, streams", "chunk hello", "tail"}},
		{"8.6 a content-length that is true", "GET", raxx.Text(200, "hello").With("content-length", "05"),
			[]string{"head 200 length 5", "data hello", "tail"}},
		{"6.5 a trailer", "GET", raxx.Text(200, "hello").WithTrailer("x", "y"),
			[]string{"head 200 length 5, trailer", "data hello", "tail x=y"}},
		{"6.5 a trailer of a stream", "GET", raxx.Response{Status: 200, Trailer: raxx.Header{{Name: "a", Value: "b"}}, Body: stream(-1, nil, "hello").
			WithTrailer(func() raxx.Header { return raxx.Header{{Name: "x", Value: "y"}} })},
			[]string{"head 200 length -1, trailer, streams", "chunk hello", "tail a=b x=y"}},
		{"6.5 a trailer that a stream makes", "GET", raxx.Response{Status: 200, Body: stream(-1, nil, "hello").
			WithTrailer(func() raxx.Header { return raxx.Header{{Name: "x", Value: "y"}} })},
			[]string{"head 200 length -1, trailer, streams", "chunk hello", "tail x=y"}},
		{"6.5 a trailer behind a stream", "GET", raxx.Response{Status: 200, Trailer: raxx.Header{{Name: "a", Value: "b"}}, Body: stream(-1, nil, "hello")},
			[]string{"head 200 length -1, trailer, streams", "chunk hello", "tail a=b"}},
		{"8.6 a stream of nothing whose length is a field", "GET", raxx.Response{Status: 200, Body: stream(-1, nil)}.With("content-length", "0"),
			[]string{"head 200 length 0, streams", "tail"}},
		{"15 the highest status", "GET", raxx.Response{Status: 599}, []string{"head 599 length 0", "tail"}},
		{"9.3.2 HEAD of data", "HEAD", raxx.Text(200, "hello"), []string{"head 200 length 5, no content", "tail"}},
		{"9.3.2 HEAD of a file", "HEAD", raxx.Response{Status: 200, Body: raxx.NewFile(files, "a")},
			[]string{"head 200 length 5, no content", "tail"}},
		{"9.3.2 HEAD of a stream", "HEAD", raxx.Response{Status: 200, Body: stream(-1, nil, "hello")},
			[]string{"head 200 length -1, no content", "tail"}},
		{"9.3.2 HEAD of nothing tells no length", "HEAD", raxx.Response{Status: 200}, []string{"head 200 length -1, no content", "tail"}},
		{"9.3.2 HEAD with a content-length of its own", "HEAD", raxx.Response{Status: 200}.With("content-length", "7"),
			[]string{"head 200 length 7, no content", "tail"}},
		{"15.3.5 a 204", "GET", raxx.NoContent(), []string{"head 204 length -1, no content", "tail"}},
		{"15.3.6 a 205", "GET", raxx.Response{Status: 205}, []string{"head 205 length 0", "tail"}},
		{"15.4.5 a 304", "GET", raxx.Text(304, "hello"), []string{"head 304 length 5, no content", "tail"}},
		{"7.6.1 connection: close", "GET", raxx.NoContent().With("connection", "x, Close"),
			[]string{"head 204 length -1, no content, close", "tail"}},
		{"7.6.1 a connection option that is not close", "GET", raxx.NoContent().With("connection", "closed"),
			[]string{"head 204 length -1, no content", "tail"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &fakeSender{}
			out := exchangeOf(tt.method, respond(tt.resp), s)
			diff(t, tt.want, s.calls)
			if out.Err != nil || out.Fault != nil || out.Status != tt.resp.Status {
				t.Errorf("got %+v", out)
			}
		})
	}
}

// A response that can't be sent is replaced before anything of it is.
func TestServeReplaces(t *testing.T) {
	field := func(name, value string) raxx.Response {
		return raxx.Response{Status: 200, Header: raxx.Header{{Name: name, Value: value}}}
	}
	trailer := func(name, value string) raxx.Response {
		return raxx.Response{Status: 200, Trailer: raxx.Header{{Name: name, Value: value}}}
	}
	for _, tt := range []struct {
		name string
		resp raxx.Response
	}{
		{"15 no status", raxx.Response{}},
		{"15 a negative status", raxx.Response{Status: -200}},
		{"15.2 an interim status", raxx.Response{Status: 199}},
		{"15 a status over 599", raxx.Response{Status: 600}},
		{"7.8 a 101 without a machine", raxx.Response{Status: 101}.With("upgrade", "x")},
		{"5.1 an empty name", field("", "x")},
		{"5.1 a name in upper case", field("X", "y")},
		{"5.1 a name that is no token", field("x y", "z")},
		{"5.5 a value that ends the line", field("x", "a\r\nb: c")},
		{"5.5 a value with a control character", field("x", "a\x7f")},
		{"5.5 a value that begins with white space", field("x", " a")},
		{"5.5 a value that ends with white space", field("x", "a\t")},
		{"6.5 a trailer value that ends the line", trailer("x", "a\nb")},
		{"6.5.1 a trailer that frames", trailer("content-length", "5")},
		{"8.6 a content-length that is more than the content", raxx.Text(200, "hello").With("content-length", "6")},
		{"8.6 a content-length that is less than the content", raxx.Text(200, "hello").With("content-length", "4")},
		{"8.6 a content-length of zero with content", raxx.Text(200, "hello").With("content-length", "0")},
		{"8.6 a content-length without content", field("content-length", "5")},
		{"8.6 a content-length with a sign", field("content-length", "-0")},
		{"8.6 an empty content-length", field("content-length", "")},
		{"8.6 a content-length beyond 63 bits", field("content-length", "9223372036854775808")},
		{"8.6 two content-lengths", field("content-length", "0").Add("content-length", "0")},
		{"8.6 a content-length that a stream denies", raxx.Response{Status: 200, Body: stream(5, nil)}.With("content-length", "6")},
		{"15.3.5 a 204 with content", raxx.Text(204, "hello")},
		{"15.3.5 a 204 with a stream", raxx.Response{Status: 204, Body: stream(-1, nil)}},
		{"15.3.6 a 205 with content", raxx.Text(205, "hello")},
		{"8.6 a pointer to data", raxx.Response{Status: 200, Body: new(raxx.Data)}},
		{"8.6 a pointer to a file", raxx.Response{Status: 200, Body: &raxx.File{}}},
		{"8.6 a pointer to a stream", raxx.Response{Status: 200, Body: &raxx.Stream{}}},
		{"8.6 a pointer to a machine", raxx.Response{Status: 200, Body: &raxx.Machine{}}},
		{"8.6 a pointer that is nil", raxx.Response{Status: 200, Body: (*raxx.Stream)(nil)}},
		{"8.6 a body within something else", raxx.Response{Status: 200, Body: struct{ raxx.Body }{raxx.Data("hello")}}},
		{"8.6 a file that is missing", raxx.Response{Status: 200, Body: raxx.NewFile(fstest.MapFS{}, "a")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &fakeSender{}
			out := exchangeOf("GET", respond(tt.resp), s)
			diff(t, []string{"head 500 length 5", "data sorry", "tail"}, s.calls)
			if _, ok := out.Fault.(*ResponseError); !ok || out.Err != nil || out.Status != 500 {
				t.Errorf("got %+v", out)
			}
		})
	}
	t.Run("9.3.2 the replacement for a reply to HEAD has no content", func(t *testing.T) {
		s := &fakeSender{}
		exchangeOf("HEAD", respond(raxx.Response{}), s)
		diff(t, []string{"head 500 length 5, no content", "tail"}, s.calls)
	})
	t.Run("8.6 a file that its length denies is closed", func(t *testing.T) {
		files := &closingFS{FS: fstest.MapFS{"a": {Data: []byte("hello")}}}
		resp := raxx.Response{Status: 200, Body: raxx.NewFile(files, "a")}.With("content-length", "6")
		exchangeOf("GET", respond(resp), &fakeSender{})
		diff(t, 0, files.open)
	})
	t.Run("8.6 a file beside an effect that nobody would be told of is closed", func(t *testing.T) {
		files := &closingFS{FS: fstest.MapFS{"a": {Data: []byte("hello")}}}
		resp := raxx.Response{Status: 200, Body: raxx.NewFile(files, "a"), Do: []raxx.Effect{raxx.Subscribe{}}}
		exchangeOf("GET", respond(resp), &fakeSender{})
		diff(t, 0, files.open)
	})
}

func TestServePanics(t *testing.T) {
	t.Run("15.6.1 a handler's panic is replaced", func(t *testing.T) {
		s := &fakeSender{}
		out := exchangeOf("GET", func(raxx.Request) raxx.Response { panic(errSender) }, s)
		diff(t, []string{"head 500 length 5", "data sorry", "tail"}, s.calls)
		var p *PanicError
		if !errors.As(out.Fault, &p) || !errors.Is(out.Fault, errSender) || len(p.Stack) == 0 || out.Err != nil {
			t.Errorf("got %+v", out)
		}
		diff(t, "ace: the handler panicked: the connection is lost", out.Fault.Error())
	})
	for name, replace := range map[string]func(raxx.Request, error) raxx.Response{
		"15.6.1 a replacement that panics":        func(raxx.Request, error) raxx.Response { panic("again") },
		"15.6.1 a replacement that can't be sent": func(raxx.Request, error) raxx.Response { return raxx.Text(200, "x").With("content-length", "9") },
	} {
		t.Run(name, func(t *testing.T) {
			for method, head := range map[string]string{"GET": "head 500 length 0", "HEAD": "head 500 length 0, no content"} {
				var x Exchange
				s, req := &fakeSender{}, raxx.New(method, "/", nil)
				x.Serve(func(raxx.Request) raxx.Response { panic("x") }, &req, s, replace)
				diff(t, []string{head, "tail"}, s.calls)
			}
		})
	}
}

// What goes wrong behind the head ends the reply: no tail is sent, by which the
// client sees that it is not whole.
func TestServeBreaksOff(t *testing.T) {
	broken := errors.New("broken")
	late := func(name, value string) raxx.Body {
		return stream(-1, nil, "he").WithTrailer(func() raxx.Header { return raxx.Header{{Name: name, Value: value}} })
	}
	panics := raxx.NewStream(-1, func(yield func([]byte, error) bool) {
		yield([]byte("he"), nil)
		panic(broken)
	})
	for _, tt := range []struct {
		name string
		body raxx.Body
		is   error // nil: any
	}{
		{"8.6 a stream that ends with an error", stream(-1, broken, "he"), broken},
		{"8.6 a stream that panics", panics, broken},
		{"8.6 a stream that is shorter than it promised", stream(5, nil, "he"), nil},
		{"8.6 a stream that is longer than it promised", stream(3, nil, "he", "llo"), nil},
		{"6.5 a late trailer that ends the line", late("x", "a\r\nb"), nil},
		{"6.5.1 a late trailer that frames", late("content-length", "2"), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &fakeSender{}
			out := exchangeOf("GET", respond(raxx.Response{Status: 200, Body: tt.body}), s)
			diff(t, []string{"chunk he"}, s.calls[1:])
			if !isFault(out.Fault) || out.Err != out.Fault || tt.is != nil && !errors.Is(out.Err, tt.is) || out.Status != 200 {
				t.Errorf("got %+v", out)
			}
		})
	}
	t.Run("8.6 a stream that promised nothing and has content", func(t *testing.T) {
		s := &fakeSender{}
		out := exchangeOf("GET", respond(raxx.Response{Status: 200, Body: stream(0, nil, "he")}), s)
		diff(t, []string{"head 200 length 0, streams"}, s.calls)
		if !isFault(out.Fault) || out.Err != out.Fault {
			t.Errorf("got %+v", out)
		}
	})
}

// A Sender's error is not the handler's fault, and nothing is sent behind it.
func TestServeStopsWhenTheSenderFails(t *testing.T) {
	files := &closingFS{FS: fstest.MapFS{"a": {Data: []byte("hello")}}}
	for _, tt := range []struct {
		failAt string
		body   raxx.Body
		calls  int
		status int
	}{
		{"head", raxx.Data("hello"), 1, 0},
		{"data", raxx.Data("hello"), 2, 200},
		{"chunk b", stream(-1, nil, "a", "b", "c"), 3, 200},
		{"file", raxx.NewFile(files, "a"), 2, 200},
		{"tail", raxx.Data("hello"), 3, 200},
	} {
		t.Run(tt.failAt, func(t *testing.T) {
			s := &fakeSender{failAt: tt.failAt}
			out := exchangeOf("GET", respond(raxx.Response{Status: 200, Body: tt.body}), s)
			if len(s.calls) != tt.calls || out.Err != errSender || out.Fault != nil || out.Status != tt.status {
				t.Errorf("got %q, %+v", s.calls, out)
			}
			diff(t, 0, files.open)
		})
	}
}

func TestOutcome(t *testing.T) {
	t.Run("the cause of a response is the handler's fault", func(t *testing.T) {
		out := exchangeOf("GET", respond(raxx.Problem(503, "").WithCause(errSender)), &fakeSender{})
		if out.Fault != errSender || out.Err != nil || out.Status != 503 {
			t.Errorf("got %+v", out)
		}
	})
	t.Run("content is counted", func(t *testing.T) {
		for _, body := range []raxx.Body{raxx.Data("hello"), stream(-1, nil, "he", "llo")} {
			out := exchangeOf("GET", respond(raxx.Response{Status: 200, Body: body}), &fakeSender{})
			diff(t, int64(5), out.Content)
		}
	})
	t.Run("content that HEAD leaves out is not counted", func(t *testing.T) {
		diff(t, int64(0), exchangeOf("HEAD", respond(raxx.Text(200, "hello")), &fakeSender{}).Content)
	})
	t.Run("what is refused reaches no handler", func(t *testing.T) {
		var x Exchange
		s, req := &fakeSender{}, raxx.Request{}
		x.Refuse(&req, errSender, s, func(_ raxx.Request, err error) raxx.Response { return raxx.Text(400, err.Error()) })
		diff(t, []string{"head 400 length 22", "data the connection is lost", "tail"}, s.calls)
		diff(t, 400, x.Status)
	})
	t.Run("a refusal knows nothing of a reply that was not sent", func(t *testing.T) {
		var x Exchange
		req := raxx.Get("/")
		x.Serve(respond(raxx.NoContent().WithCause(errors.New("a fault"))), &req, &fakeSender{failAt: "head"}, replacement)
		x.Refuse(&req, errSender, &fakeSender{}, replacement)
		diff(t, Outcome{Status: 500, Content: 5}, x.Outcome)
	})
	t.Run("nothing is left of the exchange before", func(t *testing.T) {
		var x Exchange
		req := raxx.Get("/")
		x.Serve(func(raxx.Request) raxx.Response { panic("x") }, &req, &fakeSender{}, replacement)
		x.Reset()
		x.Serve(respond(raxx.NoContent()), &req, &fakeSender{}, replacement)
		diff(t, Outcome{Status: 204}, x.Outcome)
	})
}

func TestRequestReachesTheHandler(t *testing.T) {
	var got raxx.Request
	want := raxx.Post("/a?b", "text/plain", raxx.Data("hello"))
	var x Exchange
	x.Serve(func(req raxx.Request) raxx.Response { got = req; return raxx.NoContent() }, &want, &fakeSender{}, replacement)
	diff(t, want, got)
}

// A closingFS counts the files that are open.
type closingFS struct {
	fs.FS
	open int
}

func (c *closingFS) Open(name string) (fs.File, error) {
	f, err := c.FS.Open(name)
	if err != nil {
		return nil, err
	}
	c.open++
	return &closingFile{f, c}, nil
}

type closingFile struct {
	fs.File
	fs *closingFS
}

func (f *closingFile) Close() error {
	f.fs.open--
	return f.File.Close()
}
