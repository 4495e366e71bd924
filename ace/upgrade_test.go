package ace_test

import (
	"strings"
	"testing"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// A machine may find out first whether it switches to another protocol.
func TestUpgradeByADeferredHead(t *testing.T) {
	var seen record
	h := deferred(&seen, func(event raxx.Event) []raxx.Part {
		switch event := event.(type) {
		case raxx.Open:
			return parts(raxx.After{Delay: time.Second})
		case raxx.Timer:
			return parts(raxx.Response{Status: 101, Header: raxx.Header{{Name: "upgrade", Value: "shout"}}}, raxx.Data("welcome "))
		case raxx.Data:
			return parts(raxx.Data(strings.ToUpper(string(event))))
		case raxx.Tail:
			return parts(raxx.Tail{})
		}
		return nil
	})
	serve(t, h, func(tc *testConn) {
		tc.send(get, "Upgrade: shout\r\nConnection: upgrade\r\n\r\nat once ")
		tc.wantNothing()
		tc.advance(time.Second)
		tc.wantUndated("HTTP/1.1 101 Switching Protocols\r\nupgrade: shout\r\nconnection: upgrade\r\n\r\nwelcome AT ONCE ")
		tc.send("and later")
		tc.wantUndated("AND LATER")
		tc.halfClose()
		tc.wantClosed()
		wantSeen(t, &seen, "Open", "Timer ", "Data at once ", "Data and later", "Tail")
	})
}
