package main

import (
	"encoding/json"
	"strings"
	"unicode"
)

// A message is what is published on the topic of a room, as JSON, and what a page
// is told.
type message struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`             // of the message
	From string `json:"from"`           // the ID of who has sent it
	Name string `json:"name"`           // the name of who has sent it
	Text string `json:"text,omitempty"` // what was said
	At   int64  `json:"at,omitempty"`   // when it was said, in milliseconds
}

// The kinds of messages.
const (
	say   = "say"
	join  = "join"
	leave = "leave"
)

// A view is what a page is told of a room as a whole: when it comes in, and when
// more has become known.
type view struct {
	Kind     string    `json:"kind"` // "room"
	You      string    `json:"you,omitempty"`
	Key      string    `json:"key,omitempty"` // to speak with, over HTTP
	Count    int       `json:"count"`
	People   []person  `json:"people"` // some, if there are many
	Messages []message `json:"messages"`
}

// A notice is what one page is told alone.
type notice struct {
	Kind string `json:"kind"` // "notice"
	Text string `json:"text"`
}

// A person is somebody in a room.
type person struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// encode returns a value as JSON. Those of this package have one.
func encode(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

const (
	longestName = 24
	longestText = 1000
	longestRoom = 32
)

// cleanName returns a name as it is shown: without what can't be seen, which
// could make it look like another one's. It reports false if it is none.
func cleanName(name string) (string, bool) {
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsPrint(r):
			return r
		}
		return -1
	}, strings.ToValidUTF8(name, ""))
	name = strings.Join(strings.Fields(name), " ")
	return name, name != "" && len([]rune(name)) <= longestName
}

// cleanText returns what is said without control characters. It reports false if
// it is nothing, or too much. Markup is left as it is: a page shows it as text.
func cleanText(text string) (string, bool) {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	text = strings.TrimSpace(text)
	return text, text != "" && len([]rune(text)) <= longestText
}

// isRoom reports whether a room may have this name.
func isRoom(name string) bool {
	return name != "" && len(name) <= longestRoom && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
