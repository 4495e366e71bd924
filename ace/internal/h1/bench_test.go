package h1

import (
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

const (
	wrkRequest = "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n"

	browserRequest = "GET /articles/2026/08/on-values?page=2&sort=date HTTP/1.1\r\n" +
		"Host: www.example.com\r\n" +
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0\r\n" +
		"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n" +
		"Accept-Language: en-US,en;q=0.5\r\n" +
		"Accept-Encoding: gzip, deflate, br, zstd\r\n" +
		"Referer: https://www.example.com/articles\r\n" +
		"Connection: keep-alive\r\n" +
		"Cookie: session=4f1c2d9e8b7a6053; theme=dark; _ga=GA1.1.1234567890.1234567890\r\n" +
		"Upgrade-Insecure-Requests: 1\r\n" +
		"Sec-Fetch-Dest: document\r\n" +
		"Sec-Fetch-Mode: navigate\r\n" +
		"If-None-Match: \"33a64df551425fcc55e4d42a148795d9f25f89d4\"\r\n\r\n"
)

var benchLimits = Limits{HeadBytes: 32 << 10, Fields: 200}

var helloHead = Head{
	Status: 200,
	Header: raxx.Header{{Name: "content-type", Value: "text/plain; charset=utf-8"}},
	Length: 13,
	Date:   "Thu, 01 Jan 1970 00:00:00 GMT",
}

func BenchmarkHead(b *testing.B) {
	for name, text := range map[string]string{"wrk": wrkRequest, "browser": browserRequest} {
		b.Run(name, func(b *testing.B) {
			in, c := []byte(text), New(benchLimits)
			b.ReportAllocs()
			b.SetBytes(int64(len(in)))
			for b.Loop() {
				var req raxx.Request
				if _, complete, err := c.Head(in, &req); !complete || err != nil {
					b.Fatal(err)
				}
				c.Next()
			}
		})
	}
}

func BenchmarkAppendHead(b *testing.B) {
	c := New(benchLimits)
	out := c.AppendHead(nil, &helloHead)
	b.ReportAllocs()
	b.SetBytes(int64(len(out)))
	for b.Loop() {
		out = c.AppendHead(out[:0], &helloHead)
	}
}

func BenchmarkBody(b *testing.B) {
	in := []byte("2000\r\n" + string(make([]byte, 8<<10)) + "\r\n0\r\n\r\n")
	b.ReportAllocs()
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		c := New(benchLimits)
		c.body = bodyReader{limits: benchLimits, state: chunkSize}
		for rest := in; c.HasBody(); {
			n, _, err := c.Body(rest)
			if err != nil {
				b.Fatal(err)
			}
			rest = rest[n:]
		}
	}
}

// A request costs its text and its list of fields, and the list only if there
// are fields but for Host; a reply and a body cost nothing.
func TestAllocations(t *testing.T) {
	var c Conn
	head := func(text string) func() {
		in := []byte(text)
		return func() {
			var req raxx.Request
			c = New(benchLimits)
			if _, complete, err := c.Head(in, &req); !complete || err != nil {
				t.Fatal(err)
			}
		}
	}
	out := make([]byte, 0, 1<<10)
	for _, tt := range []struct {
		name string
		want float64
		f    func()
	}{
		{"Head of many fields", 2, head(browserRequest)},
		{"Head with an authority in upper case", 2, head("GET / HTTP/1.1\r\nHost: T.EXAMPLE\r\n\r\n")},
		{"Head of wrk", 1, head(wrkRequest)},
		{"AppendHead", 0, func() { out = c.AppendHead(out[:0], &helloHead) }},
		{"Body", 0, func() {
			c.body = bodyReader{limits: benchLimits, state: chunkSize}
			if n, _, err := c.Body([]byte("0\r\n\r\n")); n != 5 || err != nil {
				t.Fatal(n, err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := testing.AllocsPerRun(100, tt.f); got > tt.want {
				t.Errorf("%v allocations, want at most %v", got, tt.want)
			}
		})
	}
}
