package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/template"
)

//go:embed h2o.conf.tmpl
var h2oConfig string

// startH2O starts h2o in a folder of its own within that of the job.
func startH2O(ctx context.Context, j job, procs int) (*process, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(j.dir, "h2o")
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "h2o.conf")
	if err := writeH2OConfig(config, addr, j, procs); err != nil {
		return nil, err
	}
	// It tells on standard output and standard error that it has started; what
	// is wrong it writes there, too.
	log, err := os.Create(filepath.Join(dir, "output.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command("h2o", "-c", config)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &process{addr: addr, cmd: cmd}
	if err := s.await(ctx); err != nil {
		s.stop()
		return nil, fmt.Errorf("h2o did not start: %w\n%s", err, readFile(log.Name()))
	}
	return s, nil
}

func writeH2OConfig(path, addr string, j job, procs int) error {
	t, err := template.New("h2o.conf").Parse(h2oConfig)
	if err != nil {
		return err
	}
	host, port, _ := strings.Cut(addr, ":")
	var text strings.Builder
	err = t.Execute(&text, map[string]any{
		"Superuser": os.Geteuid() == 0, "Procs": procs, "Host": host, "Port": port, "Root": j.dir,
		"Secure": j.work.protocol.secure(), "Certificate": j.certificate(), "Key": j.key(),
		"TextType": textType, "BytesType": bytesType,
	})
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text.String()), 0o644)
}
