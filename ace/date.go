package ace

import (
	"sync/atomic"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// A dateCache holds the value of the Date field, which changes once a second.
type dateCache struct{ current atomic.Pointer[date] }

type date struct {
	from, to int64 // by the clock of the wheel: while it is the date
	text     string
}

// at returns the Date field for the time that the clock of the wheel shows.
func (c *dateCache) at(now int64) string {
	if d := c.current.Load(); d != nil && d.from <= now && now < d.to {
		return d.text
	}
	today := time.Now()
	d := &date{now, now + int64(time.Second) - int64(today.Nanosecond()), raxx.FormatDate(today)}
	c.current.Store(d)
	return d.text
}
