package main

import (
	"path"
	"slices"
	"strings"
	"unicode"
)

// longest is how long a name may be, in bytes. Few file systems take more than
// 255, and the name of the temporary file is not longer.
const longest = 200

// safeName makes a name for a file of what a client calls it: something that can
// be seen, that leads nowhere, and that no system takes for anything else. It
// reports false if nothing is left.
func safeName(sent string) (string, bool) {
	name := sent[strings.LastIndexAny(sent, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		switch {
		case r == unicode.ReplacementChar:
			return '_'
		case unicode.IsLetter(r), unicode.IsMark(r), unicode.IsDigit(r), strings.ContainsRune(" -_.,()+@=~", r):
			return r
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsGraphic(r):
			return '_'
		}
		return -1
	}, name)
	name = strings.Trim(shorten(strings.Trim(name, " .")), " .")
	stem, _, _ := strings.Cut(name, ".")
	if slices.Contains(devices, strings.ToUpper(strings.TrimSpace(stem))) {
		name = strings.Trim(shorten("_"+name), " .")
	}
	return name, name != ""
}

// devices are names that Windows takes for devices, whatever stands behind a dot.
var devices = []string{
	"CON", "PRN", "AUX", "NUL",
	"COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9",
	"LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
}

// shorten takes as much as it has to out of a name, in front of its extension.
func shorten(name string) string {
	if len(name) <= longest {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > 20 {
		ext = ""
	}
	return strings.ToValidUTF8(name[:longest-len(ext)], "") + ext
}
