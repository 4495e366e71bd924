package compressible

import "testing"

func TestType(t *testing.T) {
	tests := map[string]bool{
		"text/html":                     true,
		"text/html; charset=utf-8":      true,
		"Text/HTML ;charset=utf-8":      true,
		"text/event-stream":             true,
		"application/json":              true,
		"application/problem+json":      true,
		"image/svg+xml":                 true,
		"application/wasm":              true,
		"font/ttf":                      true,
		"font/woff2":                    false,
		"image/png":                     false,
		"image/webp":                    false,
		"video/mp4":                     false,
		"application/zip":               false,
		"application/pdf":               false,
		"application/octet-stream":      false,
		"application/vnd.example+zip":   false,
		"multipart/byteranges; a=b":     false,
		"application/x-something-else":  false,
		"":                              false,
		"textual/html":                  false,
		"image/png; note=application+x": false,
	}
	for contentType, want := range tests {
		if got := Type(contentType); got != want {
			t.Errorf("Type(%q) = %v, want %v", contentType, got, want)
		}
	}
}
