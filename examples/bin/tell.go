package main

import (
	"unicode/utf8"

	"github.com/raxx-go/raxx/raxx"
)

// A told is what a handler knows of a request. Fields and values are lists, because
// that is what they are: in an order, and some of them more than once.
type told struct {
	Method   string      `json:"method"`
	URL      string      `json:"url"`
	Protocol string      `json:"protocol,omitempty"`
	Client   string      `json:"client,omitempty"`
	Header   [][2]string `json:"header,omitempty"`
	Query    [][2]string `json:"query,omitempty"`
	Form     [][2]string `json:"form,omitempty"`
	Cookies  [][2]string `json:"cookies,omitempty"`
	Text     string      `json:"text,omitempty"`
	Bytes    []byte      `json:"bytes,omitempty"` // what is no text, in base64
	Trailer  [][2]string `json:"trailer,omitempty"`
}

// tell answers with what was asked.
func tell(req raxx.Request) raxx.Response {
	query, err := req.Values()
	if err != nil {
		return raxx.Problem(400, err.Error())
	}
	t := told{
		Method: req.Method, URL: req.URL(), Protocol: req.Peer.Protocol, Client: req.Peer.Address,
		Header: pairs(req.Header), Query: pairs(query), Cookies: pairs(req.Cookies()), Trailer: pairs(req.Trailer),
	}
	if t.Method == raxx.MethodHead {
		// RFC 9110, Section 9.3.2: HEAD gets the head that GET gets, with its length.
		t.Method = raxx.MethodGet
	}
	// Behind a router a body is complete: reading it twice is reading it once.
	if form, err := raxx.ReadForm(req, 0); err == nil {
		t.Form = pairs(form)
	}
	content, err := raxx.ReadAll(req.Body, 0)
	switch {
	case err != nil:
		return raxx.Problem(400, err.Error())
	case utf8.ValidString(string(content)):
		t.Text = string(content)
	default:
		t.Bytes = []byte(content)
	}
	return raxx.JSON(200, t)
}

// pairs returns fields, values or cookies as lists of two.
func pairs[P raxx.Field | raxx.Pair](list []P) (all [][2]string) {
	for _, p := range list {
		pair := raxx.Pair(p)
		all = append(all, [2]string{pair.Name, pair.Value})
	}
	return all
}
