package exchange

import (
	"testing"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// Patience is the server's affair from the moment at which it is said: before the
// head, or between the parts of a machine.
func TestPatience(t *testing.T) {
	patience := raxx.Patience{Limit: time.Minute}
	publish := raxx.Publish{Topic: "t", Message: "m"}
	t.Run("of a response", func(t *testing.T) {
		s := &fakeSender{}
		exchangeOf("GET", respond(raxx.NoContent().WithDo(patience, publish)), s)
		diff(t, []string{"patience 1m0s", "publish m on t", "head 204 length -1, no content", "tail"}, s.calls)
	})
	t.Run("of a response that can't be sent", func(t *testing.T) {
		s := &fakeSender{}
		exchangeOf("GET", respond(raxx.NoContent().WithDo(patience, raxx.After{})), s)
		diff(t, []string{"head 500 length 5", "data sorry", "tail"}, s.calls)
	})
	t.Run("of a machine", func(t *testing.T) {
		s := &fakeSender{}
		liveOf(t, "GET", machine(200).WithDo(publish, patience), s, raxx.Data("a"), raxx.Patience{}, raxx.Tail{})
		diff(t, []string{"patience 1m0s", "head 200 length -1, trailer, streams", "data a", "patience 0s", "tail"}, s.calls)
	})
}
