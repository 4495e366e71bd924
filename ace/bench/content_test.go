package main

import "testing"

func TestContentHasTheSizesThatTheWorksPromise(t *testing.T) {
	for _, size := range []struct {
		what      string
		got, want int
	}{
		{"hello", len(helloText), 13},
		{"json", len(articleJSON), 1024},
		{"file", len(fileContent), 1 << 20},
		{"echo", len(upload), 64 << 10},
		{"routes", len(siblings) + 1, 25},
	} {
		if size.got != size.want {
			t.Errorf("%s: %d, want %d", size.what, size.got, size.want)
		}
	}
}

func TestBraces(t *testing.T) {
	if got, want := braces("/users/:user/posts/:post"), "/users/{user}/posts/{post}"; got != want {
		t.Errorf("braces = %q, want %q", got, want)
	}
}
