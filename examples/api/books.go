package main

import (
	"errors"
	"strconv"
	"strings"
	"sync"

	"github.com/raxx-go/raxx/raxx"
)

// A book is what clients get.
type book struct {
	ID    int    `json:"id"`
	Title string `json:"title"`
	Pages int    `json:"pages"`
	By    string `json:"by"` // who has added it
}

// A draft is what clients send.
type draft struct {
	Title string `json:"title"`
	Pages int    `json:"pages"`
}

// Validate lists everything that is wrong, so that a form can show it all.
func (d draft) Validate() error {
	var faults raxx.Invalid
	if strings.TrimSpace(d.Title) == "" {
		faults = append(faults, raxx.FieldFault{Pointer: "#/title", Detail: "must not be empty"})
	}
	if d.Pages < 1 {
		faults = append(faults, raxx.FieldFault{Pointer: "#/pages", Detail: "must be at least 1"})
	}
	return faults.Err()
}

var (
	errNoBook   = errors.New("no such book")
	errNotYours = errors.New("a book of another user")
)

// A shelf keeps the books, in memory.
type shelf struct {
	mu    sync.Mutex
	last  int
	books map[int]book
}

func newShelf(books ...book) *shelf {
	s := &shelf{books: make(map[int]book)}
	for _, b := range books {
		s.books[b.ID], s.last = b, max(s.last, b.ID)
	}
	return s
}

// list answers with the books behind one, in order: GET /v1/books?after=7&limit=20.
func (s *shelf) list(req raxx.Request) (raxx.Response, error) {
	query, err := req.Values()
	if err != nil {
		return raxx.Response{}, err
	}
	after, err := raxx.ValueOr(query, "after", 0)
	if err != nil {
		return raxx.Response{}, err
	}
	limit, err := raxx.ValueOr(query, "limit", 20)
	if err != nil {
		return raxx.Response{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := []book{} // and not null, if there is none
	for id := max(after, 0); id < s.last && len(found) < min(limit, 100); id++ {
		if b, ok := s.books[id+1]; ok {
			found = append(found, b)
		}
	}
	return raxx.JSON(200, found), nil
}

func (s *shelf) show(req raxx.Request) (raxx.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.find(req)
	return raxx.JSON(200, b), err
}

func (s *shelf) create(req raxx.Request, d draft) (raxx.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	b := book{s.last, d.Title, d.Pages, who.Get(req).Name}
	s.books[b.ID] = b
	return raxx.JSON(201, b).With("location", "/v1/books/"+strconv.Itoa(b.ID)), nil
}

func (s *shelf) replace(req raxx.Request, d draft) (raxx.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.own(req)
	if err != nil {
		return raxx.Response{}, err
	}
	b.Title, b.Pages = d.Title, d.Pages
	s.books[b.ID] = b
	return raxx.JSON(200, b), nil
}

func (s *shelf) remove(req raxx.Request) (raxx.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.own(req)
	if err != nil {
		return raxx.Response{}, err
	}
	delete(s.books, b.ID)
	return raxx.NoContent(), nil
}

// find returns the book that the path names. The lock is held.
func (s *shelf) find(req raxx.Request) (book, error) {
	id, err := raxx.ParamAs[int](req, "id")
	if err != nil {
		return book{}, err
	}
	b, ok := s.books[id]
	if !ok {
		return book{}, errNoBook
	}
	return b, nil
}

// own is find for a book that the user has added. The lock is held.
func (s *shelf) own(req raxx.Request) (book, error) {
	b, err := s.find(req)
	if err == nil && b.By != who.Get(req).Name {
		err = errNotYours
	}
	return b, err
}
