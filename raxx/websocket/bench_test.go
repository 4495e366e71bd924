package websocket

import (
	"fmt"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// echo sends back what it is sent.
func echo(s struct{}, event raxx.Event) (struct{}, []raxx.Part) {
	switch event.(type) {
	case Text, Binary:
		return s, []raxx.Part{event.(raxx.Part)}
	}
	return s, nil
}

func BenchmarkEcho(b *testing.B) {
	for _, size := range []int{16, 1 << 10, 64 << 10, 1 << 20} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(size))
			m := socket(Config{}, deflation{}, raxx.NewMachine(struct{}{}, echo))
			_, data := newClient(deflation{}).Send(Text(strings.Repeat("x", size)))
			var event raxx.Event = data
			for b.Loop() {
				var parts []raxx.Part
				if m, parts = m.Step(event); len(parts) == 0 {
					b.Fatal("no answer")
				}
			}
		})
	}
}

func BenchmarkEchoCompressed(b *testing.B) {
	message := strings.Repeat(`{"name":"Ada","at":"2026-01-02","n":1}`, 28)[:1024]
	b.ReportAllocs()
	b.SetBytes(int64(len(message)))
	m := socket(Config{}, packing, raxx.NewMachine(struct{}{}, echo))
	_, data := newClient(packing).Send(Text(message))
	var event raxx.Event = data
	for b.Loop() {
		m, _ = m.Step(event)
	}
}

func BenchmarkMask(b *testing.B) {
	for _, size := range []int{16, 1 << 10, 16 << 10} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			payload := make([]byte, size)
			b.SetBytes(int64(size))
			for b.Loop() {
				mask(payload, testMask)
			}
		})
	}
}
