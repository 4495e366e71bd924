package main

import (
	"io"
	"net"
	"net/http"
	"sync"

	coder "github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"
)

// serveLiveNetHTTP serves event streams as they are usually written for net/http,
// and WebSockets of package coder.
func serveLiveNetHTTP(l net.Listener) error {
	h := &netHTTPHub{clients: make(map[chan string]bool)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+streamPath, h.stream)
	mux.HandleFunc("POST "+publishPath, h.publish)
	mux.HandleFunc("GET "+socketPath, coderEcho)
	return (&http.Server{Handler: mux}).Serve(l)
}

func serveGorilla(l net.Listener) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+socketPath, gorillaEcho)
	return (&http.Server{Handler: mux}).Serve(l)
}

// A netHTTPHub knows who listens.
type netHTTPHub struct {
	mu      sync.Mutex
	clients map[chan string]bool
}

func (h *netHTTPHub) stream(w http.ResponseWriter, r *http.Request) {
	messages := make(chan string, 16)
	h.mu.Lock()
	h.clients[messages] = true
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		delete(h.clients, messages)
		h.mu.Unlock()
	}()
	w.Header().Set("Content-Type", "text/event-stream")
	flusher := http.NewResponseController(w)
	io.WriteString(w, firstEvent)
	flusher.Flush()
	for {
		select {
		case <-r.Context().Done():
			return
		case m := <-messages:
			io.WriteString(w, "data: "+m+"\n\n")
			flusher.Flush()
		}
	}
}

func (h *netHTTPHub) publish(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "", http.StatusBadRequest)
		return
	}
	h.mu.Lock()
	for c := range h.clients {
		select {
		case c <- string(body):
		default: // too slow
		}
	}
	h.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

func coderEcho(w http.ResponseWriter, r *http.Request) {
	c, err := coder.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	for {
		kind, data, err := c.Read(r.Context())
		if err != nil {
			return
		}
		if c.Write(r.Context(), kind, data) != nil {
			return
		}
	}
}

func gorillaEcho(w http.ResponseWriter, r *http.Request) {
	upgrader := gorilla.Upgrader{}
	c, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer c.Close()
	for {
		kind, data, err := c.ReadMessage()
		if err != nil {
			return
		}
		if c.WriteMessage(kind, data) != nil {
			return
		}
	}
}
