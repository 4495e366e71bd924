package main

import (
	"io"
	"log"
	"net"
	"net/http"
)

// serveHarmedNetHTTP has no machines, and no trace.
func serveHarmedNetHTTP(l net.Listener) error {
	t := newTally()
	mux := http.NewServeMux()
	mux.HandleFunc("/", netHTTPHello)
	mux.HandleFunc(panicPath, func(http.ResponseWriter, *http.Request) { panic("a fault of the handler") })
	mux.HandleFunc(waitPath, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc(largePath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", bytesType)
		io.WriteString(w, fileContent)
	})
	mux.HandleFunc(statePath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", jsonType)
		io.WriteString(w, t.state())
	})
	s := &http.Server{
		Handler: mux, ErrorLog: log.New(io.Discard, "", 0), Protocols: new(http.Protocols),
		ReadHeaderTimeout: harmedTimeout, WriteTimeout: harmedTimeout,
	}
	s.Protocols.SetHTTP1(true)
	s.Protocols.SetUnencryptedHTTP2(true)
	return s.Serve(l)
}
