package router

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
)

// An Entry is a line of the routing table, as data.
type Entry struct {
	Method    string // [AnyMethod], if the route takes all
	Pattern   string // with the prefixes of groups and mounts; of a mount, the prefix
	Name      string // see [Route.Named]
	Mounted   bool   // the route is a [Mount] and takes all paths under Pattern
	Streamed  bool   // the handler reads the body by itself
	BodyLimit int64  // in bytes; -1 if there is none; 0 if Streamed
	Site      string // where the route was made, such as "app/routes.go:12"
}

// String returns method, pattern and site.
func (e Entry) String() string {
	return strings.TrimSpace(fmt.Sprintf("%s %s (%s)", e.Method, e.display(), e.Site))
}

// display returns the pattern for people.
func (e Entry) display() string {
	if e.Mounted {
		return e.Pattern + "/..."
	}
	return e.Pattern
}

// behind returns the entry of a route behind a mount: if that has read the body,
// there is nothing to stream any more, and the smaller limit holds.
func (e Entry) behind(mount Entry) Entry {
	switch {
	case mount.Streamed:
	case e.Streamed, e.BodyLimit < 0, 0 <= mount.BodyLimit && mount.BodyLimit < e.BodyLimit:
		e.Streamed, e.BodyLimit = false, mount.BodyLimit
	}
	return e
}

// bodyText says what happens to bodies.
func (e Entry) bodyText() string {
	switch {
	case e.Streamed:
		return "streamed"
	case e.BodyLimit < 0:
		return "no limit"
	}
	return formatBytes(e.BodyLimit)
}

// formatBytes writes n in the largest unit that needs no fraction.
func formatBytes(n int64) string {
	for shift, unit := range []string{"GiB", "MiB", "KiB"} {
		if size := int64(1) << (30 - 10*shift); n >= size && n%size == 0 {
			return fmt.Sprintf("%d %s", n/size, unit)
		}
	}
	return fmt.Sprintf("%d B", n)
}

// Routes returns the routing table, in the order in which the routes were
// given. In the place of a router that is mounted stand its routes.
func (r *Router) Routes() []Entry { return slices.Clone(r.entries) }

// String returns the routing table as text, a line for each route.
func (r *Router) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "METHOD\tPATTERN\tNAME\tBODY\tSITE")
	for _, e := range r.entries {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", e.Method, e.display(), e.Name, e.bodyText(), e.Site)
	}
	w.Flush()
	return b.String()
}
