package static

import (
	"path"
	"strings"
)

// typeOf returns the content-type of a file by its extension. Its content is
// not looked at, and the system is not asked, which may say anything: a file is
// the same everywhere. What is not known is bytes.
func (c *Config) typeOf(name string) string {
	ext := strings.ToLower(path.Ext(name))
	if t, ok := c.Types[ext]; ok {
		return t
	}
	if t, ok := types(ext); ok {
		return t
	}
	return "application/octet-stream"
}

// types returns the media type of an extension, of those that are on web sites.
func types(ext string) (string, bool) {
	switch ext {
	// Text.
	case ".html", ".htm":
		return "text/html; charset=utf-8", true
	case ".css":
		return "text/css; charset=utf-8", true
	case ".js", ".mjs", ".cjs": // RFC 9239
		return "text/javascript; charset=utf-8", true
	case ".txt", ".log":
		return "text/plain; charset=utf-8", true
	case ".csv":
		return "text/csv; charset=utf-8", true
	case ".md":
		return "text/markdown; charset=utf-8", true
	case ".vtt":
		return "text/vtt; charset=utf-8", true
	case ".ics":
		return "text/calendar; charset=utf-8", true
	case ".vcf":
		return "text/vcard; charset=utf-8", true
	case ".xml", ".xsl":
		return "application/xml", true
	case ".xhtml":
		return "application/xhtml+xml", true
	case ".atom":
		return "application/atom+xml", true
	case ".rss":
		return "application/rss+xml", true
	case ".json", ".map":
		return "application/json", true
	case ".jsonld":
		return "application/ld+json", true
	case ".geojson":
		return "application/geo+json", true
	case ".webmanifest":
		return "application/manifest+json", true
	case ".yaml", ".yml":
		return "application/yaml", true
	}
	return binaryTypes(ext)
}

// binaryTypes returns the media types of what is not text.
func binaryTypes(ext string) (string, bool) {
	switch ext {
	// Pictures.
	case ".svg":
		return "image/svg+xml", true
	case ".png", ".apng", ".gif", ".webp", ".avif", ".bmp", ".jxl":
		return "image/" + ext[1:], true
	case ".jpg", ".jpeg":
		return "image/jpeg", true
	case ".ico":
		return "image/x-icon", true
	case ".tif", ".tiff":
		return "image/tiff", true
	// Sound and film.
	case ".mp4", ".m4v":
		return "video/mp4", true
	case ".webm":
		return "video/webm", true
	case ".ogv":
		return "video/ogg", true
	case ".mov":
		return "video/quicktime", true
	case ".mp3":
		return "audio/mpeg", true
	case ".m4a":
		return "audio/mp4", true
	case ".ogg", ".oga", ".opus":
		return "audio/ogg", true
	case ".wav":
		return "audio/wav", true
	case ".flac":
		return "audio/flac", true
	case ".m3u8":
		return "application/vnd.apple.mpegurl", true
	// Fonts.
	case ".woff", ".woff2", ".ttf", ".otf":
		return "font/" + ext[1:], true
	// Programs and archives.
	case ".wasm":
		return "application/wasm", true
	case ".pdf":
		return "application/pdf", true
	case ".zip":
		return "application/zip", true
	case ".gz":
		return "application/gzip", true
	case ".zst":
		return "application/zstd", true
	}
	return "", false
}
