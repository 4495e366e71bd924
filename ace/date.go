package ace

import (
	"sync/atomic"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// A dateCache holds the value of the Date field, which changes once a second.
type dateCache struct{ current atomic.Pointer[date] }

type date struct {
	second int64
	text   string
}

// at returns the Date field for the time now.
func (c *dateCache) at(now time.Time) string {
	second := now.Unix()
	if d := c.current.Load(); d != nil && d.second == second {
		return d.text
	}
	d := &date{second, raxx.FormatDate(now)}
	c.current.Store(d)
	return d.text
}
