package router

import "fmt"

// A ConflictError says that two routes can't stand side by side: they match the
// same requests, or have the same name.
type ConflictError struct {
	First, Second Entry  // in the order in which they were given
	Name          string // the name that both have; "" if they match the same requests
}

// Error names both routes and where they were made.
func (e *ConflictError) Error() string {
	if e.Name != "" {
		return fmt.Sprintf("router: two routes are called %q: %s and %s", e.Name, e.First, e.Second)
	}
	return fmt.Sprintf("router: two routes match the same requests: %s and %s", e.First, e.Second)
}

// conflicts returns all conflicts among endpoints.
func conflicts(endpoints []*endpoint) (errs []error) {
	type claim struct{ method, shape string }
	claimed := map[claim]*endpoint{}
	for _, e := range endpoints {
		c := claim{e.entry.Method, e.patterns[0].shape()}
		if first := claimed[c]; first != nil {
			errs = append(errs, &ConflictError{First: first.entry, Second: e.entry})
			continue
		}
		claimed[c] = e
	}
	return errs
}

// nameConflicts returns all pairs of routes that have the same name.
func nameConflicts(rows []row) (errs []error) {
	called := map[string]Entry{}
	for _, row := range rows {
		e := row.entry
		if e.Name == "" {
			continue
		}
		if first, taken := called[e.Name]; taken {
			errs = append(errs, &ConflictError{First: first, Second: e, Name: e.Name})
			continue
		}
		called[e.Name] = e
	}
	return errs
}
