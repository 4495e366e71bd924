package ace

import (
	"errors"
	"net"
	"slices"
)

// acceptVerdict is what a governor does about an error of accept.
type acceptVerdict uint8

const (
	acceptRetry acceptVerdict = iota // at once: only that connection was lost
	acceptPause                      // after a while: the same would come at once
	acceptStop                       // the endpoint was closed on purpose
	acceptFail                       // the endpoint is broken
)

// judgeAccept sorts the errors of accept.
func judgeAccept(err error) acceptVerdict {
	if errors.Is(err, net.ErrClosed) {
		return acceptStop
	}
	for _, e := range lostConnections {
		if errors.Is(err, e) {
			return acceptRetry
		}
	}
	for _, e := range slices.Concat(shortages, forbidden) {
		if errors.Is(err, e) {
			return acceptPause
		}
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		// A deadline that has passed fails every accept until it is moved.
		return acceptPause
	}
	return acceptFail
}
