package router

import (
	"fmt"
	"net/http"
	"unsafe"

	"github.com/julienschmidt/httprouter"

	"github.com/raxx-go/raxx/raxx"
)

// A tree holds patterns with parameters that httprouter takes together: at no
// point of a tree is there a choice between a literal and a parameter, so a
// path leads to one pattern at most, without turning back. For
//
//	/users/:id   /users/:id/posts   /users/me/:tab
//
// there are two trees, since the last pattern says something else than the
// others about the segment behind /users.
//
// httprouter is asked for nothing but that pattern. Its handles only say which
// one it is: they write its number in the name of the first parameter.
type tree struct {
	router  *httprouter.Router
	outline outline // while the tree grows
}

// allMethods is the method under which httprouter knows all patterns of a tree.
const allMethods = "*"

// newTree returns a tree without patterns.
func newTree() tree { return tree{router: httprouter.New(), outline: outline{}} }

// add puts a pattern into the tree, which its outline takes. If httprouter
// refuses it all the same, the tree can't be used any more.
func (t *tree) add(shape string, number int) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("router: httprouter refuses %q: %v", shape, fault)
		}
	}()
	mark := stamp(number)
	t.outline.add(shape)
	t.router.Handle(allMethods, shape, func(_ http.ResponseWriter, _ *http.Request, params httprouter.Params) {
		params[0].Key = mark
	})
	return nil
}

// find returns the number of the pattern that path leads to and the values of
// its parameters, still as in path and with names that mean nothing. The number
// is negative if there is none. The memory of the values is the caller's.
func (t *tree) find(path string) (number int, values raxx.Params) {
	handle, params, _ := t.router.Lookup(allMethods, path)
	if handle == nil {
		return -1, nil
	}
	handle(nil, nil, params)
	return readStamp(params[0].Key), ownParams(params)
}

// stamp writes a number in three bytes.
func stamp(n int) string { return string([]byte{byte(n >> 16), byte(n >> 8), byte(n)}) }

// readStamp reads what stamp wrote.
func readStamp(s string) int { return int(s[0])<<16 | int(s[1])<<8 | int(s[2]) }

// ownParams returns params as raxx.Params, in the same memory: httprouter made
// it for this one call, and a second list would be the only other thing that
// the router allocates. Both types are a name and a value, which the
// declarations below prove; Go has no conversion for it since the fields are
// called differently.
func ownParams(params httprouter.Params) raxx.Params {
	first := (*raxx.Param)(unsafe.Pointer(unsafe.SliceData(params)))
	return unsafe.Slice(first, len(params))
}

// These compile only as long as both types have the same size, the same types
// of fields and the same places for them.
var (
	_ = raxx.Param{Name: httprouter.Param{}.Key, Value: httprouter.Param{}.Value}

	_ [unsafe.Sizeof(raxx.Param{})]byte         = [unsafe.Sizeof(httprouter.Param{})]byte{}
	_ [unsafe.Offsetof(raxx.Param{}.Name)]byte  = [unsafe.Offsetof(httprouter.Param{}.Key)]byte{}
	_ [unsafe.Offsetof(raxx.Param{}.Value)]byte = [unsafe.Offsetof(httprouter.Param{}.Value)]byte{}
)
