package sse

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/raxx-go/raxx/raxx"
)

// DefaultLimit is how long an event may be where no other limit was given: 1
// MiB.
const DefaultLimit = 1 << 20

// A Parser reads an event stream piece by piece, as the HTML standard says
// (Section 9.2.6). Its zero value is at the beginning of a stream. It is used by
// one goroutine at a time.
type Parser struct {
	// Limit is how many octets an event may have, with the comments before it.
	// If zero, [DefaultLimit]. If negative, there is no limit, and the server
	// decides how much memory is used.
	Limit int

	line   []byte // that has not ended
	begun  bool   // the first line has ended
	skipLF bool   // the last line ended with a CR, at the end of a piece
	size   int    // of the event so far, without line
	event  Event  // so far
	data   []byte // of the event, an LF behind each line: empty only if it has no data
	id     string // that comes into effect with the event
	last   string
	err    error
}

// A LimitError is the error of an event that is longer than a parser's limit.
type LimitError struct{ Limit int }

// Error names the limit.
func (e *LimitError) Error() string {
	return fmt.Sprintf("sse: an event is longer than %d bytes", e.Limit)
}

// Feed returns the events that are complete with these data. An event whose empty
// line at the end has not come stays in the parser; if the stream ends before, it
// does not count. The error is a [*LimitError]; from then on nothing more is read.
//
// An event that no page would see, since it has no data, is returned if it says
// an ID or a time to retry. One that has data but neither type nor content is
// returned with the type "message".
func (p *Parser) Feed(data raxx.Data) ([]Event, error) {
	var events []Event
	for rest := string(data); rest != "" && p.err == nil; {
		if p.skipLF && rest[0] == '\n' {
			rest = rest[1:]
		}
		p.skipLF = false
		end := strings.IndexAny(rest, "\r\n")
		if end < 0 {
			p.line = append(p.line, rest...)
			p.checkLimit()
			break
		}
		p.line = append(p.line, rest[:end]...)
		if p.checkLimit(); p.err != nil {
			break
		}
		p.skipLF = rest[end] == '\r'
		rest = rest[end+1:]
		if event, ok := p.endLine(); ok {
			events = append(events, event)
		}
	}
	return events, p.err
}

// LastEventID returns the ID that is in effect: what a client sends when it
// connects anew.
func (p *Parser) LastEventID() string { return p.last }

// Parse returns the events of a whole stream, of any length. Its error is always
// nil.
func Parse(data raxx.Data) ([]Event, error) {
	p := Parser{Limit: -1}
	return p.Feed(data)
}

func (p *Parser) checkLimit() {
	limit := p.Limit
	if limit == 0 {
		limit = DefaultLimit
	}
	if limit >= 0 && p.size+len(p.line) > limit {
		p.err = &LimitError{limit}
		p.line, p.data = nil, nil
	}
}

// endLine takes a line that is complete. It returns the event that it ends.
func (p *Parser) endLine() (Event, bool) {
	line := string(p.line)
	p.size += len(line) + 1
	p.line = p.line[:0]
	if !p.begun {
		line = strings.TrimPrefix(line, "\ufeff")
		p.begun = true
	}
	if line == "" {
		return p.endEvent()
	}
	name, value, _ := strings.Cut(line, ":")
	p.field(name, decode(strings.TrimPrefix(value, " ")))
	return Event{}, false
}

// decode puts U+FFFD in the place of what is not UTF-8, as the Encoding standard
// says (Section 4.1.1): one for each octet, or for what a character could begin
// with.
func decode(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for s != "" {
		r, n := utf8.DecodeRuneInString(s)
		for n < len(s) && !utf8.FullRuneInString(s[:n+1]) {
			n++
		}
		b.WriteRune(r)
		s = s[n:]
	}
	return b.String()
}

// field takes a field. One of another name is ignored, and so is a comment, of
// which the name is empty.
func (p *Parser) field(name, value string) {
	switch name {
	case "event":
		p.event.Type = value
	case "data":
		p.data = append(append(p.data, value...), '\n')
	case "id":
		if strings.IndexByte(value, 0) < 0 {
			p.event.ID, p.id = value, value
		}
	case "retry":
		if retry, ok := parseRetry(value); ok {
			p.event.Retry = retry
		}
	}
}

// parseRetry reads a number of milliseconds: digits and nothing else. One that
// no Duration can hold is the longest.
func parseRetry(value string) (time.Duration, bool) {
	if value == "" || strings.Trim(value, "0123456789") != "" {
		return 0, false
	}
	const most = math.MaxInt64 / int64(time.Millisecond)
	ms, err := strconv.ParseInt(value, 10, 64)
	if err != nil || ms > most {
		ms = most
	}
	return time.Duration(ms) * time.Millisecond, true
}

// endEvent returns the event that has come, and reports whether there is one.
func (p *Parser) endEvent() (Event, bool) {
	event := p.event
	if n := len(p.data); n > 0 {
		event.Data = string(p.data[:n-1])
		if event.Data == "" {
			event.Type = cmp.Or(event.Type, "message")
		}
	} else {
		// The standard: without data there is nothing to dispatch, whatever
		// the type.
		event.Type = ""
	}
	p.last = p.id
	p.event, p.data, p.size = Event{}, p.data[:0], 0
	return event, event != Event{}
}
