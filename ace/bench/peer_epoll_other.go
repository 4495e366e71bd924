//go:build !linux

package main

import (
	"errors"
	"net"
)

func serveEpoll(net.Listener, job) error {
	return errors.New("epoll is there on Linux only")
}
