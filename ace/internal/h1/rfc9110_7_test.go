package h1

import (
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// RFC 9110, Section 7.8: a client may ask for another protocol.

func TestUpgrade(t *testing.T) {
	const up, named = "Upgrade: x/1, y\r\n", "Connection: upgrade\r\n"
	for _, tt := range []struct {
		name, version, fields string
		may                   bool
	}{
		{"7.8 a field that Connection names", "1.1", up + named, true},
		{"7.8 a field that Connection has named before", "1.1", named + up, true},
		{"7.8 named without regard to case", "1.1", "UPGRADE: x/1, y\r\nconnection: UpGrade\r\n", true},
		{"7.8 named among other options", "1.1", up + "Connection: keep-alive ,\tUpgrade, x-a\r\n", true},
		{"7.8 named in the second of two fields", "1.1", up + "Connection: x-a\r\n" + named, true},
		{"7.8 two fields", "1.1", "Upgrade: x/1\r\nUpgrade: y\r\n" + named, true},
		{"7.8 in a later version", "1.2", up + named, true},
		{"7.8 a connection that ends afterwards", "1.1", up + "Connection: close, upgrade\r\n", true},
		{"7.8 a field that Connection does not name is dropped", "1.1", up, false},
		{"7.8 a field beside other options is dropped", "1.1", up + "Connection: upgrades, x-upgrade\r\n", false},
		{"7.8 a name in another field names nothing", "1.1", up + "Proxy-Connection: upgrade\r\n", false},
		{"7.8 two fields that are not named are dropped", "1.1", "Upgrade: x/1\r\nUpgrade: y\r\n", false},
		{"7.8 a name without a field", "1.1", named, false},
		{"7.8 in HTTP 1.0 the field is dropped", "1.0", up + named, false},
		{"7.8 in HTTP 1.0 that persists, too", "1.0", up + "Connection: keep-alive, upgrade\r\n", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := "GET / HTTP/" + tt.version + crlf + host + "A: b\r\n" + tt.fields + "C: d\r\n" + crlf
			h := accept(t, in)
			c := New(testLimits)
			feedHeadTo(t, &c, in)
			diff(t, tt.may, c.MayUpgrade())
			diff(t, tt.may, h.Request.Header.Has("upgrade"))
			diff(t, "b", h.Request.Header.Get("a"))
			diff(t, "d", h.Request.Header.Get("c"))
		})
	}
	t.Run("7.8 the handler sees what may be chosen from", func(t *testing.T) {
		h := accept(t, get+"Upgrade: x/1, y\r\nConnection: upgrade\r\n\r\n")
		diff(t, raxx.Header{{Name: "upgrade", Value: "x/1, y"}}, h.Request.Header)
	})
	t.Run("7.8 a request does not ask for those behind it", func(t *testing.T) {
		c := New(testLimits)
		feedHeadTo(t, &c, get+up+named+crlf)
		c.Next()
		if h := feedHeadTo(t, &c, get+named+crlf); c.MayUpgrade() || h.Request.Header.Has("upgrade") {
			t.Error("the second request asks for what the first did")
		}
	})
}

func TestSwitchingProtocols(t *testing.T) {
	const ask = get + "Upgrade: x\r\nConnection: keep-alive, upgrade\r\n\r\n"
	fields := raxx.Header{{Name: "upgrade", Value: "x"}, {Name: "x-a", Value: "b"}}
	t.Run("7.8 the head names the protocol, and what follows is not framed", func(t *testing.T) {
		want := "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nx-a: b\r\ndate: today\r\nconnection: upgrade\r\n\r\nhello"
		for _, length := range []int64{-1, 5} {
			h := Head{Status: 101, Header: fields, Length: length, Trailer: true, Date: "today"}
			diff(t, want, reply(t, ask, h, []string{"he", "llo"}, raxx.Field{Name: "x-sum", Value: "9"}))
		}
	})
	t.Run("7.8 no request follows", func(t *testing.T) {
		c := New(testLimits)
		feedHeadTo(t, &c, ask)
		c.AppendHead(nil, &Head{Status: 101, Header: fields, Length: -1})
		if c.KeepAlive() || !c.EndsWithConnection() {
			t.Errorf("KeepAlive is %t, EndsWithConnection %t", c.KeepAlive(), c.EndsWithConnection())
		}
	})
	t.Run("7.8 other replies name no protocol", func(t *testing.T) {
		diff(t, "HTTP/1.1 200 OK\r\nx-a: b\r\ncontent-length: 0\r\n\r\n", reply(t, ask, Head{Status: 200, Header: fields}, nil))
	})
	t.Run("7.8 an interim reply may come before", func(t *testing.T) {
		c := New(testLimits)
		feedHeadTo(t, &c, ask)
		out := c.AppendInform(nil, 103, raxx.Header{{Name: "link", Value: "</a>"}})
		out = c.AppendHead(out, &Head{Status: 101, Header: fields[:1], Length: -1})
		diff(t, "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", string(out))
	})
}
