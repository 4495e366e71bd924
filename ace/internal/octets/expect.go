package octets

import "strings"

// ExpectsContinue reports whether the value of an Expect field says that the client
// waits for 100 before it sends the body (RFC 9110, Section 10.1.1). Any other
// expectation may be ignored.
func ExpectsContinue(expect string) bool {
	for expectation := range strings.SplitSeq(expect, ",") {
		if strings.EqualFold(strings.Trim(expectation, " \t"), "100-continue") {
			return true
		}
	}
	return false
}
