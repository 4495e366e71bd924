package raxx

import (
	"encoding/json"
	"slices"
	"strings"
)

// duplicateName returns the first name that comes a second time in its object,
// and its offset; or -1. The text must be valid JSON, of which only names stand
// before a colon.
func duplicateName(text string) (name string, offset int) {
	c := nameChecker{make([]string, 0, 8), make([]openNames, 0, 4)}
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			c.enter()
		case '}', ']':
			c.leave()
		case '"':
			end := stringEnd(text, i)
			if strings.HasPrefix(strings.TrimLeft(text[end:], jsonSpace), ":") {
				if name = unquoteName(text[i:end]); c.add(name) {
					return name, i
				}
			}
			i = end - 1
		}
	}
	return "", -1
}

// A nameChecker knows the names in the objects that are open. Most objects have
// few: those are compared one by one, which costs no memory but one list for
// all of them. An object of many has a set, so that the time does not grow with
// the square of their number.
type nameChecker struct {
	names []string // of the objects that are open, the outermost first
	open  []openNames
}

// An openNames is an object, or an array, which has no names.
type openNames struct {
	first int             // its names are names[first:]
	many  map[string]bool // them again, if they are more than fewNames
}

const fewNames = 16

func (c *nameChecker) enter() {
	c.open = append(c.open, openNames{first: len(c.names)})
}

func (c *nameChecker) leave() {
	last := len(c.open) - 1
	c.names, c.open = c.names[:c.open[last].first], c.open[:last]
}

// add takes note of a name in the innermost object, and reports whether it was
// there before.
func (c *nameChecker) add(name string) (twice bool) {
	o := &c.open[len(c.open)-1]
	mine := c.names[o.first:]
	if o.many == nil && len(mine) == fewNames {
		o.many = make(map[string]bool, 2*fewNames)
		for _, n := range mine {
			o.many[n] = true
		}
	}
	if o.many == nil {
		twice = slices.Contains(mine, name)
	} else {
		twice = o.many[name]
		o.many[name] = true
	}
	c.names = append(c.names, name)
	return twice
}

// stringEnd returns the offset behind the string that begins at i.
func stringEnd(text string, i int) int {
	for i++; text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return i + 1
}

func unquoteName(quoted string) string {
	if strings.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	var name string
	_ = json.Unmarshal([]byte(quoted), &name) // it has been read before
	return name
}
