package main

import (
	"strings"
	"testing"
)

func TestCountHeads(t *testing.T) {
	for _, test := range []struct {
		name, bytes string
		heads       int
	}{
		{"nothing", "", 0},
		{"half a head", "GET / HTTP/1.1\r\nHost: a", 0},
		{"one head", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 1},
		{"three heads", strings.Repeat("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 3), 3},
		{"a head and a half", "GET / HTTP/1.1\r\n\r\nGET / HT", 1},
		{"a carriage return too many", "GET / HTTP/1.1\r\n\r\r\n\r\n", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			for i := range len(test.bytes) + 1 {
				first, matched := countHeads(0, []byte(test.bytes[:i]))
				second, _ := countHeads(matched, []byte(test.bytes[i:]))
				if first+second != test.heads {
					t.Errorf("split at %d: %d + %d heads, want %d", i, first, second, test.heads)
				}
			}
		})
	}
}
