package router

// An outline says what stands behind each prefix of the shapes in a tree. From
// it can be told whether httprouter takes another shape there, which panics if
// it does not, and leaves its tree half changed.
type outline map[string]follow

// A follow is a set of what may stand behind a prefix.
type follow uint8

const (
	nothing    follow = 1 << iota // a shape ends here
	aLiteral                      // the next byte of a literal, or a slash
	aParameter                    // ":p"
	aCatchAll                     // "*p"
)

// followOf returns what stands behind shape[:i].
func followOf(shape string, i int) follow {
	switch {
	case i == len(shape):
		return nothing
	case shape[i] == ':':
		return aParameter
	case shape[i] == '*':
		return aCatchAll
	}
	return aLiteral
}

// excludes returns what can't stand behind a prefix if f does.
func (f follow) excludes() follow {
	switch f {
	case nothing:
		return nothing | aCatchAll
	case aLiteral:
		return aParameter | aCatchAll
	case aParameter:
		return aLiteral | aCatchAll
	}
	return nothing | aLiteral | aParameter | aCatchAll
}

// takes reports whether the shape can stand in the tree.
func (o outline) takes(shape string) bool {
	for i := range len(shape) + 1 {
		if o[shape[:i]]&followOf(shape, i).excludes() != 0 {
			return false
		}
	}
	return true
}

// add puts the shape in.
func (o outline) add(shape string) {
	for i := range len(shape) + 1 {
		o[shape[:i]] |= followOf(shape, i)
	}
}
