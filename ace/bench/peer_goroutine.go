package main

import (
	"bufio"
	"io"
	"net"
	"os"
)

// serveGoroutine is what a goroutine a connection costs on net.Conn, when
// nothing of HTTP is done but to find where heads end.
func serveGoroutine(l net.Listener, j job) error {
	converse := cannedConversation(j)
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer c.Close()
			converse(c)
		}()
	}
}

// cannedConversation returns what is done with each connection.
func cannedConversation(j job) func(net.Conn) {
	switch j.work.name {
	case "file":
		return cannedFile(j)
	case "echo":
		return cannedEcho(j.work)
	}
	return canned(j.work)
}

// canned answers with the same bytes each time: all heads that one read brought
// with one write.
func canned(w work) func(net.Conn) {
	replies, length := cannedReplies(w)
	return func(c net.Conn) {
		buf := make([]byte, 4096)
		for matched := 0; ; {
			n, err := c.Read(buf)
			if err != nil {
				return
			}
			var heads int
			heads, matched = countHeads(matched, buf[:n])
			for ; heads > 0; heads -= min(heads, maxDepth) {
				if _, err := c.Write(replies[:min(heads, maxDepth)*length]); err != nil {
					return
				}
			}
		}
	}
}

// cannedFile opens the file for each request and has the kernel send it.
func cannedFile(j job) func(net.Conn) {
	head := []byte(cannedHead(j.work))
	return func(c net.Conn) {
		r := bufio.NewReader(c)
		for skipHead(r) == nil {
			if _, err := c.Write(head); err != nil {
				return
			}
			if err := sendFile(c, j.file(), int64(len(j.work.reply))); err != nil {
				return
			}
		}
	}
}

func sendFile(c net.Conn, path string, length int64) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.CopyN(c, f, length) // which is sendfile(2) on a TCP connection
	return err
}

// cannedEcho sends back bodies, whose length it knows beforehand.
func cannedEcho(w work) func(net.Conn) {
	head := cannedHead(w)
	return func(c net.Conn) {
		r := bufio.NewReader(c)
		reply := append([]byte(head), w.body...)
		for skipHead(r) == nil {
			if _, err := io.ReadFull(r, reply[len(head):]); err != nil {
				return
			}
			if _, err := c.Write(reply); err != nil {
				return
			}
		}
	}
}

// skipHead reads to the end of a head.
func skipHead(r *bufio.Reader) error {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil || len(line) <= len("\r\n") {
			return err
		}
	}
}
