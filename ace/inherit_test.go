//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package ace

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// socketActivated returns what systemd would start: cmd with the sockets of
// listeners, and with the number of its own process in LISTEN_PID.
func socketActivated(t *testing.T, cmd *exec.Cmd, names string, listeners ...net.Listener) *exec.Cmd {
	t.Helper()
	cmd.Args = append([]string{"sh", "-c", `LISTEN_PID=$$ exec "$0" "$@"`}, cmd.Args...)
	cmd.Path = "/bin/sh"
	cmd.Env = append(cmd.Environ(), "LISTEN_FDS="+strconv.Itoa(len(listeners)), "LISTEN_FDNAMES="+names)
	for _, l := range listeners {
		f, err := socketOf("socket", l)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		cmd.ExtraFiles = append(cmd.ExtraFiles, f)
	}
	return cmd
}

func TestSocketActivation(t *testing.T) {
	web := listenHere(t, ListenConfig{}, "127.0.0.1:0")
	path := socketPath(t)
	local := listenHere(t, ListenConfig{}, "unix:"+path)
	cmd := socketActivated(t, child(t, "take", "systemd:web,systemd:web,fd:4,fd:5,fd:6,systemd:none"), "web:local:unused", web, local, web)
	r := begin(t, cmd, cmd.Start)
	told := r.taking()
	if want := []string{web.Addr().String(), "", path, web.Addr().String(), "", ""}; !slices.Equal(told.Addrs, want) {
		t.Errorf("it listens on %q, want %q", told.Addrs, want)
	}
	for i, reason := range []string{"", "has been taken", "", "", "descriptor 6", `no socket of that name was passed to this process: fd:3 is "web", fd:4 is "local", fd:5 is "unused"`} {
		if !strings.Contains(told.Errors[i], reason) || reason == "" && told.Errors[i] != "" {
			t.Errorf("error %d is %q, want %q", i, told.Errors[i], reason)
		}
	}
	wantEnvironment := []string{"LISTEN_FDS=3", "LISTEN_FDNAMES=web:local:unused", "LISTEN_PID=" + strconv.Itoa(cmd.Process.Pid)}
	slices.Sort(wantEnvironment)
	slices.Sort(told.Environment)
	if diff := cmp.Diff(wantEnvironment, told.Environment); diff != "" {
		t.Errorf("the environment (-want +got):\n%s", diff)
	}
	if len(told.Kept) != 0 {
		t.Errorf("descriptors %v would be passed on", told.Kept)
	}
	for _, addr := range []net.Addr{web.Addr(), local.Addr()} {
		wantGreetingAt(t, addr)
	}
}

// wantGreetingAt checks that somebody else greets who connects to addr.
func wantGreetingAt(t *testing.T, addr net.Addr) {
	t.Helper()
	conn, err := net.Dial(addr.Network(), addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	got := make([]byte, 5)
	if n, err := conn.Read(got); string(got[:n]) != "hello" {
		t.Errorf("greeted with %q, %v", got[:n], err)
	}
}

// The sockets that a process has not asked for are not passed on either, once it
// has asked for one.
func TestUntakenSocketsAreNotPassedOn(t *testing.T) {
	l := listenHere(t, ListenConfig{}, "127.0.0.1:0")
	cmd := socketActivated(t, child(t, "take", "systemd:b"), "a:b:c", l, l, l)
	r := begin(t, cmd, cmd.Start)
	if told := r.taking(); told.Errors[0] != "" || len(told.Kept) != 0 {
		t.Errorf("%q; descriptors %v would be passed on", told.Errors, told.Kept)
	}
}

// The only socket needs no name.
func TestTheOnlySocket(t *testing.T) {
	l := listenHere(t, ListenConfig{}, "127.0.0.1:0")
	for _, tt := range []struct{ names, want string }{{"any", ""}, {"a:b", "more than one socket"}} {
		cmd := socketActivated(t, child(t, "take", "systemd:"), tt.names, slices.Repeat([]net.Listener{l}, strings.Count(tt.names, ":")+1)...)
		r := begin(t, cmd, cmd.Start)
		if told := r.taking(); !strings.Contains(told.Errors[0], tt.want) || (told.Errors[0] == "") != (tt.want == "") {
			t.Errorf("sockets %s: %q, want %q", tt.names, told.Errors[0], tt.want)
		}
	}
}

func TestDescriptorsThatDoNotListen(t *testing.T) {
	l := listenHere(t, ListenConfig{}, "127.0.0.1:0")
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	datagrams, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer datagrams.Close()
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, tt := range []struct {
		of   any
		want string
	}{
		{conn, "does not listen"},
		{datagrams, "not a socket for connections"},
		{file, "no socket"},
		{nil, "there is none"},
	} {
		fd := 10000
		switch of := tt.of.(type) {
		case *os.File:
			fd = int(of.Fd())
		case interface{ File() (*os.File, error) }:
			f, err := of.File()
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			fd = int(f.Fd())
		}
		if _, err := Listen(fmt.Sprintf("fd:%d", fd)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("a %T: %v, want %q", tt.of, err, tt.want)
		}
	}
}

func TestInheritedNames(t *testing.T) {
	type environment map[string]string
	for _, tt := range []struct {
		name string
		env  environment
		want []string
		err  string
	}{
		{"sockets with names", environment{"LISTEN_FDS": "2", "LISTEN_FDNAMES": "a:b", "LISTEN_PID": "7"}, []string{"a", "b"}, ""},
		{"sockets without names", environment{"LISTEN_FDS": "2", "LISTEN_PID": "7"}, []string{"unknown", "unknown"}, ""},
		{"a name that is empty", environment{"LISTEN_FDS": "2", "LISTEN_FDNAMES": "a:"}, []string{"a", ""}, ""},
		{"no process number, as by HandOver", environment{"LISTEN_FDS": "1", "LISTEN_FDNAMES": "a"}, []string{"a"}, ""},
		{"another process's", environment{"LISTEN_FDS": "1", "LISTEN_PID": "8"}, nil, "process 8"},
		{"a process number that is none", environment{"LISTEN_FDS": "1", "LISTEN_PID": "7x"}, nil, "process 7x"},
		{"none", nil, nil, "LISTEN_FDS is not set"},
		{"zero", environment{"LISTEN_FDS": "0"}, nil, "not the number"},
		{"a negative number", environment{"LISTEN_FDS": "-1"}, nil, "not the number"},
		{"too many", environment{"LISTEN_FDS": "65537"}, nil, "not the number"},
		{"more names than sockets", environment{"LISTEN_FDS": "1", "LISTEN_FDNAMES": "a:b"}, nil, "2 names for 1 sockets"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := inheritedNames(func(key string) string { return tt.env[key] }, 7)
			if !slices.Equal(got, tt.want) || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("inheritedNames = %q, %v; want %q, %q", got, err, tt.want, tt.err)
			}
		})
	}
}
