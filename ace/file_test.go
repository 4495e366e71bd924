package ace

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"github.com/raxx-go/raxx/raxx"
)

func TestFile(t *testing.T) {
	dir := t.TempDir()
	content := strings.Repeat("0123456789", 300_000)
	if err := os.WriteFile(filepath.Join(dir, "big"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "empty"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	disk := root.FS()
	memory := fstest.MapFS{"big": {Data: []byte(content)}}
	for _, test := range []struct {
		name   string
		file   raxx.File
		status int
		want   string
	}{
		{"whole, from a disk", raxx.NewFile(disk, "big"), 200, content},
		{"whole, from memory", raxx.NewFile(memory, "big"), 200, content},
		{"range, from a disk", raxx.NewFile(disk, "big").Range(1_000_005, 9), 200, "567890123"},
		{"range, from memory", raxx.NewFile(memory, "big").Range(1_000_005, 9), 200, "567890123"},
		{"to the end", raxx.NewFile(disk, "big").Range(2_999_998, -1), 200, "89"},
		{"empty", raxx.NewFile(disk, "empty"), 200, ""},
		{"beyond the end", raxx.NewFile(disk, "big").Range(2_999_998, 3), 500, ""},
		{"missing", raxx.NewFile(disk, "missing"), 500, ""},
		{"a directory", raxx.NewFile(disk, "."), 500, ""},
		{"outside", raxx.NewFile(disk, "../big"), 500, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			overAll(t, func(t *testing.T, n network) {
				_, dial := start(t, n, func(raxx.Request) raxx.Response {
					return raxx.Reply(200, "text/plain", test.file)
				}, Config{})
				p := dial()
				for range 2 {
					p.send(get)
					status, body := p.receive()
					if status != test.status || status == 200 && body != test.want {
						t.Errorf("got %d and %d bytes, want %d and %d", status, len(body), test.status, len(test.want))
					}
				}
				p.send("HEAD / HTTP/1.1\r\nHost: test\r\n\r\n")
				resp, err := http.ReadResponse(p.r, &http.Request{Method: "HEAD"})
				if err != nil || test.status == 200 && resp.ContentLength != int64(len(test.want)) {
					t.Errorf("HEAD: got %v, %v", resp, err)
				}
			})
		})
	}
}

// A faultyFS panics when a file is opened, or else when it is read.
type faultyFS struct{ opens bool }

func (f faultyFS) Open(string) (fs.File, error) {
	if !f.opens {
		panic("no file today")
	}
	file, err := fstest.MapFS{"a": {Data: []byte("content")}}.Open("a")
	return faultyFile{file}, err
}

type faultyFile struct{ fs.File }

func (faultyFile) Read([]byte) (int, error) { panic("no content today") }

// A file system belongs to the handler: its panic costs one exchange.
func TestFileSystemThatPanics(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		faults := make(chan error, 2)
		_, dial := start(t, n, func(req raxx.Request) raxx.Response {
			return raxx.Response{Status: 200, Body: raxx.NewFile(faultyFS{req.Path == "/reads"}, "a")}
		}, Config{Trace: Trace{ExchangeEnded: func(e ExchangeEvent) { faults <- e.Fault }}})
		p := dial()
		p.send("GET /opens HTTP/1.1\r\nHost: test\r\n\r\n")
		if status, _ := p.receive(); status != 500 {
			t.Errorf("got %d", status)
		}
		p.send("GET /reads HTTP/1.1\r\nHost: test\r\n\r\n")
		resp, err := http.ReadResponse(p.r, nil)
		if err != nil || resp.StatusCode != 200 {
			t.Fatalf("got %v, %v", resp, err)
		}
		if got, err := io.ReadAll(resp.Body); len(got) > 0 || err == nil {
			t.Errorf("got %q, %v", got, err)
		}
		for _, want := range []string{"no file today", "no content today"} {
			var panicked *PanicError
			if err := <-faults; !errors.As(err, &panicked) || panicked.Value != want {
				t.Errorf("the trace was told of %v, want %q", err, want)
			}
		}
	})
}

// A shrunkFS has a file that ends before its size.
type shrunkFS struct{}

func (shrunkFS) Open(string) (fs.File, error) {
	file, err := fstest.MapFS{"a": {Data: []byte("content")}}.Open("a")
	return emptyFile{file}, err
}

type emptyFile struct{ fs.File }

func (emptyFile) Read([]byte) (int, error) { return 0, io.EOF }

// So is a file on a disk that becomes shorter while it is being sent.
func TestFileThatBecomesShorter(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		name := filepath.Join(t.TempDir(), "a")
		if err := os.WriteFile(name, make([]byte, 16<<20), 0o600); err != nil {
			t.Fatal(err)
		}
		ended := make(chan ExchangeEvent, 1)
		_, dial := start(t, n, func(raxx.Request) raxx.Response {
			return raxx.Response{Status: 200, Body: raxx.NewFile(os.DirFS(filepath.Dir(name)), "a")}
		}, Config{Trace: Trace{ExchangeEnded: func(e ExchangeEvent) { ended <- e }}})
		p := dial()
		p.send(get)
		if _, err := io.ReadFull(p.r, make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(name, 1000); err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, p.r)
		var fault *ResponseError
		if e := <-ended; !errors.As(e.Fault, &fault) || !errors.As(e.Err, &fault) {
			t.Errorf("the trace was told of fault %v and error %v", e.Fault, e.Err)
		}
	})
}

// What the handler's side breaks off is not blamed on the client.
func TestBlameForABrokenReply(t *testing.T) {
	for name, body := range map[string]raxx.Body{
		"a file that has shrunk": raxx.NewFile(shrunkFS{}, "a"),
		"another server that has gone": raxx.NewStream(-1, func(yield func([]byte, error) bool) {
			yield(nil, fmt.Errorf("read: %w", syscall.ECONNRESET))
		}),
		"a body that was cut off": raxx.NewStream(7, func(yield func([]byte, error) bool) {
			yield(nil, io.ErrUnexpectedEOF)
		}),
		"a panic with an error of the network": raxx.NewStream(-1, func(func([]byte, error) bool) { panic(io.EOF) }),
	} {
		t.Run(name, func(t *testing.T) {
			overAll(t, func(t *testing.T, n network) {
				exchanges, connections := make(chan ExchangeEvent, 1), make(chan ConnectionEvent, 1)
				_, dial := start(t, n, func(raxx.Request) raxx.Response {
					return raxx.Response{Status: 200, Body: body}
				}, Config{Trace: Trace{
					ExchangeEnded:    func(e ExchangeEvent) { exchanges <- e },
					ConnectionClosed: func(e ConnectionEvent) { connections <- e },
				}})
				p := dial()
				p.send(get)
				if e := <-exchanges; e.Fault == nil || errors.Is(e.Err, ErrClientGone) {
					t.Errorf("the trace was told of fault %v and error %v", e.Fault, e.Err)
				}
				p.Close() // or it lingers
				if e := <-connections; e.Err == nil || errors.Is(e.Err, ErrClientGone) {
					t.Errorf("the connection has ended with %v", e.Err)
				}
			})
		})
	}
}

// A shoutedFS has files of a disk that it changes while they are read.
type shoutedFS struct{ fs.FS }

func (f shoutedFS) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	if err != nil {
		return nil, err
	}
	return shoutedFile{file.(*os.File)}, nil
}

type shoutedFile struct{ *os.File }

func (f shoutedFile) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	copy(p, strings.ToUpper(string(p[:n])))
	return n, err
}

// What a file's Read returns is sent, though the file has a descriptor that the
// kernel could read from.
func TestFileThatIsMoreThanItsDescriptor(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a"), []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	overAll(t, func(t *testing.T, n network) {
		_, dial := start(t, n, func(raxx.Request) raxx.Response {
			return raxx.Response{Status: 200, Body: raxx.NewFile(shoutedFS{os.DirFS(dir)}, "a")}
		}, Config{})
		p := dial()
		p.send(get)
		p.want(200, "CONTENT")
	})
}
