package main

import (
	"bytes"
	"fmt"
)

// headEnd ends the head of a request.
const headEnd = "\r\n\r\n"

// countHeads returns how many heads end in b, and how much of headEnd stands at
// its end. matched is how much of it stood at the end of what came before b.
func countHeads(matched int, b []byte) (heads, left int) {
	if matched == 0 && bytes.HasSuffix(b, []byte(headEnd)) {
		return bytes.Count(b, []byte(headEnd)), 0
	}
	for _, c := range b {
		switch {
		case c == headEnd[matched]:
			matched++
		case c == headEnd[0]:
			matched = 1
		default:
			matched = 0
		}
		if matched == len(headEnd) {
			heads, matched = heads+1, 0
		}
	}
	return heads, matched
}

// cannedHead is the head of the reply to a work, as a floor sends it: of about
// the length of what the others send.
func cannedHead(w work) string {
	contentType := map[string]string{"file": bytesType, "echo": bytesType}[w.name]
	if contentType == "" {
		contentType = textType
	}
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 12:00:00 GMT\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n",
		contentType, len(w.reply))
}

// maxDepth is how many replies a floor writes at once.
const maxDepth = 16

// cannedReplies returns maxDepth whole replies to a work, one after the other,
// and the length of one.
func cannedReplies(w work) ([]byte, int) {
	reply := cannedHead(w) + w.reply
	return bytes.Repeat([]byte(reply), maxDepth), len(reply)
}
