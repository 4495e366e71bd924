package raxx

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPeerCertificate(t *testing.T) {
	ada := Certificate{Subject: "CN=Ada", Serial: "1f"}
	chain := []Certificate{ada, {Subject: "CN=Authority"}}
	for _, tt := range []struct {
		name string
		tls  *TLS
		want bool
	}{
		{"no TLS", nil, false},
		{"no certificate", &TLS{Version: "TLS 1.3"}, false},
		{"a certificate that nobody has checked", &TLS{Certificates: chain}, false},
		{"a certificate that was checked", &TLS{Certificates: chain, Verified: true}, true},
		{"nothing that was checked", &TLS{Verified: true}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := Certificate{}
			if tt.want {
				want = ada
			}
			got, ok := Peer{TLS: tt.tls}.Certificate()
			diff(t, want, got)
			diff(t, tt.want, ok)
		})
	}
}

// Requests that differ in what their clients have proved differ.
func TestPeersAreComparedByWhatTheyHold(t *testing.T) {
	from := func(subject string) Request {
		req := Get("/")
		req.Peer.TLS = &TLS{Verified: true, Certificates: []Certificate{{Subject: subject}}}
		return req
	}
	diff(t, from("CN=Ada"), from("CN=Ada"))
	if cmp.Equal(from("CN=Ada"), from("CN=Eve")) {
		t.Error("two clients are equal")
	}
}
