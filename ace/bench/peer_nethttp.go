package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
)

func serveNetHTTP(l net.Listener, j job) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello", netHTTPHello)
	mux.HandleFunc("GET /article", netHTTPArticle)
	mux.HandleFunc("GET /"+fileName, func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, j.file())
	})
	mux.HandleFunc("POST /echo", netHTTPEcho)
	stack := netHTTPStack()
	mux.Handle("GET "+braces(routedPattern), stack(http.HandlerFunc(netHTTPPost)))
	for _, pattern := range siblings {
		mux.Handle("GET "+braces(pattern), stack(http.HandlerFunc(netHTTPSibling)))
	}
	for path, d := range newDelays() {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", textType)
			w.WriteHeader(d.pass())
			io.WriteString(w, helloText)
		})
	}
	return netHTTPServe(l, j, mux)
}

// netHTTPServe serves in the protocol that the work wants.
func netHTTPServe(l net.Listener, j job, h http.Handler) error {
	s := &http.Server{Handler: h}
	if j.work.protocol.secure() {
		return s.ServeTLS(l, j.certificate(), j.key())
	}
	s.Protocols = new(http.Protocols)
	s.Protocols.SetHTTP1(true)
	s.Protocols.SetUnencryptedHTTP2(j.work.protocol.multiplexes())
	return s.Serve(l)
}

func netHTTPHello(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", textType)
	io.WriteString(w, helloText)
}

func netHTTPArticle(w http.ResponseWriter, _ *http.Request) {
	data, err := json.Marshal(theArticle)
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", jsonType)
	w.Write(data)
}

// netHTTPEcho sends the body back while it comes.
func netHTTPEcho(w http.ResponseWriter, r *http.Request) {
	if err := http.NewResponseController(w).EnableFullDuplex(); err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", bytesType)
	w.Header().Set("Content-Length", strconv.FormatInt(r.ContentLength, 10))
	io.Copy(w, r.Body)
}

func netHTTPPost(w http.ResponseWriter, r *http.Request) {
	viewer, _ := r.Context().Value(netHTTPViewerKey).(string)
	w.Header().Set("Content-Type", textType)
	io.WriteString(w, routedReply(r.PathValue("user"), r.PathValue("post"), viewer))
}

// netHTTPSibling answers on routes that nobody asks for.
func netHTTPSibling(w http.ResponseWriter, r *http.Request) {
	io.WriteString(w, strings.ToUpper(r.Pattern))
}
