package main

import (
	"context"
	_ "embed"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/template"
)

//go:embed nginx.conf.tmpl
var nginxConfig string

// startNginx starts nginx in a folder of its own within that of the job.
func startNginx(ctx context.Context, j job, procs int) (*process, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(j.dir, "nginx")
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "nginx.conf")
	if err := writeNginxConfig(config, addr, j, procs); err != nil {
		return nil, err
	}
	cmd := exec.Command("nginx", "-p", dir, "-c", config, "-e", filepath.Join(dir, "error.log"))
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &process{addr: addr, cmd: cmd}
	if err := s.await(ctx); err != nil {
		s.stop()
		log, _ := os.ReadFile(filepath.Join(dir, "error.log"))
		return nil, fmt.Errorf("nginx did not start: %w\n%s", err, log)
	}
	return s, nil
}

func writeNginxConfig(path, addr string, j job, procs int) error {
	t, err := template.New("nginx.conf").Parse(nginxConfig)
	if err != nil {
		return err
	}
	var text strings.Builder
	err = t.Execute(&text, map[string]any{
		"Superuser": os.Geteuid() == 0, "Procs": procs, "Descriptors": maxIdle + 2000, "Connections": maxIdle + 1000,
		"Secure": j.work.protocol.secure(), "HTTP2": j.work.protocol.multiplexes(),
		"Certificate": j.certificate(), "Key": j.key(),
		"Addr": addr, "Root": j.dir, "Hello": helloText, "TextType": textType, "BytesType": bytesType,
	})
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text.String()), 0o644)
}

// freeAddr returns a loopback address that nobody listens on at the moment.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}
