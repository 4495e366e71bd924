package nethttp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
)

// Where there is no content, its length is in the header, as far as it is known.
func TestFromHTTPLengthsWithoutContent(t *testing.T) {
	length := func(n string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", n) }
	}
	for _, row := range []struct {
		name, method string
		status       int
		h            http.HandlerFunc
		want         []string
	}{
		{"what is written to HEAD", "HEAD", 200, func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "hel")
			io.WriteString(w, "lo")
		}, []string{"5"}},
		{"more than is gathered", "HEAD", 200, func(w http.ResponseWriter, _ *http.Request) {
			for range 10 {
				if n, err := w.Write(make([]byte, 10000)); n != 10000 || err != nil {
					t.Errorf("Write returned %d, %v", n, err)
				}
			}
		}, nil},
		{"what is told to HEAD", "HEAD", 200, length("7"), []string{"7"}},
		{"that it is empty", "HEAD", 200, length("0"), []string{"0"}},
		{"a length that is none", "HEAD", 200, length("-1"), nil},
		{"nothing", "HEAD", 200, func(http.ResponseWriter, *http.Request) {}, nil},
		{"what is told with 304", "GET", 304, func(w http.ResponseWriter, r *http.Request) { length("7")(w, r); w.WriteHeader(304) }, []string{"7"}},
		{"what is told with 204", "GET", 204, func(w http.ResponseWriter, r *http.Request) { length("0")(w, r); w.WriteHeader(204) }, nil},
		{"what is told with 200", "GET", 200, length("0"), nil}, // by the body
	} {
		req := get
		req.Method = row.method
		resp := from(row.h)(req)
		var got []string
		for _, f := range resp.Header {
			if f.Name == "content-length" {
				got = append(got, f.Value)
			}
		}
		if diff := cmp.Diff(row.want, got); diff != "" || resp.Status != row.status {
			t.Errorf("%s: status %d, unexpected length (-want +got):\n%s", row.name, resp.Status, diff)
		}
		if _, streams := resp.Body.(raxx.Stream); resp.Body != nil && !streams {
			t.Errorf("%s: there is content", row.name)
		}
	}
}

// What is written to HEAD is taken, however much it is at once: nobody pulls it.
func TestFromHTTPMuchContentToHEAD(t *testing.T) {
	for _, size := range []int{32 << 10, 32<<10 + 1, 64 << 10, 64<<10 + 1, 1 << 20} {
		synctest.Test(t, func(t *testing.T) {
			written, returned := 0, false
			req := get
			req.Method = "HEAD"
			resp := from(func(w http.ResponseWriter, _ *http.Request) {
				for range 2 {
					n, err := w.Write(make([]byte, size))
					if written += n; err != nil {
						t.Errorf("Write returned %v", err)
					}
				}
				returned = true
			})(req)
			synctest.Wait()
			if written != 2*size || !returned {
				t.Errorf("of twice %d octets %d are taken; it has returned: %v", size, written, returned)
			}
			raxx.ReadAll(resp.Body, 0)
		})
	}
}

// A deadline that has come while nobody waited for the client may still be moved.
func TestFromHTTPWriteDeadlineIsMoved(t *testing.T) {
	for name, moved := range map[string]time.Duration{"to none": 0, "to a later one": time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				resp := from(func(w http.ResponseWriter, _ *http.Request) {
					c := http.NewResponseController(w)
					c.SetWriteDeadline(time.Now().Add(time.Second))
					time.Sleep(2 * time.Second)
					if moved == 0 {
						c.SetWriteDeadline(time.Time{})
					} else {
						c.SetWriteDeadline(time.Now().Add(moved))
					}
					if _, err := w.Write(make([]byte, 1<<20)); err != nil {
						t.Errorf("Write returned %v", err)
					}
				})(get)
				time.Sleep(time.Minute) // the client reads late
				if data, err := raxx.ReadAll(resp.Body, 0); len(data) != 1<<20 || err != nil {
					t.Errorf("got %d octets, %v", len(data), err)
				}
			})
		})
	}
}

// It may be moved by another goroutine while a write waits, more than once.
func TestFromHTTPWriteDeadlineIsMovedWhileItWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		done := make(chan bool)
		resp := from(func(w http.ResponseWriter, _ *http.Request) {
			defer close(done)
			c := http.NewResponseController(w)
			c.SetWriteDeadline(time.Now().Add(time.Second))
			time.Sleep(2 * time.Second)
			c.SetWriteDeadline(time.Now().Add(time.Hour))
			begun := time.Now()
			for _, after := range []time.Duration{time.Second, 2 * time.Second} {
				time.AfterFunc(after, func() { c.SetWriteDeadline(begun.Add(10 * after)) })
			}
			if _, err := w.Write(make([]byte, 1<<20)); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(begun) != 20*time.Second {
				t.Errorf("Write returned %v after %v", err, time.Since(begun))
			}
		})(get)
		<-done
		raxx.ReadAll(resp.Body, 0)
	})
}

// Whoever flushes before all else has decided the head, and nothing else.
func TestFromHTTPFlushesTheHead(t *testing.T) {
	resp := from(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-A", "b")
		w.(http.Flusher).Flush()
		w.Header().Set("X-A", "late")
		w.WriteHeader(404)
		io.WriteString(w, "x")
	})(get)
	if data, err := raxx.ReadAll(resp.Body, 0); resp.Status != 200 || resp.Header.Get("x-a") != "b" || data != "x" || err != nil {
		t.Errorf("got %d %v, %q, %v", resp.Status, resp.Header, data, err)
	}
}

// Over HTTP/1.1 there is a trailer behind a length where it has been told of.
func TestFromHTTPTrailerThatIsToldOfBehindALength(t *testing.T) {
	for name, row := range map[string]struct {
		before, behind string
		trails         bool
	}{
		"declared":        {"Trailer", "X-Sum", true},
		"with the prefix": {http.TrailerPrefix + "X-Sum", http.TrailerPrefix + "X-Sum", true},
		"none":            {"X-Sum", "X-Sum", false},
	} {
		req := get
		req.Peer.Protocol = "HTTP/1.1"
		resp := from(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1")
			w.Header().Set(row.before, "X-Sum")
			io.WriteString(w, "x")
			w.(http.Flusher).Flush()
			w.Header().Set(row.behind, "1")
		})(req)
		if got := resp.Body.(raxx.Stream).HasTrailer(); got != row.trails {
			t.Errorf("%s: it may trail: %v", name, got)
		}
		got, err := raxx.Collect(resp)
		if trailer := got.Trailer.Get("x-sum"); err != nil || (trailer == "1") != row.trails {
			t.Errorf("%s: got %v, %v", name, got.Trailer, err)
		}
	}
}

// Old handlers are told by a channel of their own.
func TestFromHTTPCloseNotify(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, leave := context.WithCancel(t.Context())
		begun := time.Now()
		time.AfterFunc(time.Minute, leave)
		from(func(w http.ResponseWriter, _ *http.Request) {
			if gone := <-w.(interface{ CloseNotify() <-chan bool }).CloseNotify(); !gone || time.Since(begun) != time.Minute {
				t.Errorf("got %v after %v", gone, time.Since(begun))
			}
		})(get.WithContext(ctx))
	})
}
