package static

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/raxx-go/raxx/raxx"
)

// fileName returns the name of the file that a path asks for, as in
// [fs.ValidPath], and reports whether the path ends with a slash, as that of a
// folder does. It is not ok if there can be no such file: see checkSegment.
//
// Every segment is decoded once, and then it is checked; nothing that has been
// checked is decoded again. dotted are the names that may begin with a dot.
func fileName(path string, dotted []string) (name string, folder, ok bool) {
	rest, ok := strings.CutPrefix(path, "/")
	if !ok {
		return "", false, false
	}
	rest, folder = strings.CutSuffix(rest, "/")
	if rest == "" {
		// Of "//" nothing may be cut off twice.
		return ".", true, !folder
	}
	escaped := strings.IndexByte(rest, '%') >= 0
	var segments []string
	for segment := range strings.SplitSeq(rest, "/") {
		if escaped {
			var err error
			if segment, err = raxx.UnescapeSegment(segment); err != nil {
				return "", false, false
			}
			segments = append(segments, segment)
		}
		if !checkSegment(segment, dotted) {
			return "", false, false
		}
	}
	if escaped {
		rest = strings.Join(segments, "/")
	}
	return rest, folder, true
}

// checkSegment reports whether a part of a path may be a part of a file's name.
// The rules are the same on every system, so that a site that was tested on one
// has no hole on another. It refuses
//
//   - nothing, ".", ".." and whatever else begins with a dot: hidden files,
//   - slashes, which were escaped, and backslashes, which separate on Windows,
//   - ":", behind which Windows takes a drive or a stream,
//   - a dot or a space at the end, which Windows does not see,
//   - the names of devices and short names of Windows,
//   - what is not UTF-8, and what can't be seen: control characters, NUL, and
//     characters that some file systems leave out.
func checkSegment(s string, dotted []string) bool {
	switch {
	case s == "":
		return false
	case s[0] == '.':
		return slices.Contains(dotted, s)
	case s[len(s)-1] == '.' || s[len(s)-1] == ' ':
		return false
	}
	ascii := true
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' || c == 0x7f || c == '/' || c == '\\' || c == ':':
			return false
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	if !ascii && !isVisible(s) {
		return false
	}
	return !isDevice(s) && !isShortName(s)
}

// isVisible reports whether s is text of characters that can be seen.
func isVisible(s string) bool {
	for _, r := range s {
		if r == utf8.RuneError || !unicode.IsGraphic(r) {
			return false
		}
	}
	return true
}

// isDevice reports whether Windows takes s for a device, whatever extension it
// has and spaces before that.
func isDevice(s string) bool {
	stem, _, _ := strings.Cut(s, ".")
	stem = strings.TrimRight(stem, " ")
	if len(stem) < 3 || len(stem) > len("CONOUT$") {
		return false
	}
	if name := stem[:3]; strings.EqualFold(name, "COM") || strings.EqualFold(name, "LPT") {
		switch stem[3:] {
		case "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³":
			return true
		}
		return false
	}
	for _, device := range [...]string{"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"} {
		if strings.EqualFold(stem, device) {
			return true
		}
	}
	return false
}

// isShortName reports whether s looks like the other name that Windows gives to
// a long one, such as "GIT~1" to ".git" and "ENV~~1" to ".env~".
func isShortName(s string) bool {
	stem, _, _ := strings.Cut(s, ".")
	number := stem[strings.LastIndexByte(stem, '~')+1:]
	return number != stem && len(stem) <= 8 && number != "" && strings.Trim(number, "0123456789") == ""
}
