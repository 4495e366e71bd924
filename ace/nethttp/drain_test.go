package nethttp

import (
	"net/http/httptest"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// A machine that has ended is not kept for those who drain.
func TestMachinesThatHaveEndedAreForgotten(t *testing.T) {
	h := ToHTTP(func(raxx.Request) raxx.Response {
		return raxx.Response{Status: 200, Body: raxx.NewMachine(0, func(n int, _ raxx.Event) (int, []raxx.Part) {
			return n, []raxx.Part{raxx.Tail{}}
		})}
	}, Config{})
	for range 3 {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	}
	if len(h.lives) != 0 {
		t.Errorf("%d are kept", len(h.lives))
	}
}
