package main

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// A note is what somebody wrote.
type note struct {
	ID     int
	Author string
	Text   string
	At     time.Time
}

// A book holds notes in memory: the newest hundred.
type book struct {
	mu    sync.Mutex
	last  int
	notes []note // the newest first
}

const bookSize = 100

func newBook() *book {
	b := &book{}
	b.add("Ada", "The Analytical Engine weaves algebraical patterns just as the Jacquard loom weaves flowers and leaves.")
	b.add("Grace", "The most dangerous phrase in the language is: we have always done it this way.")
	return b
}

func (b *book) add(author, text string) note {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last++
	// The text is a piece of the form, which may have had megabytes beside it.
	n := note{b.last, author, strings.Clone(text), time.Now()}
	b.notes = slices.Insert(b.notes, 0, n)
	b.notes = b.notes[:min(len(b.notes), bookSize)]
	return n
}

func (b *book) all() []note {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.notes)
}

func (b *book) find(id int) (note, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := b.index(id); i >= 0 {
		return b.notes[i], true
	}
	return note{}, false
}

// remove takes out a note that the author wrote.
func (b *book) remove(id int, author string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := b.index(id)
	if i < 0 || b.notes[i].Author != author {
		return false
	}
	b.notes = slices.Delete(b.notes, i, i+1)
	return true
}

func (b *book) index(id int) int {
	return slices.IndexFunc(b.notes, func(n note) bool { return n.ID == id })
}
