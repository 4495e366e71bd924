package raxxtest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

var _ = flag.Bool("update", false, "write golden files")

func TestGolden(t *testing.T) {
	Golden(t, "greeting", raxx.Text(200, "hello\n").With("etag", `"1"`).WithTrailer("x-sum", "1"))
	Golden(t, "binary", raxx.Reply(200, "image/png", raxx.Data("\x89PNG\r\n\x1a\nrest")))
	Golden(t, "empty", raxx.NoContent())
}

// What survives in a text file stands there as it is, and what does not, in quotes.
func TestDumpOfContent(t *testing.T) {
	for content, want := range map[raxx.Data]string{
		"a\tb\n":   "a\tb\n",
		"é\n":      "é\n",
		"\xe9\na":  "\"\\xe9\\n\"\n\"a\"\n",
		"a\r\n":    "\"a\\r\\n\"\n",
		"\u202e\n": "\"\\u202e\\n\"\n",
	} {
		got, err := Dump(raxx.Response{Status: 200, Body: content})
		if err != nil {
			t.Fatal(err)
		}
		diff(t, "200 OK\n\n"+want, got)
	}
}

func TestGoldenFindsDifferences(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a", "b.golden")
	var r recorder
	golden(&r, file, raxx.Text(200, "one\ntwo"), false)
	golden(&r, file, raxx.Text(200, "one\ntwo"), true)
	golden(&r, file, raxx.Text(200, "one\ntwo"), false)
	golden(&r, file, raxx.Text(200, "one\nthree"), false)
	golden(&r, file, raxx.Text(200, "one\ntwo\n"), false)
	golden(&r, file, raxx.Response{Status: 200, Body: raxx.Machine{}}, false)
	wants := []string{"-update writes it", "line 5:\n- two\n+ three", "line 6:\n- -- no newline", "can't be written down"}
	if len(r.failures) != len(wants) {
		t.Fatalf("got %q", r.failures)
	}
	for i, want := range wants {
		if !strings.Contains(r.failures[i], want) {
			t.Errorf("got %q, want %q", r.failures[i], want)
		}
	}
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	golden(&r, filepath.Join(blocked, "b.golden"), raxx.NoContent(), true)
	if len(r.failures) != len(wants)+1 {
		t.Error("a file that can't be written is no failure")
	}
}
