package ace

import (
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
)

// firstInherited is the descriptor of the first socket in LISTEN_FDS.
const firstInherited = 3

// takeNamedSocket returns the inherited socket of a name; of the name "", the
// only one.
func takeNamedSocket(name string) (net.Listener, error) {
	names, err := inheritedNames(os.Getenv, os.Getpid())
	if err != nil {
		return nil, err
	}
	for i := range names {
		closeOnExec(firstInherited + i)
	}
	i, err := findName(names, name)
	if err != nil {
		return nil, err
	}
	return takeSocket(firstInherited + i)
}

// maxInherited bounds the number of sockets that an environment can claim.
const maxInherited = 1 << 16

// inheritedNames returns the names of the sockets that were passed to a process,
// as the environment tells (see sd_listen_fds_with_names(3)). If LISTEN_PID is
// missing they are taken to be this process's: [HandOver] can't know the number
// of a process that it has not started yet.
func inheritedNames(getenv func(string) string, pid int) ([]string, error) {
	count, owner := getenv("LISTEN_FDS"), getenv("LISTEN_PID")
	if count == "" {
		return nil, errors.New("no sockets were passed to this process (LISTEN_FDS is not set)")
	}
	if owner != "" && owner != strconv.Itoa(pid) {
		return nil, fmt.Errorf("the sockets in LISTEN_FDS are those of process %s (LISTEN_PID), and this is %d", owner, pid)
	}
	n, err := strconv.ParseUint(count, 10, 31)
	if err != nil || n == 0 || n > maxInherited {
		return nil, fmt.Errorf("LISTEN_FDS is %q, not the number of sockets", count)
	}
	list := getenv("LISTEN_FDNAMES")
	if list == "" {
		return slices.Repeat([]string{"unknown"}, int(n)), nil
	}
	names := strings.Split(list, ":")
	if len(names) != int(n) {
		return nil, fmt.Errorf("LISTEN_FDNAMES has %d names for %d sockets", len(names), n)
	}
	return names, nil
}

// findName returns the index of the only one that is called name; if name is
// empty, of the only one.
func findName(names []string, name string) (int, error) {
	found, count := 0, 0
	all := make([]string, len(names))
	for i, other := range names {
		all[i] = fmt.Sprintf("fd:%d is %q", firstInherited+i, other)
		if name == "" || name == other {
			found = i
			count++
		}
	}
	switch {
	case count == 0:
		return 0, fmt.Errorf("no socket of that name was passed to this process: %s", strings.Join(all, ", "))
	case count > 1:
		return 0, fmt.Errorf("more than one socket was passed to this process, write which: %s", strings.Join(all, ", "))
	}
	return found, nil
}
