package raxx

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// MultipartBody returns a form of these parts, and the content type to send it
// with:
//
//	contentType, body := raxx.MultipartBody(
//		raxx.FormPart{Name: "title", Body: raxx.Data("Cats")},
//		raxx.FormPart{Name: "photo", Filename: "cat.png", Body: photo},
//	)
//	req := raxx.Post("/photos", contentType, body)
//
// If all parts are complete, the body is [Data] and the same parts give the same
// bytes. Else it is a [Stream] that reads the parts as it is read. Control
// characters in a name are percent-encoded, as browsers do with CR and LF. The
// content type of a file is application/octet-stream if its header names none. It
// panics with a [*FieldError] if [CheckField] refuses a field of a header.
func MultipartBody(parts ...FormPart) (contentType string, body Body) {
	heads := make([]string, len(parts))
	complete := true
	for i, p := range parts {
		heads[i] = p.head()
		_, isData := p.Body.(Data)
		complete = complete && (isData || p.Body == nil)
	}
	f := formWriter{slices.Clone(parts), heads, ""}
	f.boundary = f.chooseBoundary(complete)
	body = NewStream(-1, f.chunks)
	if complete {
		body, _ = ReadAll(body, -1) // Data gives no error.
	}
	return "multipart/form-data; boundary=" + f.boundary, body
}

// A formWriter holds what is to be written, with the head of each part.
type formWriter struct {
	parts    []FormPart
	heads    []string
	boundary string
}

// chooseBoundary returns a boundary that no content holds: a hash of everything
// where that is known, so that whoever chose the content can't choose it to
// hold the boundary; else random bytes.
func (f formWriter) chooseBoundary(complete bool) string {
	hash := sha256.New()
	if complete {
		_ = f.write(func(b []byte, _ error) bool { hash.Write(b); return true })
	} else {
		nonce := make([]byte, 16)
		_, _ = rand.Read(nonce) // never fails, by its documentation
		hash.Write(nonce)
	}
	return "form-" + hex.EncodeToString(hash.Sum(nil)[:16])
}

func (f formWriter) chunks(yield func([]byte, error) bool) {
	if f.write(yield) {
		yield([]byte("--"+f.boundary+"--\r\n"), nil)
	}
}

// write yields the parts, and reports whether it came to their end.
func (f formWriter) write(yield func([]byte, error) bool) bool {
	for i, p := range f.parts {
		if !yield([]byte("--"+f.boundary+"\r\n"+f.heads[i]), nil) {
			return false
		}
		for chunk, err := range Chunks(p.Body) {
			if !yield(chunk, err) || err != nil {
				return false
			}
		}
		if !yield([]byte("\r\n"), nil) {
			return false
		}
	}
	return true
}

// head returns the fields of the part and the empty line behind them.
func (p FormPart) head() string {
	disposition := "form-data; name=" + quoteName(p.Name)
	h := p.Header.Without("content-disposition")
	if p.Filename != "" {
		disposition += "; filename=" + quoteName(p.Filename)
		h = h.Default("content-type", "application/octet-stream")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "content-disposition: %s\r\n", disposition)
	for _, f := range h {
		f = mustField(f.Name, f.Value)
		fmt.Fprintf(&b, "%s: %s\r\n", f.Name, f.Value)
	}
	b.WriteString("\r\n")
	return b.String()
}

// quoteName percent-encodes what would end the line, and quotes the rest.
func quoteName(s string) string {
	return quote(escape(s, func(c byte) bool { return c >= ' ' && c != 0x7f }))
}
