package nethttp

import (
	"net/http"
	"slices"
	"strconv"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// Where a field stands is known without a look at those before it: net/http takes
// a quarter of a million of one name.
func TestPlacesOfFields(t *testing.T) {
	req := raxx.Get("/")
	for i := range 3 {
		n := strconv.Itoa(i)
		req = req.Add("x-a", "a"+n).Add("trailer", "x-"+n).Add("b", "b"+n)
	}
	c, r, err := newCall(req, nil)
	if err != nil {
		t.Fatal(err)
	}
	var want []place
	for i := range 3 {
		want = append(want, place{"X-A", i}, place{"Trailer", i}, place{"B", i})
	}
	if !slices.Equal(c.places, want) {
		t.Errorf("got %v, want %v", c.places, want)
	}
	for i := range c.places[:8] {
		c.places[i] = place{}
	}
	if v, ok := c.value(r.Header, 8); v != "b2" || !ok {
		t.Errorf("got %q, %v", v, ok)
	}
	delete(r.Header, http.CanonicalHeaderKey("b"))
	if v, ok := c.value(r.Header, 8); ok {
		t.Errorf("got %q of a field that is gone", v)
	}
}
