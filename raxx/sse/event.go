package sse

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// An Event is what a page is told: a part that a machine behind [Stream] returns,
// and what a [Parser] finds.
//
// A page does not see an event that has neither Type nor Data: it only sets ID or
// Retry.
type Event struct {
	// ID is what the client says when it connects anew, if this is the event that
	// it has seen last; see [LastEventID]. If empty, the ID of the event before
	// stays. Since it comes back as the value of a field, it can hold only what
	// such a value can: see [raxx.CheckField].
	ID string
	// Type is what a page listens for. If empty, it is "message", where pages
	// listen by onmessage.
	Type string
	// Data is text of any number of lines. Lines that end with CR or CRLF reach
	// the page with LF. What is not UTF-8 reaches it as U+FFFD.
	Data string
	// Retry is how long the client waits before it connects anew, from now on. It
	// is rounded up to milliseconds. If zero, that time stays as it is.
	Retry time.Duration
}

// IsPart marks the type as a [raxx.Part].
func (Event) IsPart() {}

// A Comment is a part that no page sees: it shows that the stream is alive, and
// is read by people who look at its bytes.
type Comment string

// IsPart marks the type as a [raxx.Part].
func (Comment) IsPart() {}

// An EventError says why an event can't be part of a stream: the client would read
// it as another one, or as two.
type EventError struct {
	Event  Event
	Reason string
}

// Error returns the reason.
func (e *EventError) Error() string { return "sse: " + e.Reason }

// Check reports whether the event can be part of a stream. ID and Type must not
// hold CR or LF, which would let whoever chose them write events of their own.
// ID must not hold any other control character than the tab, or white space at an
// end: clients ignore it, come back with another one, or with a request that no
// server takes. Retry must not be negative. The error is an [*EventError].
func (e Event) Check() error {
	for i := 0; i < len(e.ID); i++ {
		if !raxx.IsValueByte(e.ID[i]) {
			return &EventError{e, fmt.Sprintf("the id holds %q at offset %d", e.ID[i], i)}
		}
	}
	if strings.Trim(e.ID, " \t") != e.ID {
		return &EventError{e, "the id begins or ends with white space"}
	}
	if i := strings.IndexAny(e.Type, "\r\n"); i >= 0 {
		return &EventError{e, fmt.Sprintf("the type holds %q at offset %d", e.Type[i], i)}
	}
	if e.Retry < 0 {
		return &EventError{e, fmt.Sprintf("the time to retry is %v", e.Retry)}
	}
	return nil
}

// Encode returns the event as it is sent. The error is that of [Event.Check].
func (e Event) Encode() (raxx.Data, error) {
	if err := e.Check(); err != nil {
		return "", err
	}
	return raxx.Data(e.append(nil)), nil
}

// append appends an event that has been checked. The zero Event is nothing.
func (e Event) append(b []byte) []byte {
	if e == (Event{}) {
		return b
	}
	if e.ID != "" {
		b = appendField(b, "id", e.ID)
	}
	if e.Type != "" {
		b = appendField(b, "event", e.Type)
	}
	if e.Retry > 0 {
		ms := (e.Retry-1)/time.Millisecond + 1
		b = appendField(b, "retry", strconv.FormatInt(int64(ms), 10))
	}
	if e.Type != "" || e.Data != "" {
		b = appendLines(b, "data", e.Data)
	}
	return append(b, '\n')
}

// append appends a comment.
func (c Comment) append(b []byte) []byte {
	return append(appendLines(b, "", string(c)), '\n')
}

// appendLines appends a field for every line of value: to a client, CR, LF and
// CRLF all end a line.
func appendLines(b []byte, name, value string) []byte {
	for {
		end := strings.IndexAny(value, "\r\n")
		if end < 0 {
			return appendField(b, name, value)
		}
		b = appendField(b, name, value[:end])
		if strings.HasPrefix(value[end:], "\r\n") {
			end++
		}
		value = value[end+1:]
	}
}

// appendField appends one line. A client takes one space away behind the colon.
func appendField(b []byte, name, value string) []byte {
	b = append(append(b, name...), ':')
	if value != "" {
		b = append(append(b, ' '), value...)
	}
	return append(b, '\n')
}
