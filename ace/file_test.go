package ace

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
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
