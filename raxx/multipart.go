package raxx

import (
	"fmt"
	"iter"
	"strings"
)

// A FormPart is one part of a form in the format multipart/form-data (RFC
// 7578): a field, or a file.
type FormPart struct {
	// Name is the name of the form's field. It may come more than once.
	Name string
	// Filename is what the client calls the file, as it was sent: it may be a
	// path, or a name that is special to a file system. See [FormPart.BaseName].
	Filename string
	// Header holds the fields of the part, such as content-type: what the
	// client says that the content is.
	Header Header
	// Body is the content. From [Multipart] it is a [Stream] that can be read
	// only before the next part is asked for.
	Body Body
}

// MultipartLimits bound what a form may cost. In each field zero means the
// default that is named there, and a negative number no limit.
type MultipartLimits struct {
	// Parts is how many parts a form may have. If zero, 1,000. It stops forms
	// of nothing but tiny parts, each of which costs many times its bytes.
	Parts int64
	// PartHeader is how many bytes the fields of one part may have. If zero,
	// 16 KiB. It stops headers without an end: they are held in memory.
	PartHeader int64
	// Part is how many bytes the content of one part may have. If zero, 32 MiB.
	// It stops one file from taking all of Total.
	Part int64
	// Total is how many bytes the whole form may have. If zero, 64 MiB. It
	// stops forms without an end.
	Total int64
}

// orDefault resolves the zero and the negative fields.
func (l MultipartLimits) orDefault() MultipartLimits {
	return MultipartLimits{
		Parts:      limitOr(l.Parts, 1000),
		PartHeader: limitOr(l.PartHeader, 16<<10),
		Part:       limitOr(l.Part, 32<<20),
		Total:      limitOr(l.Total, 64<<20),
	}
}

// Multipart returns the parts of a form, one after the other, as they arrive:
//
//	for part, err := range raxx.Multipart(req, raxx.MultipartLimits{}) {
//		if err != nil {
//			return raxx.Response{}, err
//		}
//		data, err := raxx.ReadAll(part.Body, 1<<20)
//		...
//	}
//
// The body of a part is read within the loop; what is left of it when the next
// part is asked for is skipped. Nothing is written to disk, and of the form
// only one part's header and the bytes that arrived last are in memory.
//
// An error ends the loop. If it was met in the content of a part, the body of that
// part gives it, too. It is an [*Error]: 415 if the request is no form, or a part
// has a content-transfer-encoding that would have to be decoded, 413 past a limit,
// 400 if the form is malformed, and as in [Complete] if it did not arrive whole.
// Multipart is stricter than RFC 2046: lines end with CRLF, fields are not folded,
// and nothing but white space stands behind a boundary. For forms longer than
// [Complete] lets through, the route must be streamed. A filename* in a
// content-disposition is ignored: RFC 7578, Section 4.2 forbids it.
func Multipart(r Request, limits MultipartLimits) iter.Seq2[FormPart, error] {
	return func(yield func(FormPart, error) bool) {
		f, err := openForm(r, limits.orDefault())
		if err != nil {
			yield(FormPart{}, err)
			return
		}
		defer f.close()
		for {
			part, more, err := f.nextPart()
			if err != nil {
				yield(FormPart{}, err)
				return
			}
			if !more || !yield(part, nil) {
				return
			}
		}
	}
}

// openForm returns a reader for the form that r carries.
func openForm(r Request, limits MultipartLimits) (*formReader, error) {
	m, ok := r.MediaType()
	if !ok || m.Essence() != "multipart/form-data" {
		return nil, unsupported("multipart/form-data")
	}
	boundary, _ := m.Param("boundary")
	if !isBoundary(boundary) {
		return nil, &Error{Status: StatusBadRequest, Detail: "the content type has no valid boundary (RFC 2046, 5.1.1)"}
	}
	if Length(r.Body) > limits.Total {
		return nil, tooLarge(limits.Total)
	}
	next, stop := iter.Pull2(pieces(r.Body))
	return &formReader{
		next: next, stop: stop, limits: limits, left: limits.Total,
		decoder: newMultipartDecoder(boundary, limits.PartHeader),
	}, nil
}

// pieces yields the content of b. It cuts complete data, so that no second copy
// of it is made.
func pieces(b Body) iter.Seq2[[]byte, error] {
	data, ok := b.(Data)
	if !ok {
		return Chunks(b)
	}
	return func(yield func([]byte, error) bool) {
		for data := data; data != ""; {
			n := min(len(data), readSize)
			if !yield([]byte(data[:n]), nil) {
				return
			}
			data = data[n:]
		}
	}
}

// isBoundary follows the grammar of RFC 2046, Section 5.1.1.
func isBoundary(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isAlphanumeric(s[i]) && strings.IndexByte("'()+_,-./:=? ", s[i]) < 0 {
			return false
		}
	}
	return s != "" && len(s) <= 70 && s[len(s)-1] != ' '
}

func formFault(status int, format string, args ...any) error {
	return &Error{Status: status, Detail: fmt.Sprintf(format, args...)}
}
