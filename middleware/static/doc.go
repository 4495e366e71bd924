// Package static serves files: the assets of a site, a folder of documents, a
// single-page application.
//
//	//go:embed public
//	var public embed.FS
//
//	sub, _ := fs.Sub(public, "public")
//	files := static.Config{Prefix: "/assets"}.MustNew(sub)
//
//	router.Mount("/assets", files.Handle)
//
// or, around a router, for files at the root of the site (favicon.ico, robots.txt):
//
//	raxx.Stack(…, files.Middleware)(router.Handle)
//
// A folder on a disk is opened as an [os.Root], which no name and no symbolic
// link leads out of:
//
//	root, err := os.OpenRoot("public")
//	files, err := static.Config{}.New(root.FS())
//
// On a Linux of 32 bits Go 1.26 opens no file of 2 GiB or more that way: such a
// file is a 500 there.
//
// # What it does
//
// A reply is a [raxx.File], which a server sends without reading it. It has
//
//   - a content-type by the extension, and nosniff, so that no browser guesses,
//   - a strong etag, which is a hash of the content, computed once a version,
//     and last-modified, if the file system knows it: 304 and 412 follow,
//   - cache-control: no-cache (ask each time), unless the name says which version
//     it is: [Files.Asset], [Config.Immutable],
//   - a part of the file, or several, if the client asks for them,
//   - the sibling app.css.br, app.css.zst or app.css.gz in place of app.css, if
//     there is one and the client likes it. Each has a tag of its own. They are
//     looked for where the type is one that gains by a coding, as text does.
//
// A folder is its index.html, at the path with a slash at the end. From the path
// without the slash the client is redirected there, except at the mount itself,
// which sees "/" for both of its paths. There are no listings. A
// [middleware.TrailingSlash] takes such a slash away: if there is one in the stack,
// put [Files.Middleware] with [Config.Prefix] in front of it, and no mount behind
// it.
//
// Compression ([compress]) around it compresses files without a sibling. As a
// middleware it does nothing to the replies of others, of whatever kind, with one
// exception: with [Config.App], a 404 to a browser becomes that page, and a 404 to
// other clients gets a vary field, so that caches keep the two apart.
//
// # What it refuses
//
// A path is split at its slashes, each segment is decoded once and then checked,
// and the name is made of what passed. So no name gets to the file system that is
// hidden (begins with a dot), leads up, has other separators (backslashes, escaped
// slashes, colons) or control characters such as NUL, or that Windows would take
// for another name or a device; on every system alike. What is not a regular file
// is not found. It fails closed: any doubt is a 404.
//
// The router sees the same segments as this package, so a guard on the route of a
// folder can't be got around by another spelling. A file has further names, though:
// that of its folder, that of an asset with any hash. So guard the files
// themselves, by a [Files] of their own behind the guard, and not a part of one.
//
// Files that users have uploaded can hold scripts: serve them from another site,
// or with [Config.Header] "content-security-policy: sandbox".
//
// # Memory
//
// For each file a hash is kept, for at most [Config.Remembered] of them. Larger
// files than [Config.HashLimit] are not hashed.
//
// [compress]: https://pkg.go.dev/github.com/raxx-go/raxx/middleware/compress
// [middleware.TrailingSlash]: https://pkg.go.dev/github.com/raxx-go/raxx/middleware#TrailingSlash
package static
