package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
)

func TestGreet(t *testing.T) {
	want := raxx.Text(200, "Hello, Ada!")
	if diff := cmp.Diff(want, app()(raxx.Get("/hello/Ada"))); diff != "" {
		t.Error(diff)
	}
}
