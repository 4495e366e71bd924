package exchange

import (
	"io/fs"
	"strconv"
	"strings"

	"github.com/raxx-go/raxx/ace/internal/octets"
	"github.com/raxx-go/raxx/raxx"
)

// A Reply is a response that has been checked: any protocol can send it as it
// is.
type Reply struct {
	Status int
	// Header is the handler's. Its names are tokens in lower case and its
	// values can't end a line. Fields that belong to the connection or to the
	// framing may be among it: each protocol leaves out its own.
	Header raxx.Header
	// Length is the number of octets of content, or what it would be where none
	// is sent; -1 if that is not known.
	Length int64
	// NoContent tells that no content may be sent: in reply to HEAD, and with
	// 204 and 304.
	NoContent bool
	// Trailer tells that there may be fields behind the content.
	Trailer bool
	// Close tells that the handler asked for the end of the connection.
	Close bool

	body    raxx.Body
	trailer raxx.Header
	file    fs.File // opened, if body is a File that is to be sent
}

// prepare checks resp and works out what is to be sent for it. It opens the file
// of a [raxx.File]; whoever gets the Reply closes it.
func prepare(method string, resp *raxx.Response, r *Reply) error {
	if err := checkStatus(resp); err != nil {
		return err
	}
	*r = Reply{Status: resp.Status, Header: resp.Header, body: resp.Body, trailer: resp.Trailer}
	declared, err := r.checkHeader()
	if err != nil {
		return err
	}
	if err := CheckTrailer(resp.Trailer); err != nil {
		return err
	}
	if (r.Status == 204 || r.Status == 205) && raxx.Length(r.body) != 0 {
		return unsendable("status %d with a body (RFC 9110, 15.3.5 and 15.3.6)", r.Status)
	}
	// RFC 9110, Sections 9.3.2, 15.3.5 and 15.4.5.
	r.NoContent = method == "HEAD" || r.Status == 204 || r.Status == 304
	if err := r.measure(); err != nil {
		return err
	}
	return r.checkLength(declared)
}

// Check returns why the response to a request of this method could not be sent, or
// nil. It is for a response that gets to the client by another way than a [Sender],
// and opens no file: n is how much of one is to be sent.
func Check(method string, resp raxx.Response, n int64) error {
	var r Reply
	switch resp.Body.(type) {
	case raxx.Machine:
		if resp.Status == 0 {
			return checkDeferred(&resp)
		}
		return prepareLive(method == "HEAD", &resp, &r)
	case raxx.File:
		resp.Body = raxx.NewStream(n, nil)
	}
	return prepare(method, &resp, &r)
}

// checkStatus refuses what is no final status.
func checkStatus(resp *raxx.Response) error {
	switch {
	case resp.Status >= 200 && resp.Status <= 599:
		return nil
	case resp.Status != 101:
		// RFC 9110, Section 15: an interim response is no final one.
		return unsendable("status %d of a response, which has to be from 200 to 599", resp.Status)
	}
	if _, ok := resp.Body.(raxx.Machine); !ok {
		return unsendable("status 101 without a machine that speaks the new protocol")
	}
	if !resp.Header.Has("upgrade") || resp.Header.Has("content-length") {
		return unsendable("status 101 that does not name the new protocol, or has a length (RFC 9110, 7.8 and 8.6)")
	}
	return nil
}

// checkHeader checks every field. It returns the content-length that the
// handler set, or -1.
func (r *Reply) checkHeader() (declared int64, err error) {
	declared = -1
	for i := range r.Header {
		f := &r.Header[i]
		if err := checkField(f); err != nil {
			return 0, &ResponseError{"a field of the response can't be sent", err}
		}
		switch f.Name {
		case "connection":
			for option := range raxx.Header.Elements(r.Header[i:i+1], "connection") {
				r.Close = r.Close || strings.EqualFold(option, "close")
			}
		case "content-length":
			n, err := strconv.ParseUint(f.Value, 10, 63)
			if err != nil || declared >= 0 {
				return 0, unsendable("content-length %q, which is not the one length", f.Value)
			}
			declared = int64(n)
		}
	}
	return declared, nil
}

// checkField is [raxx.CheckField], and refuses upper case.
func checkField(f *raxx.Field) error {
	if octets.IsFieldName(f.Name) && octets.IsFieldValue(f.Value) {
		return nil
	}
	for i := 0; i < len(f.Name); i++ {
		if 'A' <= f.Name[i] && f.Name[i] <= 'Z' {
			return &raxx.FieldError{Name: f.Name, Value: f.Value, Reason: "the name is not in lower case"}
		}
	}
	return raxx.CheckField(f.Name, f.Value)
}

// CheckTrailer checks the fields that are to stand behind the content.
func CheckTrailer(trailer raxx.Header) error {
	for i := range trailer {
		if err := checkField(&trailer[i]); err != nil {
			return &ResponseError{"a field of the trailer can't be sent", err}
		}
		if raxx.ForbiddenTrailer(trailer[i].Name) {
			return unsendable("field %q in a trailer (RFC 9110, 6.5.1)", trailer[i].Name)
		}
	}
	return nil
}

// measure finds out the length of the content, and opens its file.
func (r *Reply) measure() error {
	r.Trailer = len(r.trailer) > 0
	switch body := r.body.(type) {
	case nil:
		if r.NoContent {
			// What a GET would have brought is not known.
			r.Length = -1
		}
	case raxx.File:
		return r.open(body)
	case raxx.Stream:
		r.Length, r.Trailer = body.Length, r.Trailer || body.HasTrailer()
	case raxx.Machine:
		return unsendable("a machine in a response that stands for another one")
	case raxx.Data:
		r.Length = int64(len(body))
	default: // the method that makes a body of a type is a pointer's, too
		return unsendable("a body of type %T, which has to be a raxx.Data, File, Stream or Machine itself", body)
	}
	return nil
}

// open opens a file. The file system is the handler's, and so is its panic.
func (r *Reply) open(body raxx.File) (err error) {
	defer recovered(&err)
	if r.file, r.Length, err = body.Open(); err != nil {
		return &ResponseError{"the file of the response can't be sent", err}
	}
	return nil
}

// checkLength compares the length of the content with what the handler declared.
func (r *Reply) checkLength(declared int64) error {
	switch {
	case declared < 0:
	case r.Length < 0:
		r.Length = declared
	case r.Length != declared:
		r.closeFile()
		return unsendable("content-length %d with a body of %d bytes", declared, r.Length)
	}
	return nil
}

func (r *Reply) closeFile() {
	if r.file != nil {
		r.file.Close()
		r.file = nil
	}
}

// Ready reports whether the content is there already, all of it, so that nobody
// has to be waited for to send it.
func (r *Reply) Ready() bool {
	if r.NoContent || r.body == nil {
		return true
	}
	_, data := r.body.(raxx.Data)
	return data
}

// Streams reports whether the content is made while it is sent.
func (r *Reply) Streams() bool {
	if r.NoContent {
		return false
	}
	switch r.body.(type) {
	case raxx.Stream, raxx.Machine:
		return true
	}
	return false
}
