package raxxtest_test

import (
	"testing"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// keeper keeps the data that it is handed, whatever it says of itself.
type keeper struct {
	says bool
	kept raxx.Data
}

func (k keeper) BorrowsData() bool { return k.says }

func (k keeper) step(event raxx.Event) (keeper, []raxx.Part) {
	if data, ok := event.(raxx.Data); ok {
		k.kept = data
	}
	if _, ok := event.(raxx.Tail); ok {
		return k, []raxx.Part{k.kept, raxx.Tail{}}
	}
	return k, nil
}

// A machine that says that it keeps no data, and does, is found out.
func TestBorrowedDataIsOverwritten(t *testing.T) {
	for says, want := range map[bool]raxx.Data{false: "hello", true: "!!!!!"} {
		resp := raxx.Reply(200, "text/plain", raxx.NewMachine(keeper{says: says}, keeper.step))
		x := raxxtest.NewServer(func(raxx.Request) raxx.Response { return resp }).Serve(raxx.Post("/", "text/plain", raxxtest.Chunks("hello")))
		if got := x.Content(); got != want {
			t.Errorf("%v: kept %q, want %q", says, got, want)
		}
	}
}
