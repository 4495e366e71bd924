package ace

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// The date is that of the time of day, whatever the clock of the wheel shows, and
// changes with its seconds.
func TestDate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const ahead = int64(time.Hour) // the time of day was set since
		var c dateCache
		for range 30 {
			now := time.Now()
			if got, want := c.at(now.UnixNano()+ahead), raxx.FormatDate(now); got != want {
				t.Errorf("at %v: %s, want %s", now, got, want)
			}
			time.Sleep(350 * time.Millisecond)
		}
	})
}
