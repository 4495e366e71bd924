package main

import (
	"bufio"
	"io"
	"net"
)

// serveLiveFloor answers every request with the head of a WebSocket, and then
// every frame with the same octets. It is what the kernel and a goroutine for each
// connection cost.
func serveLiveFloor(l net.Listener) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go echoFloor(c)
	}
}

func echoFloor(c net.Conn) {
	defer c.Close()
	head := bufio.NewReader(c)
	for {
		line, err := head.ReadString('\n')
		if err != nil {
			return
		}
		if line == "\r\n" {
			break
		}
	}
	if _, err := io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\n\r\n"); err != nil {
		return
	}
	in, out := make([]byte, len(frame(opText))), frame(opText)[:echoed]
	for {
		if _, err := io.ReadFull(c, in); err != nil {
			return
		}
		out[0], out[len(out)-1] = in[0], 'a'+(octets-1)%26
		if _, err := c.Write(out); err != nil {
			return
		}
	}
}
