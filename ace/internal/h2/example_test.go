package h2_test

import (
	"fmt"

	"github.com/raxx-go/raxx/ace/internal/h2"
	"github.com/raxx-go/raxx/raxx"
)

// A driver that answers everything with a greeting, and reads no bodies. What
// has come is a preface, SETTINGS, and a request for "/hello".
func Example() {
	in := []byte(h2.Preface +
		"\x00\x00\x00\x04\x00\x00\x00\x00\x00" +
		"\x00\x00\x0f\x01\x05\x00\x00\x00\x01" + "\x82\x87\x04\x06/hello\x41\x03a.b")
	conn := h2.New(nil, h2.NewWorkspace())
	out := make([]byte, 0, 64<<10)

	var event h2.Event
	for {
		n, err := conn.Next(in, 0, &event)
		in = in[n:]
		if err != nil || event.Kind == h2.NoEvent {
			break // the output says why
		}
		switch event.Kind {
		case h2.RequestEvent:
			fmt.Println(event.Request.Method, event.Request.URL())
			content := "Hello, World!"
			out = conn.AppendHead(out, event.Stream, &h2.Head{
				Status: 200,
				Header: raxx.Header{{Name: "content-type", Value: "text/plain"}},
				Length: int64(len(content)),
			})
			out = conn.Send(out, event.Stream, []byte(content), true)
			conn.Forget(event.Stream)
		case h2.ResetEvent:
			conn.Forget(event.Stream)
		}
	}
	out = conn.AppendOutput(out, 0)
	fmt.Printf("%d octets to write, the last of them %q\n", len(out), out[len(out)-13:])
	conn.Release()

	// Output:
	// GET https://a.b/hello
	// 105 octets to write, the last of them "Hello, World!"
}
