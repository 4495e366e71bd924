package h2

import (
	"testing"

	"golang.org/x/net/http2"
)

// RFC 9113, Section 7: codes have the names that the RFC gives to them.
func TestCodes(t *testing.T) {
	for code := NoError; code <= HTTP11Required; code++ {
		if got, want := code.String(), http2.ErrCode(code).String(); got != want {
			t.Errorf("code %d is called %s, want %s", code, got, want)
		}
	}
	if got := (HTTP11Required + 1).String(); got != "code 0xe" {
		t.Errorf("one that is unknown is called %s", got)
	}
}
