package router_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/router"
)

// bodyKind answers with what the handler finds in place of the body.
func bodyKind(req raxx.Request) raxx.Response {
	return raxx.Text(200, fmt.Sprintf("%T %d", req.Body, raxx.Length(req.Body)))
}

// upload returns a request whose body comes as a stream of n bytes, whose
// length is not known. read counts what is read of it.
func upload(path string, n int, read *int) raxx.Request {
	chunks := func(yield func([]byte, error) bool) {
		for left := n; left > 0; left -= min(left, 10) {
			*read += min(left, 10)
			if !yield([]byte(strings.Repeat("x", min(left, 10))), nil) {
				return
			}
		}
	}
	return raxx.Post(path, "text/plain", raxx.NewStream(-1, chunks))
}

func TestBodies(t *testing.T) {
	refuse := func(raxx.Handler) raxx.Handler { return say("refused") }
	inner := router.MustNew(router.Post("/x", bodyKind), router.Post("/streamed", bodyKind).Streamed())
	r := router.Config{BodyLimit: 100}.MustNew(
		router.Post("/default", bodyKind),
		router.Post("/more", bodyKind).BodyLimit(200),
		router.Post("/unlimited", bodyKind).BodyLimit(-1),
		router.Post("/streamed", bodyKind).Streamed(),
		router.Post("/refused", bodyKind).With(refuse),
		router.Group("/small", nil,
			router.Post("/x", bodyKind),
			router.Post("/more", bodyKind).BodyLimit(40),
			router.Post("/streamed", bodyKind).Streamed(),
		).BodyLimit(20),
		router.Group("/streams", nil, router.Post("/x", bodyKind), router.Post("/not", bodyKind).BodyLimit(20)).Streamed(),
		router.Group("", nil, router.Mount("/mount", bodyKind), router.Mount("/limited", bodyKind).BodyLimit(20)).BodyLimit(10),
		router.MountRouter("/router", inner),
	)
	for _, tt := range []struct {
		path string
		size int
		want string
		read int
	}{
		{"/default", 100, "raxx.Data 100", 100},
		{"/default", 101, "413", 101},
		{"/default", 0, "<nil> 0", 0},
		{"/more", 200, "raxx.Data 200", 200},
		{"/more", 9999, "413", 210},
		{"/unlimited", 9999, "raxx.Data 9999", 9999},
		{"/streamed", 9999, "raxx.Stream -1", 0},
		{"/refused", 9999, "refused", 0},
		{"/small/x", 30, "413", 30},
		{"/small/more", 30, "raxx.Data 30", 30},
		{"/small/streamed", 30, "raxx.Stream -1", 0},
		{"/streams/x", 30, "raxx.Stream -1", 0},
		{"/streams/not", 30, "413", 30},
		{"/mount/x", 30, "raxx.Stream -1", 0},
		{"/limited/x", 30, "413", 30},
		{"/router/x", 300, "raxx.Data 300", 300},
		{"/router/streamed", 300, "raxx.Stream -1", 0},
		{"/missed", 300, "404", 0},
	} {
		read := 0
		resp := r.Handle(upload(tt.path, tt.size, &read))
		got := fmt.Sprint(resp.Status)
		if text, ok := resp.Body.(raxx.Data); ok && resp.Status == 200 {
			got = string(text)
		}
		if got != tt.want || read != tt.read {
			t.Errorf("%d bytes to %s: %s after reading %d; want %s after %d", tt.size, tt.path, got, read, tt.want, tt.read)
		}
	}
}

// What a mount does with bodies has been done when a route behind it is asked.
func TestEntriesBehindAMountWithALimit(t *testing.T) {
	inner := router.MustNew(
		router.Post("/streamed", echo).Streamed(),
		router.Post("/less", echo).BodyLimit(10),
		router.Post("/more", echo).BodyLimit(30),
		router.Post("/unlimited", echo).BodyLimit(-1),
	)
	for _, tt := range []struct {
		mount router.Route
		want  []string // of the routes above
	}{
		{router.MountRouter("/m", inner), []string{"streamed", "10", "30", "-1"}},
		{router.MountRouter("/m", inner).BodyLimit(20), []string{"20", "10", "20", "20"}},
		{router.MountRouter("/m", inner).BodyLimit(-1), []string{"-1", "10", "30", "-1"}},
	} {
		r := router.MustNew(router.MountRouter("/outer", router.MustNew(tt.mount)))
		var listed, found []string
		for _, e := range r.Routes() {
			listed = append(listed, limitOf(e))
			m, err := r.Find("POST", e.Pattern)
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, limitOf(m.Route))
		}
		if !slices.Equal(listed, tt.want) || !slices.Equal(found, tt.want) {
			t.Errorf("Routes says %v and Find %v, want %v", listed, found, tt.want)
		}
	}
}

func limitOf(e router.Entry) string {
	if e.Streamed {
		return "streamed"
	}
	return fmt.Sprint(e.BodyLimit)
}
