package raxx

import (
	"strings"
	"unicode"
)

// parseDisposition returns what the content-disposition of a part says (RFC
// 7578, Section 4.2), and refuses content that would have to be decoded.
func parseDisposition(h Header) (name, filename string, err error) {
	value, ok := single(h, "content-disposition")
	kind, rest := cutParams(value)
	if !ok || !strings.EqualFold(kind, "form-data") {
		return "", "", formFault(StatusBadRequest, "a part needs one content-disposition, of the kind form-data (RFC 7578, 4.2)")
	}
	params, want := parseParams(rest, true)
	if want != "" {
		return "", "", formFault(StatusBadRequest, "a part's content-disposition is malformed: wanted %s (RFC 7578, 4.2)", want)
	}
	name, ok = Values(params).Lookup("name")
	if !ok {
		return "", "", formFault(StatusBadRequest, "a part's content-disposition has no name (RFC 7578, 4.2)")
	}
	switch coding := h.Get("content-transfer-encoding"); strings.ToLower(coding) {
	case "", "7bit", "8bit", "binary":
		return name, Values(params).Get("filename"), nil
	}
	return "", "", formFault(StatusUnsupportedMediaType, "a part's content-transfer-encoding is not supported (RFC 7578, 4.7)")
}

// BaseName returns a name made of Filename that is safe for one file in a directory
// of its own: what stands behind the last slash or backslash, with "_" for
// characters that can't be printed or are special to a file system, without dots
// and spaces at its beginning (no hidden file, no "..") and at its end, not one of
// the names that Windows gives to devices, and of 255 bytes at the most. It is ""
// if nothing is left: then choose a name. Another upload may have the same name,
// and the ending says nothing about the content.
func (p FormPart) BaseName() string {
	name := p.Filename[strings.LastIndexAny(p.Filename, `/\`)+1:]
	name = strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) || strings.ContainsRune(`<>:"|?*`, c) {
			return '_'
		}
		return c
	}, strings.ToValidUTF8(name, "_"))
	name = shorten(strings.TrimLeft(name, ". "))
	if isDevice(name) {
		name = shorten("_" + name)
	}
	return name
}

// shorten cuts a name after 255 bytes, and takes dots and spaces off its end.
func shorten(name string) string {
	if len(name) > 255 {
		name = strings.ToValidUTF8(name[:255], "")
	}
	return strings.TrimRight(name, ". ")
}

// isDevice reports whether Windows takes name, with any ending, for a device.
func isDevice(name string) bool {
	stem, _, _ := strings.Cut(strings.ToLower(name), ".")
	switch stem = strings.TrimRight(stem, " "); stem {
	case "con", "prn", "aux", "nul", "conin$", "conout$", "clock$":
		return true
	}
	number, isPort := strings.CutPrefix(stem, "com")
	if !isPort {
		number, isPort = strings.CutPrefix(stem, "lpt")
	}
	// These digits are numbers of ports, too, when they stand above the line.
	return isPort && (len(number) == 1 && isDigit(number[0]) || number == "¹" || number == "²" || number == "³")
}
