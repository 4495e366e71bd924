package h2

import "testing"

// RFC 9113, Section 3: Starting HTTP/2.
func TestPreface(t *testing.T) {
	t.Run("3.4 the server begins with SETTINGS before the client has said anything", func(t *testing.T) {
		p := rawPeer(t, nil)
		p.want("SETTINGS 3=250 6=32768 8=1 9=1", "WINDOW_UPDATE 0 196609")
	})
	t.Run("3.4 the client's SETTINGS are acknowledged", func(t *testing.T) {
		p := rawPeer(t, &Limits{Streams: 7, HeaderBytes: 5000, ConnWindow: 1})
		p.write([]byte(Preface))
		p.settings()
		p.want("SETTINGS 3=7 6=5000 8=1 9=1", "SETTINGS ACK")
	})
	t.Run("3.4 a preface that differs ends the connection at its first octet", func(t *testing.T) {
		p := rawPeer(t, nil)
		p.write([]byte("PRI * HTTP/2.1"))
		p.wantConnError(ProtocolError, "3.4")
	})
	t.Run("3.4 a request of HTTP/1.1", func(t *testing.T) {
		p := rawPeer(t, nil)
		p.write([]byte("G"))
		p.wantConnError(ProtocolError, "3.4")
	})
	t.Run("3.4 another frame than SETTINGS behind the preface", func(t *testing.T) {
		p := rawPeer(t, nil)
		p.write([]byte(Preface))
		p.frames.WritePing(false, [8]byte{})
		p.wantConnError(ProtocolError, "3.4")
	})
	t.Run("3.4 an acknowledgement is no SETTINGS frame to begin with", func(t *testing.T) {
		p := rawPeer(t, nil)
		p.write([]byte(Preface))
		p.frames.WriteSettingsAck()
		p.wantConnError(ProtocolError, "3.4")
	})
	t.Run("3.4 frames may follow before the server's SETTINGS have come", func(t *testing.T) {
		p := rawPeer(t, nil)
		p.write([]byte(Preface))
		p.settings()
		p.get(1)
		p.wantEvents("request 1 GET / end")
	})
}
