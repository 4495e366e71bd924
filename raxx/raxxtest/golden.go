package raxxtest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/raxx-go/raxx/raxx"
)

// Golden compares a response with the one that is written down in
// testdata/name.golden, and fails t if they differ. If the test was started with
// the flag -update, it writes the response down instead. The flag is the test's
// own; one line in a test file of the package defines it:
//
//	var _ = flag.Bool("update", false, "write golden files")
//
// Take away what is different each time, such as a date or a request id, before:
// resp.Without("date"). The file is made by [Dump].
func Golden(t testing.TB, name string, resp raxx.Response) {
	t.Helper()
	update := flag.Lookup("update")
	golden(t, filepath.Join("testdata", name+".golden"), resp, update != nil && update.Value.String() == "true")
}

func golden(t testing.TB, file string, resp raxx.Response, update bool) {
	t.Helper()
	got, err := Dump(resp)
	if err != nil {
		t.Errorf("the response can't be written down: %v", err)
		return
	}
	if update {
		err := os.MkdirAll(filepath.Dir(file), 0o755)
		if err == nil {
			err = os.WriteFile(file, []byte(got), 0o644)
		}
		if err != nil {
			t.Errorf("%v", err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Errorf("%v; -update writes it", err)
		return
	}
	if d := firstDifference(string(want), got); d != "" {
		t.Errorf("the response differs from %s; -update writes it anew\n%s", file, d)
	}
}

// Dump returns a response as text: the status, the fields, the content and the
// trailer. Content that is no text stands there line by line in quotes. A body
// that is a stream or a file is read; one that is a machine is an error: drive it
// first, see [Exchange.Response].
func Dump(resp raxx.Response) (string, error) {
	resp, err := raxx.Collect(resp)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintln(&b, strings.TrimSpace(strconv.Itoa(resp.Status)+" "+raxx.StatusText(resp.Status)))
	dumpFields(&b, resp.Header)
	if data, ok := resp.Body.(raxx.Data); ok {
		b.WriteString("\n" + dumpContent(string(data)))
	}
	if len(resp.Trailer) > 0 {
		b.WriteString("\n-- trailer --\n")
		dumpFields(&b, resp.Trailer)
	}
	return b.String(), nil
}

func dumpFields(b *strings.Builder, header raxx.Header) {
	for _, f := range header {
		fmt.Fprintf(b, "%s: %s\n", f.Name, f.Value)
	}
}

// dumpContent returns content as it is if it survives in a text file, and else in
// quotes.
func dumpContent(content string) string {
	unprintable := func(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsPrint(r) }
	if utf8.ValidString(content) && !strings.ContainsFunc(content, unprintable) {
		if !strings.HasSuffix(content, "\n") {
			content += "\n-- no newline at the end --\n"
		}
		return content
	}
	var b strings.Builder
	for line := range strings.Lines(content) {
		b.WriteString(strconv.Quote(line) + "\n")
	}
	return b.String()
}

// firstDifference tells in which line two texts begin to differ; "" if they do
// not.
func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		line := func(lines []string) string {
			if i < len(lines) {
				return lines[i]
			}
			return "(end)"
		}
		if line(w) != line(g) {
			return fmt.Sprintf("line %d:\n- %s\n+ %s", i+1, line(w), line(g))
		}
	}
	return ""
}
