package middleware

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// SessionMemory is a [SessionStore] in the memory of the process, and ends with
// it. It is safe for use by many goroutines at once. The zero SessionMemory is
// ready to use; don't copy it.
//
// When it is full, it forgets the session that was not used for the longest time.
// So an attacker who makes very many sessions drives out those of users who have
// been away, but not of those who are there: limit the rate at which sessions
// begin.
type SessionMemory struct {
	// Bytes is how much memory it takes at the most, roughly. If zero, 64 MiB. If
	// negative, [Session.Middleware] panics.
	Bytes int

	mu      sync.Mutex
	entries map[string]*list.Element // of recent
	recent  list.List                // of *sessionEntry, the most recent first
	used    int
}

var _ SessionStore = (*SessionMemory)(nil)

type sessionEntry struct {
	id, data string
	until    time.Time
}

// size is what the entry takes, with its places in the list and the map.
func (e *sessionEntry) size() int { return len(e.id) + len(e.data) + 256 }

// Load returns what is kept under the id.
func (m *SessionMemory) Load(_ context.Context, id string) (string, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	entry := m.find(id)
	if entry == nil {
		return "", false, nil
	}
	return entry.data, true, nil
}

// Create keeps data under a new id.
func (m *SessionMemory) Create(_ context.Context, id, data string, ttl time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.remove(id)
	m.add(&sessionEntry{id, data, time.Now().Add(ttl)})
	return nil
}

// Update keeps data in place of what is under the id.
func (m *SessionMemory) Update(_ context.Context, id, data string, ttl time.Duration) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.find(id) == nil {
		return false, nil
	}
	m.remove(id)
	m.add(&sessionEntry{id, data, time.Now().Add(ttl)})
	return true, nil
}

// Delete forgets what is under the id.
func (m *SessionMemory) Delete(_ context.Context, id string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	there := m.find(id) != nil
	m.remove(id)
	return there, nil
}

// find returns the entry, which is then the most recent one; nil if there is none
// or it is too old.
func (m *SessionMemory) find(id string) *sessionEntry {
	element := m.entries[id]
	if element == nil {
		return nil
	}
	entry := element.Value.(*sessionEntry)
	if !time.Now().Before(entry.until) {
		m.remove(id)
		return nil
	}
	m.recent.MoveToFront(element)
	return entry
}

func (m *SessionMemory) add(entry *sessionEntry) {
	if m.entries == nil {
		m.entries = make(map[string]*list.Element)
	}
	m.entries[entry.id] = m.recent.PushFront(entry)
	m.used += entry.size()
	for limit := sessionOr(m.Bytes, 64<<20); m.used > limit && m.recent.Len() > 1; {
		m.remove(m.recent.Back().Value.(*sessionEntry).id)
	}
}

func (m *SessionMemory) remove(id string) {
	element := m.entries[id]
	if element == nil {
		return
	}
	m.used -= element.Value.(*sessionEntry).size()
	m.recent.Remove(element)
	delete(m.entries, id)
}
