package ace

import (
	"context"
	"io"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// A reply without a length that is cut, by Close or when the time to drain is over, does
// not look whole to a client of HTTP/1.0, to whom it ends with the connection.
func TestCutRepliesOfHTTP10(t *testing.T) {
	says := func(part string) raxx.Stream {
		return raxx.NewStream(-1, func(yield func([]byte, error) bool) { yield([]byte(part), nil) })
	}
	overAll(t, func(t *testing.T, n network) {
		for name, body := range map[string]func(raxx.Request) raxx.Body{
			"a stream that waits for its context": func(req raxx.Request) raxx.Body {
				return raxx.NewStream(-1, func(yield func([]byte, error) bool) {
					yield([]byte("half"), nil)
					<-req.Context().Done()
					yield(nil, context.Cause(req.Context()))
				})
			},
			"a machine": func(raxx.Request) raxx.Body {
				return raxx.NewMachine(0, func(n int, event raxx.Event) (int, []raxx.Part) {
					if _, opens := event.(raxx.Open); opens {
						return n, []raxx.Part{raxx.Data("half")}
					}
					return n, nil
				})
			},
		} {
			for how, cut := range map[string]func(s *Server){
				"Close": func(s *Server) { s.Close() },
				"Shutdown": func(s *Server) {
					ctx, cancel := context.WithCancel(context.Background())
					cancel()
					s.Shutdown(ctx)
				},
			} {
				t.Run(name+", "+how, func(t *testing.T) {
					s, dial := start(t, n, func(req raxx.Request) raxx.Response {
						if req.Path == "/whole" {
							return raxx.Response{Status: 200, Body: says("all")}
						}
						return raxx.Response{Status: 200, Body: body(req)}
					}, Config{})
					whole := dial()
					whole.send("GET /whole HTTP/1.0\r\n\r\n")
					whole.want(200, "all") // one that has come to its end is no less so

					p := dial()
					p.send("GET /half HTTP/1.0\r\n\r\n")
					for seen := ""; len(seen) < 4 || seen[len(seen)-4:] != "half"; {
						c, err := p.r.ReadByte()
						if err != nil {
							t.Fatal(err)
						}
						seen += string(c)
					}
					cut(s)
					if rest, err := io.ReadAll(p.r); err == nil {
						t.Errorf("it looks whole behind %q", rest)
					}
				})
			}
		}
	})
}
