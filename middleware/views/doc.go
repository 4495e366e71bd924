// Package views makes pages of templates: those of html/template, which knows
// where a value stands (in text, an attribute, a script, an address) and escapes
// it for that place. So it is safe, too, to hand values to scripts:
//
//	<script nonce="{{.Nonce}}">const user = {{.User}};</script>
//
// # Files
//
// A view is a file whose name ends in ".html", and is called by its path without
// that: "users/show". Two names are special:
//
//	layout.html               the layout of all views in this folder and below
//	admin/layout.html         another one for those in admin and below
//	partials/nav.html         a partial: {{template "nav" .}}
//	admin/partials/menu.html  a partial: {{template "admin/menu" .}}
//
// A view is put where its layout says {{template "content" .}}. What else differs
// from page to page is a block of the layout, which a view may define:
//
//	{{block "title" .}}My site{{end}}     in the layout
//	{{define "title"}}Users{{end}}        in a view
//
// A view that begins with "<!doctype" has no layout.
//
// A partial can be rendered by itself, under its path: "partials/rows". It has no
// layout. So a page that asks for a new version of one of its parts, as pages with
// htmx do, gets it from the partial that the whole page was made of:
//
//	if req.Header.Has("hx-request") {
//		return rows.Render(200, data).With("vary", "hx-request")
//	}
//	return page.Render(200, data).With("vary", "hx-request")
//
// # Arguments
//
// The arguments of a view are a struct of its own, which holds a [Page] for what
// the layout needs of the request:
//
//	type home struct {
//		views.Page
//		Name string
//	}
//
//	var homeView = views.Must(views.Of[home](all, "home"))
//
//	homeView.Render(200, home{views.PageOf(req), "Ada"})
//
// [Of] checks the view, its layout and its partials against the type: a field or a
// method that is not there is an error when the program starts, with file and line.
// (A method of a pointer is there only where html/template can take the address: in
// elements of slices, and in what a pointer leads to.) What can't be known then
// (the values of an interface, results of functions that are built into templates)
// is checked when the view is rendered.
//
// # Responses
//
// A page is rendered whole before anything is sent: [View.Render] returns a
// complete response, or, if the template fails, one of status 500 that holds
// nothing of the page. Its cause is an [*Error] that names file and line. With
// [Config.Reload] files are read anew for each page, and the response shows the
// error and its place in the file.
//
// A page takes as much memory as it has bytes. Long lists belong on several pages.
//
// # What it refuses to do
//
// No page is sent before it is whole, so none is streamed. Templates are not looked
// for on a disk: [Config.FS] is all there is. It escapes what is put into a page
// and believes no text of a user to be HTML.
package views
