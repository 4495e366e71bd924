package raxxtest

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// checkHead returns what is wrong with the head of a reply, whose status is
// final or 101.
func checkHead(resp raxx.Response) error {
	if resp.Status != 101 && (resp.Status < 200 || resp.Status > 599) {
		return broken("status %d of a response, which has to be from 200 to 599", resp.Status)
	}
	if err := checkFields("the header", resp.Header); err != nil {
		return err
	}
	if err := checkTrailer(resp.Trailer); err != nil {
		return err
	}
	declared, err := declaredLength(resp.Header)
	if err != nil {
		return err
	}
	if err := checkContent(resp, declared); err != nil {
		return err
	}
	return checkEffects(resp)
}

// checkContent compares the body of resp with its status and with the length
// that its header declares, which is -1 if it declares none.
func checkContent(resp raxx.Response, declared int64) error {
	length := raxx.Length(resp.Body)
	_, machine := resp.Body.(raxx.Machine)
	switch {
	case resp.Status == 101 && !machine:
		return broken("status 101 without a machine, which would speak the new protocol")
	case (resp.Status == 204 && !machine || resp.Status == 205) && length != 0:
		return broken("status %d with a body (RFC 9110, 15.3.5 and 15.3.6)", resp.Status)
	case resp.Status == 304 && length > 0:
		return broken("status 304 with a body (RFC 9110, 15.4.5)")
	case (resp.Status == 101 || resp.Status == 204) && declared >= 0:
		return broken("status %d with a content-length (RFC 9110, 8.6)", resp.Status)
	case declared >= 0 && resp.Body != nil && length >= 0 && length != declared:
		return broken("content-length %d with a body of %d bytes", declared, length)
	}
	return nil
}

// checkEffects returns what is wrong with resp.Do.
func checkEffects(resp raxx.Response) error {
	for _, effect := range resp.Do {
		_, publish := effect.(raxx.Publish)
		_, patience := effect.(raxx.Patience)
		_, machine := resp.Body.(raxx.Machine)
		note, isNote := effect.(raxx.Note)
		switch {
		case effect == nil:
			return broken("an effect in Do is nil")
		case isNote:
			return broken("a note %q that no middleware has taken", note)
		case !publish && !patience && !machine:
			return broken("%T in Do of a response without a machine, which could not be told of it", effect)
		}
	}
	return nil
}

// declaredLength returns the content-length of a header, or -1.
func declaredLength(header raxx.Header) (int64, error) {
	declared := int64(-1)
	for v := range header.Values("content-length") {
		n, err := strconv.ParseUint(v, 10, 63)
		if err != nil || declared >= 0 {
			return 0, broken("content-length %q, which is not the one length", v)
		}
		declared = int64(n)
	}
	return declared, nil
}

// checkInform returns what is wrong with an interim response.
func checkInform(inform raxx.Inform) error {
	if inform.Status < 102 || inform.Status > 199 {
		return broken("Inform with status %d, which has to be from 102 to 199", inform.Status)
	}
	return checkFields("the header of an Inform", inform.Header)
}

// checkTrailer returns what is wrong with the fields behind a body.
func checkTrailer(trailer raxx.Header) error {
	if err := checkFields("the trailer", trailer); err != nil {
		return err
	}
	for _, f := range trailer {
		if raxx.ForbiddenTrailer(f.Name) {
			return broken("field %q in a trailer (RFC 9110, 6.5.1)", f.Name)
		}
	}
	return nil
}

// checkFields returns what is wrong with the fields of header, which is the one
// called where. A server refuses names in upper case, too.
func checkFields(where string, header raxx.Header) error {
	if header != nil && len(header) == 0 {
		return broken("%s is empty, but not nil, so it differs from one without fields", where)
	}
	for _, f := range header {
		if err := raxx.CheckField(f.Name, f.Value); err != nil {
			return &RuleError{fmt.Sprintf("a field of %s can't be sent", where), err}
		}
		if f.Name != strings.ToLower(f.Name) {
			return broken("field %q of %s is not in lower case", f.Name, where)
		}
	}
	return nil
}
