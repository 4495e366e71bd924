// Package compressible knows which media types gain from a content coding.
package compressible

import "strings"

// Type reports whether content of a media type, as it stands in a content-type
// field, is worth compressing: text in any form, and binary formats that are
// not compressed in themselves. Of a type that it does not know it says no.
func Type(contentType string) bool {
	essence, _, _ := strings.Cut(contentType, ";")
	essence = strings.ToLower(strings.Trim(essence, " \t"))
	if strings.HasPrefix(essence, "text/") {
		return true
	}
	// RFC 6839: a suffix says in which format a type is written.
	if plus := strings.LastIndexByte(essence, '+'); plus >= 0 {
		switch essence[plus+1:] {
		case "json", "xml", "json-seq", "yaml", "cbor":
			return true
		}
	}
	return listed(essence)
}

// listed reports whether a type is one of those that have to be known by name.
func listed(essence string) bool {
	switch essence {
	case "application/json", "application/json-seq", "application/x-ndjson", "application/jsonl",
		"application/javascript", "application/x-javascript", "application/ecmascript",
		"application/xml", "application/xml-dtd", "application/yaml", "application/toml",
		"application/graphql", "application/sql", "application/rtf", "application/x-sh", "application/x-tex",
		"application/cbor", "application/wasm", "application/x-protobuf", "application/protobuf",
		"application/vnd.ms-fontobject", "application/x-www-form-urlencoded",
		"font/ttf", "font/otf", "font/collection", "font/sfnt",
		"image/bmp", "image/x-icon", "image/vnd.microsoft.icon",
		"model/obj", "model/stl":
		return true
	}
	return false
}
