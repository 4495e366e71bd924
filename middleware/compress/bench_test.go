package compress

import (
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

func BenchmarkMiddleware(b *testing.B) {
	for name, resp := range map[string]raxx.Response{
		"small":  raxx.Text(200, "Hello").With("cache-control", "no-cache"),
		"5300 B": raxx.HTML(200, page),
	} {
		for _, accept := range []string{"identity", "gzip", "br", "zstd"} {
			h := Config{}.Middleware()(answer(resp))
			req := raxx.Get("/").With("user-agent", "test").With("accept", "text/html").With("accept-encoding", accept).With("if-none-match", `"a"`)
			b.Run(name+"/"+accept, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					h(req)
				}
			})
		}
	}
}

func BenchmarkEvent(b *testing.B) {
	b.ReportAllocs()
	resp := get("gzip", raxx.Reply(200, "text/event-stream", raxx.NewMachine(0, ticks)))
	m := resp.Body.(raxx.Machine)
	for b.Loop() {
		m, _ = m.Step(raxx.Info{})
	}
}
