package ace

import (
	"crypto/tls"
	"slices"
	"testing"
)

func TestServerTLS(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   *tls.Config
		want []string
	}{
		{"the server's protocols by default", &tls.Config{}, []string{"h2", "http/1.1", "http/1.0"}},
		{"a choice stays", &tls.Config{NextProtos: []string{"http/1.1", "http/1.0"}}, []string{"http/1.1", "http/1.0"}},
		{"without HTTP/1.1 there is no HTTP/1.0", &tls.Config{NextProtos: []string{"h2", "http/1.0"}}, []string{"h2"}},
		{"what else is spoken comes behind", &tls.Config{NextProtos: []string{"acme-tls/1"}}, []string{"h2", "http/1.1", "http/1.0", "acme-tls/1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := slices.Clone(tt.in.NextProtos)
			got := serverTLS(tt.in, "h2", "http/1.1")
			if !slices.Equal(got.NextProtos, tt.want) || got.MinVersion != tls.VersionTLS12 {
				t.Errorf("got %q, version %x; want %q", got.NextProtos, got.MinVersion, tt.want)
			}
			if !slices.Equal(tt.in.NextProtos, before) || tt.in.MinVersion != 0 {
				t.Error("the config of the caller was changed")
			}
		})
	}
	all := &tls.Config{NextProtos: []string{"h2", "http/1.1", "http/1.0", "acme-tls/1"}}
	if got := serverTLS(all, (&Config{DisableHTTP2: true}).protocols()...); !slices.Equal(got.NextProtos, all.NextProtos[1:]) {
		t.Errorf("a server that speaks no HTTP/2 offers %q", got.NextProtos)
	}
	cbc := []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}
	for name, tt := range map[string]struct {
		in *tls.Config
		h2 bool
	}{
		"TLS 1.2":                        {&tls.Config{MaxVersion: tls.VersionTLS12}, true},
		"a suite that is prohibited":     {&tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: cbc}, false},
		"one beside another":             {&tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: append(cbc, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256)}, true},
		"one that TLS 1.3 does not need": {&tls.Config{CipherSuites: cbc}, true},
		"a choice that can't be met":     {&tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: cbc, NextProtos: []string{"h2"}}, false},
		"TLS 1.1":                        {&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, false},
	} {
		if got := serverTLS(tt.in, "h2", "http/1.1"); slices.Contains(got.NextProtos, "h2") != tt.h2 || !slices.Contains(got.NextProtos, "http/1.1") {
			t.Errorf("%s: offers %q", name, got.NextProtos)
		}
	}
	if got := serverTLS(&tls.Config{MinVersion: tls.VersionTLS13}); got.MinVersion != tls.VersionTLS13 {
		t.Errorf("the least version became %x", got.MinVersion)
	}
}

func TestOldVersionsAreRefused(t *testing.T) {
	cert, err := DevelopmentCertificate()
	if err != nil {
		t.Fatal(err)
	}
	server := serverTLS(&tls.Config{Certificates: []tls.Certificate{cert}}, "http/1.1")
	client := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	if _, err := shakeHands(t, server, client); err == nil {
		t.Error("a client of TLS 1.1 was let in")
	}
}

// A client that comes again resumes its session: the config holds the key of its
// ticket.
func TestSessionsAreResumed(t *testing.T) {
	a := newAuthority(t)
	store, err := Certificates(a.files(t, newKey(t), "server", "server.test"))
	if err != nil {
		t.Fatal(err)
	}
	server := serverTLS(store.TLSConfig(), "http/1.1")
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		client := &tls.Config{
			ServerName: "server.test", RootCAs: a.pool,
			MaxVersion: version, ClientSessionCache: tls.NewLRUClientSessionCache(1),
		}
		for i := range 3 {
			state, err := shakeHands(t, server, client)
			if err != nil || state.Version != version || state.DidResume != (i > 0) {
				t.Errorf("version %x, handshake %d: version %x, resumed %t, %v", version, i, state.Version, state.DidResume, err)
			}
		}
	}
}
