package raxxtest

import "fmt"

// A RuleError says which rule of package raxx a reply breaks, so that no server
// would send it as it is.
type RuleError struct {
	// Rule is what is wrong, in words.
	Rule string
	// Err is what led to it; nil if there is nothing else to say.
	Err error
}

// Error returns the rule, and the error that led to it.
func (e *RuleError) Error() string {
	if e.Err != nil {
		return "raxxtest: " + e.Rule + ": " + e.Err.Error()
	}
	return "raxxtest: " + e.Rule
}

// Unwrap returns the error that led to it.
func (e *RuleError) Unwrap() error { return e.Err }

func broken(format string, args ...any) error {
	return &RuleError{Rule: fmt.Sprintf(format, args...)}
}
