package raxx

import (
	"errors"
	"fmt"
	"iter"
)

// A formReader drives a decoder with the chunks of a body, and counts.
type formReader struct {
	next    func() ([]byte, error, bool)
	stop    func()
	decoder *multipartDecoder
	limits  MultipartLimits

	left     int64 // bytes of the form that may still come
	parts    int64 // how many have begun: also the number of the current one
	name     string
	open     bool  // the content of the current part has not ended
	partLeft int64 // bytes of it that may still come
	err      error // what ended the form; it comes again at every call
}

var errFormOver = errors.New("raxx: the body of a form's part was read after the loop over the parts")

func (f *formReader) close() {
	f.stop()
	if f.err == nil {
		f.err = errFormOver
	}
}

// nextPart skips what is left of the current part and returns the next one, or
// false if there is none.
func (f *formReader) nextPart() (FormPart, bool, error) {
	for f.open {
		if _, err := f.chunk(); err != nil {
			return FormPart{}, false, err
		}
	}
	event, err := f.event()
	if err != nil || event == formEnded {
		return FormPart{}, false, err
	}
	part, err := f.begin(f.decoder.header)
	f.err = err
	return part, err == nil, err
}

// begin makes the part that has this header the current one.
func (f *formReader) begin(h Header) (FormPart, error) {
	if f.parts == f.limits.Parts {
		return FormPart{}, formFault(StatusContentTooLarge, "the form has more than %d parts", f.parts)
	}
	f.parts++
	name, filename, err := parseDisposition(h)
	if err != nil {
		return FormPart{}, fmt.Errorf("part %d of the form: %w", f.parts, err)
	}
	f.name, f.open, f.partLeft = name, true, f.limits.Part
	return FormPart{Name: name, Filename: filename, Header: h, Body: NewStream(-1, f.content(f.parts))}, nil
}

// content yields the content of the part of that number, while it is the
// current one.
func (f *formReader) content(number int64) iter.Seq2[[]byte, error] {
	whole := false // all of it has been yielded
	return func(yield func([]byte, error) bool) {
		for {
			var chunk []byte
			err := f.checkTime(number)
			if err == nil && !whole {
				chunk, err = f.chunk()
				whole = err == nil && !f.open
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if whole || !yield(chunk, nil) {
				return
			}
		}
	}
}

// checkTime returns what keeps the content of the part of that number from
// being read: another part has been asked for, whose content comes now. If none
// came behind the one that was skipped, chunk gives the error that ended the form.
func (f *formReader) checkTime(number int64) error {
	if f.parts != number {
		return fmt.Errorf("raxx: part %d of a form was read after part %d was asked for", number, f.parts)
	}
	return nil
}

// chunk returns the next bytes of the current part, or none at its end.
func (f *formReader) chunk() ([]byte, error) {
	event, err := f.event()
	if err != nil {
		return nil, err
	}
	if event == partEnded {
		f.open = false
		return nil, nil
	}
	content := f.decoder.content
	if f.partLeft -= int64(len(content)); f.partLeft < 0 {
		f.err = formFault(StatusContentTooLarge, "the part %q of the form is larger than %d bytes", clip(f.name), f.limits.Part)
	}
	return content, f.err
}

// event returns what the decoder meets next, and gives it bytes as it asks.
func (f *formReader) event() (multipartEvent, error) {
	for f.err == nil {
		event, err := f.decoder.next()
		if err == nil && event != needsBytes {
			return event, nil
		}
		f.err = err
		if err == nil {
			f.err = f.pull()
		}
	}
	return 0, f.err
}

// pull hands the next chunk of the body to the decoder.
func (f *formReader) pull() error {
	chunk, err, ok := f.next()
	var fault *Error
	switch {
	case !ok:
		f.decoder.end()
	case errors.As(err, &fault):
		return err
	case err != nil:
		return &Error{Status: StatusBadRequest, Detail: "the form did not arrive whole", Err: err}
	case int64(len(chunk)) > f.left:
		return tooLarge(f.limits.Total)
	}
	f.left -= int64(len(chunk))
	f.decoder.feed(chunk)
	return nil
}
