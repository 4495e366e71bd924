package decompress_test

import (
	"bytes"
	"compress/gzip"
	"fmt"

	"github.com/raxx-go/raxx/middleware/decompress"
	"github.com/raxx-go/raxx/raxx"
)

func Example() {
	h := raxx.Stack(
		decompress.Config{MaxSize: 1 << 20}.Middleware(),
		raxx.Complete(1<<20),
	)(func(req raxx.Request) raxx.Response {
		return raxx.Text(200, fmt.Sprintf("got %v", req.Body))
	})

	var body bytes.Buffer
	w := gzip.NewWriter(&body)
	fmt.Fprint(w, "hello")
	w.Close()
	req := raxx.Post("/", "text/plain", raxx.Data(body.String()))

	fmt.Println(h(req.With("content-encoding", "gzip")).Body)
	refused := h(req.With("content-encoding", "lzma"))
	fmt.Println(refused.Status, refused.Header.Get("accept-encoding"))
	// Output:
	// got hello
	// 415 gzip, zstd, br
}
