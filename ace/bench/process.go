package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A process is a server that runs.
type process struct {
	addr    string
	cmd     *exec.Cmd
	orders  io.WriteCloser // nil: takes none, ends by a signal
	answers *bufio.Reader
}

// launch starts a server of the peer for a job.
func (p peer) launch(ctx context.Context, j job, procs int) (*process, error) {
	if p.start != nil {
		return p.start(ctx, j, procs)
	}
	return p.launchWith(procs, "-work", j.work.name, "-dir", j.dir)
}

// launchWith starts this program as the server of a peer.
func (p peer) launchWith(procs int, args ...string) (*process, error) {
	s, err := launchSelf(procs, append([]string{"serve", "-peer", p.name}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("%s did not start: %w", p.name, err)
	}
	return s, nil
}

// launchSelf starts this program as one that obeys, and waits until it is ready.
func launchSelf(procs int, args ...string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(procs))
	cmd.Stderr = os.Stderr
	orders, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	answers, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &process{cmd: cmd, orders: orders, answers: bufio.NewReader(answers)}
	line, err := s.answer()
	addr, ready := strings.CutPrefix(line, "ready")
	if !ready {
		s.stop()
		return nil, errors.Join(err, errors.New(line))
	}
	s.addr = strings.TrimSpace(addr)
	return s, nil
}

// url returns the address of a work's resource.
func (s *process) url(w work) string { return w.protocol.scheme() + "://" + s.addr + w.path }

// tell gives an order and waits until it is carried out. A process that takes
// none ignores it.
func (s *process) tell(order string) error {
	_, err := s.ask(order)
	return err
}

// ask gives an order and returns what the process has to say about it.
func (s *process) ask(order string) (string, error) {
	if s.orders == nil {
		return "", nil
	}
	if _, err := fmt.Fprintln(s.orders, order); err != nil {
		return "", err
	}
	answer, err := s.answer()
	if err != nil {
		return "", err
	}
	result, ok := strings.CutPrefix(answer, "ok")
	if !ok {
		return "", errors.New(answer)
	}
	return strings.TrimSpace(result), nil
}

func (s *process) answer() (string, error) {
	line, err := s.answers.ReadString('\n')
	return strings.TrimSuffix(line, "\n"), err
}

// usage returns the CPU time that the process and its children have used, and
// the memory that they hold.
func (s *process) usage() (usage, error) {
	pids, err := family(s.cmd.Process.Pid)
	if err != nil {
		return usage{}, err
	}
	var sum usage
	for _, pid := range pids {
		u, err := usageOf(pid)
		if err != nil {
			return usage{}, err
		}
		sum.cpu += u.cpu
		sum.rss += u.rss
	}
	return sum, nil
}

// stop ends the process: a server in Go by closing its orders, another by
// SIGTERM, and either by force if it does not go within seconds.
func (s *process) stop() {
	if s.orders != nil {
		s.orders.Close()
	} else {
		s.cmd.Process.Signal(syscall.SIGTERM)
	}
	kill := time.AfterFunc(5*time.Second, func() { s.cmd.Process.Kill() })
	defer kill.Stop()
	s.cmd.Wait()
}

// await waits until the process accepts connections.
func (s *process) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for {
		c, err := new(net.Dialer).DialContext(ctx, "tcp", s.addr)
		if err == nil {
			return c.Close()
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}
