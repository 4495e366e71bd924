package ace

import (
	"sync/atomic"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// A dateCache holds the value of the Date field, which changes once a second.
type dateCache struct{ current atomic.Pointer[date] }

type date struct {
	from, to int64 // nanoseconds since the Unix epoch: the second that it is the date of
	text     string
}

// at returns the Date field for a time in nanoseconds since the Unix epoch.
func (c *dateCache) at(now int64) string {
	if d := c.current.Load(); d != nil && d.from <= now && now < d.to {
		return d.text
	}
	from := now - now%int64(time.Second)
	d := &date{from, from + int64(time.Second), raxx.FormatDate(time.Unix(0, from))}
	c.current.Store(d)
	return d.text
}
