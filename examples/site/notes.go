package main

import (
	"strings"
	"unicode/utf8"

	"github.com/raxx-go/raxx/raxx"
)

func (s *site) home(req raxx.Request) raxx.Response { return s.showHome(req, 200, draft{}) }

func (s *site) showHome(req raxx.Request, status int, d draft) raxx.Response {
	return s.pages.home.Render(status, homePage{frameOf(req), s.book.all(), d})
}

func (s *site) note(req raxx.Request) raxx.Response {
	id, err := raxx.ParamAs[int](req, "id")
	n, ok := s.book.find(id)
	if err != nil || !ok {
		return raxx.Problem(404, "There is no such note.")
	}
	return s.pages.note.Render(200, notePage{frameOf(req), n})
}

// addNote answers with a redirect, so that a page that is loaded again does not send
// the form again, or with the form and what is wrong with it.
func (s *site) addNote(req raxx.Request) raxx.Response {
	form, err := raxx.ReadForm(req, 0)
	if err != nil {
		return raxx.Problem(400, "The form can't be read.").WithCause(err)
	}
	d := checkDraft(form.Get("text"))
	if d.Error != "" {
		return s.showHome(req, 422, d)
	}
	s.book.add(session.Get(req).Name, d.Text)
	return back("/", "success", "Your note has been added.")
}

const longestNote = 280

func checkDraft(text string) draft {
	text = strings.TrimSpace(strings.ToValidUTF8(text, "\uFFFD"))
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return draft{text, "Write something first."}
	case n > longestNote:
		return draft{text, "A note has at most 280 characters."}
	}
	return draft{Text: text}
}

func (s *site) deleteNote(req raxx.Request) raxx.Response {
	id, err := raxx.ParamAs[int](req, "id")
	if err != nil || !s.book.remove(id, session.Get(req).Name) {
		return raxx.Problem(403, "You can delete your own notes only.")
	}
	return back("/", "info", "Your note has been deleted.")
}
