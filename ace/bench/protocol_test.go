package main

import (
	"crypto/tls"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"
)

// transport returns a client's transport that speaks the protocol and nothing
// else.
func (p protocol) transport() *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(!p.multiplexes())
	protocols.SetHTTP2(p == h2TLS)
	protocols.SetUnencryptedHTTP2(p == h2c)
	return &http.Transport{Protocols: protocols, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
}

func TestEachPeerAnswersInEachProtocol(t *testing.T) {
	for _, w := range slices.Concat(works, idleWorks) {
		if w.protocol == h1 {
			continue
		}
		for _, name := range w.peers {
			t.Run(w.name+"/"+name, func(t *testing.T) {
				p, err := find(peers, name)
				if err != nil {
					t.Fatal(err)
				}
				if !p.installed() {
					t.Skipf("%s is not installed", p.program)
				}
				t.Parallel()
				checkReply(t, launched(t, p, w), w)
			})
		}
	}
}

// checkReply asks for a work and looks at what comes.
func checkReply(t *testing.T, s *process, w work) {
	t.Helper()
	transport := w.protocol.transport()
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	resp, err := client.Get(s.url(w))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != 200 || string(body) != w.reply {
		t.Errorf("status %d and %d bytes that begin with %.40q, want 200 and %d bytes", resp.StatusCode, len(body), body, len(w.reply))
	}
	if got := resp.ProtoMajor == 2; got != w.protocol.multiplexes() {
		t.Errorf("the reply came in %s", resp.Proto)
	}
	if got := resp.TLS != nil; got != w.protocol.secure() {
		t.Errorf("over TLS: %v", got)
	}
}
