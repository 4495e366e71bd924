package static

import (
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/raxx-go/raxx/raxx"
)

// RFC 9110, Section 14.
func TestOnePart(t *testing.T) {
	n := len(long)
	tests := []struct {
		name, value string
		status      int
		from, to    int
	}{
		{"14.1.2 from the begin", "bytes=0-9", 206, 0, 10},
		{"14.1.2 to the end", fmt.Sprintf("bytes=%d-", n-5), 206, n - 5, n},
		{"14.1.2 the last ones", "bytes=-7", 206, n - 7, n},
		{"14.1.2 beyond the end", fmt.Sprintf("bytes=%d-%d", n-5, n+100), 206, n - 5, n},
		{"14.2 another unit", "lines=0-9", 200, 0, n},
		{"14.2 malformed", "bytes=9-0", 200, 0, n},
		{"15.5.17 behind the end", fmt.Sprintf("bytes=%d-", n), 416, 0, 0},
		{"15.3.7.2 two that meet", "bytes=0-9,10-19", 206, 0, 20},
		{"15.3.7.2 two that overlap, out of order", "bytes=5-19,0-9", 206, 0, 20},
		{"15.3.7.2 two with a small gap", "bytes=0-9,20-29", 206, 0, 30},
		{"15.3.7.2 two with a gap that costs as much", "bytes=500-509,630-639", 206, 500, 640},
		{"15.3.7.2 one within another", "bytes=500-599,510-519", 206, 500, 600},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Config{}.MustNew(site()).Handle(raxx.Get("/long.txt").With("range", tt.value))
			diff(t, tt.status, got.Status)
			if tt.status == 416 {
				diff(t, fmt.Sprintf("bytes */%d", n), got.Header.Get("content-range"))
				return
			}
			diff(t, long[tt.from:tt.to], content(t, got))
			diff(t, "bytes", got.Header.Get("accept-ranges"))
			if tt.status == 206 {
				diff(t, fmt.Sprintf("bytes %d-%d/%d", tt.from, tt.to-1, n), got.Header.Get("content-range"))
				diff(t, true, got.Header.Has("etag"))
			}
		})
	}
}

func TestParts(t *testing.T) {
	got := Config{}.MustNew(site()).Handle(raxx.Get("/long.txt").With("range", "bytes=500-509, 0-9,-4"))
	diff(t, 206, got.Status)
	diff(t, false, got.Header.Has("content-range"))
	diff(t, raxx.StrongETag(raxx.Data(long)).String(), got.Header.Get("etag"))
	kind, params, err := mime.ParseMediaType(got.Header.Get("content-type"))
	if err != nil || kind != "multipart/byteranges" {
		t.Fatalf("got %v, %v", got.Header, err)
	}
	body := content(t, got)
	diff(t, int64(len(body)), raxx.Length(got.Body))
	r := multipart.NewReader(strings.NewReader(body), params["boundary"])
	for _, want := range [][2]int{{0, 10}, {500, 510}, {len(long) - 4, len(long)}} {
		part, err := r.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		data, _ := io.ReadAll(part)
		diff(t, long[want[0]:want[1]], string(data))
		diff(t, fmt.Sprintf("bytes %d-%d/%d", want[0], want[1]-1, len(long)), part.Header.Get("Content-Range"))
		diff(t, "text/plain; charset=utf-8", part.Header.Get("Content-Type"))
	}
	if _, err := r.NextPart(); err != io.EOF {
		t.Errorf("got %v behind the last part, want EOF", err)
	}
}

// Parts that are further from each other than the head of a part is long stay two.
func TestPartsWithAGap(t *testing.T) {
	got := Config{}.MustNew(site()).Handle(raxx.Get("/long.txt").With("range", "bytes=500-509,631-639"))
	diff(t, true, strings.HasPrefix(got.Header.Get("content-type"), "multipart/byteranges"))
}

func TestPartsThatNobodyTakes(t *testing.T) {
	for most := range 5 { // a head, a part, a head, a part, the end
		got := Config{}.MustNew(site()).Handle(raxx.Get("/long.txt").With("range", "bytes=0-9,500-509"))
		n := 0
		for _, err := range raxx.Chunks(got.Body) {
			diff(t, nil, err)
			if n++; n > most {
				break
			}
		}
		diff(t, most+1, n)
	}
}

func TestNoParts(t *testing.T) {
	many := "bytes=0-0" + strings.Repeat(",500-500", 16)
	tests := []struct {
		name string
		req  raxx.Request
	}{
		{"HEAD", raxx.Head("/long.txt").With("range", "bytes=0-9,500-509")},
		{"too many (CVE-2025-62727)", raxx.Get("/long.txt").With("range", many)},
		{"more than the whole (CVE-2011-3192)", raxx.Get("/long.txt").With("range", "bytes=0-,1-,2-")},
		{"of another version", raxx.Get("/long.txt").With("range", "bytes=0-9,500-509").With("if-range", `"x"`)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Config{}.MustNew(site()).Handle(tt.req)
			diff(t, 200, got.Status)
			diff(t, int64(len(long)), raxx.Length(got.Body))
		})
	}
	tag := raxx.StrongETag(raxx.Data(long)).String()
	got := Config{}.MustNew(site()).Handle(raxx.Get("/long.txt").With("range", "bytes=0-9,500-509").With("if-range", tag))
	diff(t, 206, got.Status)
}

// A file that vanished between the look at it and the reply breaks it off.
func TestPartsOfFileThatVanishes(t *testing.T) {
	files := fstest.MapFS{"a.txt": file(long)}
	got := Config{}.MustNew(files).Handle(raxx.Get("/a.txt").With("range", "bytes=0-9,500-509"))
	delete(files, "a.txt")
	if _, err := raxx.ReadAll(got.Body, -1); err == nil {
		t.Error("got no error")
	}
}
