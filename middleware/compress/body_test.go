package compress

import (
	"bytes"
	"errors"
	"io/fs"
	"iter"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/raxx-go/raxx/raxx"
)

// Each chunk can be read by the client before the next one is made.
func TestStreamIsFlushed(t *testing.T) {
	for _, coding := range codings {
		t.Run(coding, func(t *testing.T) {
			made := 0
			resp := get(coding, raxx.Reply(200, "text/event-stream", raxx.NewStream(-1, func(yield func([]byte, error) bool) {
				for yield([]byte("data: tick\n\n"), nil) {
					made++
				}
			})))
			diff(t, coding, resp.Header.Get("content-encoding"))
			next, stop := iter.Pull2(raxx.Chunks(resp.Body))
			var sent []byte
			for i := range 100 {
				chunk, err, ok := next()
				if err != nil || !ok || made != i {
					t.Fatalf("chunk %d: got %v, %v, when %d were made", i, err, ok, made)
				}
				sent = append(sent, chunk...)
				diff(t, strings.Repeat("data: tick\n\n", i+1), decoded(t, coding, sent))
			}
			stop()
			if made != 99 {
				t.Errorf("%d chunks were made behind the last one that was asked for", made-99)
			}
		})
	}
}

func TestStream(t *testing.T) {
	broken := errors.New("broken")
	chunks := func(err error, chunks ...string) iter.Seq2[[]byte, error] {
		return func(yield func([]byte, error) bool) {
			for _, c := range chunks {
				buf := []byte(c)
				if !yield(buf, nil) {
					return
				}
				clear(buf) // as a server may
			}
			if err != nil {
				yield(nil, err)
			}
		}
	}
	for _, coding := range codings {
		t.Run(coding, func(t *testing.T) {
			got := get(coding, raxx.Reply(200, "text/html", raxx.NewStream(-1, chunks(nil, page, "", "x", page))))
			diff(t, page+"x"+page, complete(t, got))

			got = get(coding, raxx.Reply(200, "text/html", raxx.NewStream(int64(len(page)), chunks(nil, page))))
			diff(t, int64(-1), raxx.Length(got.Body))
			diff(t, page, complete(t, got))

			got = get(coding, raxx.Reply(200, "text/html", raxx.NewStream(-1, chunks(nil))))
			diff(t, "", complete(t, got))

			got = get(coding, raxx.Reply(200, "text/html", raxx.NewStream(-1, chunks(broken, "abc"))))
			var sent bytes.Buffer
			_, err := raxx.Copy(&sent, got.Body, -1)
			diff(t, true, errors.Is(err, broken))
			diff(t, "abc", decoded(t, coding, sent.Bytes()))

			trailer := raxx.Header{{Name: "sum", Value: "1"}}
			got = get(coding, raxx.Reply(200, "text/html", raxx.NewStream(-1, chunks(nil, "abc")).WithTrailer(func() raxx.Header { return trailer })))
			diff(t, "abc", complete(t, got))
			diff(t, trailer, got.Body.(raxx.Stream).Trailer())
		})
	}
}

// An encoder that was given back in the middle of its content is as good as new.
func TestEncodersAreUsedAgain(t *testing.T) {
	for _, coding := range codings {
		h := Config{}.Middleware()(func(req raxx.Request) raxx.Response {
			return raxx.Reply(200, "text/plain", raxx.NewStream(-1, func(yield func([]byte, error) bool) {
				for range 3 {
					if !yield([]byte(req.Path), nil) {
						return
					}
				}
			}))
		})
		for i := range 20 {
			path := "/" + strings.Repeat("x", i)
			resp := h(raxx.Get(path).With("accept-encoding", coding))
			if i%2 == 0 {
				for range raxx.Chunks(resp.Body) {
					break
				}
				continue
			}
			diff(t, strings.Repeat(path, 3), complete(t, resp))
		}
	}
}

func TestFile(t *testing.T) {
	content := strings.Repeat(page, 50)
	files := fstest.MapFS{"f": {Data: []byte(content)}}
	for _, coding := range codings {
		got := get(coding, raxx.Reply(200, "text/css", raxx.NewFile(files, "f").Range(10, 200_000)))
		diff(t, coding, got.Header.Get("content-encoding"))
		pieces := 0
		for range raxx.Chunks(got.Body) {
			pieces++
		}
		if pieces > 2 {
			t.Errorf("%s: %d pieces of a few hundred bytes", coding, pieces)
		}
		diff(t, content[10:200_010], complete(t, got))
	}
	// The server is to find out, and to answer 500.
	none := raxx.Reply(200, "text/css", raxx.NewFile(files, "none"))
	diff(t, none.With("vary", "accept-encoding"), get("gzip", none))
}

// A closingFS counts the files that are open.
type closingFS struct {
	fstest.MapFS
	open int
}

type closingFile struct {
	fs.File
	open *int
}

func (c *closingFS) Open(name string) (fs.File, error) {
	file, err := c.MapFS.Open(name)
	if err == nil {
		c.open++
	}
	return closingFile{file, &c.open}, err
}

func (f closingFile) Close() error {
	*f.open--
	return f.File.Close()
}

func TestFileIsClosed(t *testing.T) {
	files := &closingFS{MapFS: fstest.MapFS{"f": {Data: []byte(page)}}}
	got := get("gzip", raxx.Reply(200, "text/css", raxx.NewFile(files, "f")))
	diff(t, "gzip", got.Header.Get("content-encoding"))
	diff(t, 0, files.open)
	diff(t, page, complete(t, got))
	diff(t, 0, files.open)
}

// Who reads slowly can't make the server hold any number of encoders.
func TestStreamsAreLimited(t *testing.T) {
	h := Config{Streams: 2}.Middleware()(func(raxx.Request) raxx.Response {
		return raxx.Reply(200, "text/plain", raxx.NewStream(-1, func(yield func([]byte, error) bool) {
			for yield([]byte("x"), nil) {
			}
		}))
	})
	ask := func() raxx.Response { return h(raxx.Get("/").With("accept-encoding", "br")) }
	anyNumber := Config{Streams: -1}.Middleware()(answer(raxx.Reply(200, "text/plain", raxx.NewStream(-1, raxx.Chunks(raxx.Data(page))))))
	diff(t, "br", anyNumber(raxx.Get("/").With("accept-encoding", "br")).Header.Get("content-encoding"))
	var stops []func()
	for range 2 {
		resp := ask()
		diff(t, "br", resp.Header.Get("content-encoding"))
		next, stop := iter.Pull2(raxx.Chunks(resp.Body))
		next()
		stops = append(stops, stop)
	}
	full := ask()
	diff(t, "", full.Header.Get("content-encoding"))
	diff(t, "accept-encoding", full.Header.Get("vary"))
	ask() // whose body is never pulled holds nothing
	stops[0]()
	diff(t, "br", ask().Header.Get("content-encoding"))
	stops[1]()
}

// A handler's panic while its stream is pulled passes, and costs no place.
func TestPanicInStream(t *testing.T) {
	h := Config{Streams: 1}.Middleware()(answer(raxx.Reply(200, "text/plain",
		raxx.NewStream(-1, func(func([]byte, error) bool) { panic("oh") }))))
	for range 3 {
		resp := h(raxx.Get("/").With("accept-encoding", "zstd"))
		diff(t, "zstd", resp.Header.Get("content-encoding"))
		func() {
			defer func() { diff(t, any("oh"), recover()) }()
			raxx.ReadAll(resp.Body, -1)
		}()
	}
}

// What promised a length and has another one does not look whole.
func TestPromiseOfALength(t *testing.T) {
	long := strings.Repeat("a", 3000)
	stream := func(n int64) raxx.Body {
		return raxx.NewStream(n, func(yield func([]byte, error) bool) {
			for range 2 {
				if !yield([]byte(long), nil) {
					return
				}
			}
		})
	}
	for _, coding := range codings {
		for want, promised := range map[string]int64{
			"": 6000, "compress: the content ended 1 bytes before the length that it promised": 6001,
			"compress: the content is longer than it promised": 5999,
		} {
			inHead := raxx.Reply(200, "text/plain", stream(-1)).With("content-length", strconv.FormatInt(promised, 10))
			for _, resp := range []raxx.Response{raxx.Reply(200, "text/plain", stream(promised)), inHead} {
				got := get(coding, resp)
				diff(t, coding, got.Header.Get("content-encoding"))
				message := ""
				if _, err := raxx.ReadAll(got.Body, -1); err != nil {
					message = err.Error()
				}
				diff(t, want, message)
			}
		}
	}
	// Of two lengths that differ the server hears.
	for _, body := range []raxx.Body{raxx.Data(long), stream(6000)} {
		resp := raxx.Reply(200, "text/plain", body).With("content-length", "2999")
		diff(t, resp.Add("vary", "accept-encoding"), get("gzip", resp))
	}
}
