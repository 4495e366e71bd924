package raxxtest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/raxx-go/raxx/raxx"
)

// A message is a request or a response in the text of a tape.
type message struct {
	Method  string      `json:"method,omitempty"`
	URL     string      `json:"url,omitempty"`
	Status  int         `json:"status,omitempty"`
	Header  []fieldText `json:"header,omitempty"`
	Text    string      `json:"text,omitempty"`
	Bytes   []byte      `json:"bytes,omitempty"` // if it is no text
	Trailer []fieldText `json:"trailer,omitempty"`
}

// A fieldText is a name and a value; of a value that is no text, which JSON can't
// hold, there is a third member, the value as a literal of Go, and the second is
// what can be shown of it.
type fieldText []string

type exchangeText struct {
	Request  message `json:"request"`
	Response message `json:"response"`
}

// Encode returns the recordings as JSON, to be kept in a file and read by
// [ReadTape].
func (t *Tape) Encode() ([]byte, error) {
	var all []exchangeText
	for _, r := range t.Recordings() {
		req, resp := messageOf(r.Request.Header, r.Request.Body, r.Request.Trailer), messageOf(r.Response.Header, r.Response.Body, r.Response.Trailer)
		req.Method, req.URL, resp.Status = r.Request.Method, r.Request.URL(), r.Response.Status
		all = append(all, exchangeText{req, resp})
	}
	text, err := json.MarshalIndent(all, "", "  ")
	return append(text, '\n'), err
}

// ReadTape returns the tape that [Tape.Encode] has written.
func ReadTape(text []byte) (*Tape, error) {
	var all []exchangeText
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("raxxtest: not the text of a tape: %w", err)
	}
	var recordings []Recording
	for _, x := range all {
		r := Recording{
			Request:  raxx.New(x.Request.Method, x.Request.URL, x.Request.body()),
			Response: raxx.Response{Status: x.Response.Status, Body: x.Response.body()},
		}
		if _, rest, _ := strings.Cut(x.Request.URL, "://"); !strings.ContainsAny(rest, "/?") {
			r.Request.Path = "*" // see [raxx.Request.URL]
		}
		r.Request.Header, r.Request.Trailer = fields(x.Request.Header), fields(x.Request.Trailer)
		r.Response.Header, r.Response.Trailer = fields(x.Response.Header), fields(x.Response.Trailer)
		recordings = append(recordings, r)
	}
	return NewTape(recordings...), nil
}

func messageOf(header raxx.Header, body raxx.Body, trailer raxx.Header) message {
	m := message{Header: fieldTexts(header), Trailer: fieldTexts(trailer)}
	if data, _ := body.(raxx.Data); utf8.ValidString(string(data)) {
		m.Text = string(data)
	} else {
		m.Bytes = []byte(data)
	}
	return m
}

func (m message) body() raxx.Body {
	if m.Text != "" {
		return raxx.Data(m.Text)
	}
	return raxx.Bytes(m.Bytes)
}

func fieldTexts(header raxx.Header) (all []fieldText) {
	for _, f := range header {
		text := fieldText{f.Name, f.Value}
		if !utf8.ValidString(f.Value) {
			text = append(text, strconv.Quote(f.Value))
		}
		all = append(all, text)
	}
	return all
}

// fields returns the fields of a message; those that are malformed are as empty
// as they are there.
func fields(all []fieldText) (header raxx.Header) {
	for _, text := range all {
		text = append(text, "", "")
		f := raxx.Field{Name: text[0], Value: text[1]}
		if value, err := strconv.Unquote(text[2]); err == nil {
			f.Value = value
		}
		header = append(header, f)
	}
	return header
}
