package raxx

// The methods of RFC 9110 (Section 9.3), PATCH (RFC 5789) and QUERY (RFC
// 10008). Methods are case-sensitive.
const (
	MethodGet     = "GET"
	MethodHead    = "HEAD"
	MethodPost    = "POST"
	MethodPut     = "PUT"
	MethodPatch   = "PATCH"
	MethodDelete  = "DELETE"
	MethodConnect = "CONNECT"
	MethodOptions = "OPTIONS"
	MethodTrace   = "TRACE"
	MethodQuery   = "QUERY"
)

// IsSafe reports whether the method only reads (RFC 9110, Section 9.2.1). A
// method that is not among the constants counts as one that may change
// something: a guard that asks IsSafe fails closed.
func IsSafe(method string) bool {
	switch method {
	case MethodGet, MethodHead, MethodOptions, MethodTrace, MethodQuery:
		return true
	}
	return false
}

// IsIdempotent reports whether a request with this method may be sent again
// when its reply was lost (RFC 9110, Section 9.2.2). A method that is not among
// the constants counts as one that may not.
func IsIdempotent(method string) bool {
	return IsSafe(method) || method == MethodPut || method == MethodDelete
}
