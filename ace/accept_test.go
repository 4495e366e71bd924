package ace

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace/internal/memnet"
)

func TestJudgeAccept(t *testing.T) {
	wrap := func(err error) error {
		return &net.OpError{Op: "accept", Err: os.NewSyscallError("accept4", err)}
	}
	for _, test := range []struct {
		err  error
		want acceptVerdict
	}{
		{wrap(syscall.ECONNABORTED), acceptRetry},
		{wrap(syscall.ECONNRESET), acceptRetry},
		{wrap(os.ErrDeadlineExceeded), acceptPause},
		{wrap(syscall.EMFILE), acceptPause},
		{wrap(forbidden[0]), acceptPause},
		{wrap(syscall.ENOBUFS), acceptPause},
		{wrap(net.ErrClosed), acceptStop},
		{wrap(syscall.EINVAL), acceptFail},
		{errors.New("no idea"), acceptFail},
	} {
		if got := judgeAccept(test.err); got != test.want {
			t.Errorf("judgeAccept(%v) = %d, want %d", test.err, got, test.want)
		}
	}
}

// A flakyListener returns errors from Accept before it lets a connection in.
type flakyListener struct {
	*memnet.Listener
	mu   sync.Mutex
	errs []error
}

// fail makes the next accept return err.
func (l *flakyListener) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.errs = append(l.errs, err)
}

func (l *flakyListener) Accept() (net.Conn, error) {
	l.mu.Lock()
	if len(l.errs) > 0 {
		err := l.errs[0]
		l.errs = l.errs[1:]
		l.mu.Unlock()
		return nil, err
	}
	l.mu.Unlock()
	return l.Listener.Accept()
}

func TestGovernorRecoversFromShortages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &flakyListener{Listener: memnet.Listen()}
		for range 40 {
			l.errs = append(l.errs, syscall.EMFILE, syscall.ECONNABORTED)
		}
		failures := 0
		var mu sync.Mutex
		s := New(hello, Config{Trace: Trace{AcceptFailed: func(AcceptEvent) {
			mu.Lock()
			defer mu.Unlock()
			failures++
		}}})
		served := make(chan error, 1)
		go func() { served <- s.Serve(l) }()
		conn, _ := l.Dial()
		fmt.Fprint(conn, get)
		if n, err := conn.Read(make([]byte, 1)); n != 1 || err != nil {
			t.Errorf("not served after the shortage: %v", err)
		}
		conn.Close()
		time.Sleep(time.Second)
		mu.Lock()
		if failures != 80 {
			t.Errorf("the trace was told of %d failures, want 80", failures)
		}
		mu.Unlock()
		s.Close()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
}

// An outOfTime is a listener whose deadline has passed.
type outOfTime struct{ *memnet.Listener }

func (outOfTime) Accept() (net.Conn, error) {
	return nil, &net.OpError{Op: "accept", Err: os.ErrDeadlineExceeded}
}

// A deadline that has passed would fail a million accepts a second.
func TestListenerWhoseDeadlineHasPassed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failures := atomic.Int32{}
		s := New(hello, Config{Trace: Trace{AcceptFailed: func(AcceptEvent) { failures.Add(1) }}})
		served := make(chan error, 1)
		go func() { served <- s.Serve(outOfTime{memnet.Listen()}) }()
		time.Sleep(time.Minute)
		if n := failures.Load(); n < 60 || n > 150 {
			t.Errorf("the trace was told %d times in a minute", n)
		}
		s.Close()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
}

// A starving is a listener whose process has no descriptors left until a time.
type starving struct {
	*memnet.Listener
	from, until time.Time
}

func (l *starving) Accept() (net.Conn, error) {
	if now := time.Now(); now.After(l.from) && now.Before(l.until) {
		return nil, &net.OpError{Op: "accept", Err: os.NewSyscallError("accept4", syscall.EMFILE)}
	}
	return l.Listener.Accept()
}

// A minute without descriptors: those who are there are served as ever, those who
// come are served within a second of its end, and the trace is told why, about
// twice a second and not more.
func TestMinuteWithoutDescriptors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &starving{Listener: memnet.Listen(), from: time.Now().Add(time.Second), until: time.Now().Add(61 * time.Second)}
		var mu sync.Mutex
		failures := 0
		s := New(hello, Config{Trace: Trace{AcceptFailed: func(e AcceptEvent) {
			mu.Lock()
			defer mu.Unlock()
			if failures++; !errors.Is(e.Err, syscall.EMFILE) || e.Pause <= 0 || e.Endpoint != "web" {
				t.Errorf("the trace was told %+v", e)
			}
		}}})
		served := make(chan error, 1)
		go func() { served <- s.ServeEndpoints(Endpoint{Name: "web", Listener: l}) }()
		dial := func() *peer {
			conn, err := l.Dial()
			if err != nil {
				t.Fatal(err)
			}
			return newPeer(t, conn)
		}
		old := dial()
		old.send(get)
		old.want(200, "hello")
		time.Sleep(2 * time.Second)
		waiting := []*peer{dial(), dial(), dial()} // the governors' accepts from before take two
		for _, p := range waiting {
			p.send(get)
		}
		for range 28 {
			before := time.Now()
			old.send(get)
			old.want(200, "hello")
			if took := time.Since(before); took > 0 {
				t.Errorf("meanwhile a request took %v", took)
			}
			time.Sleep(2 * time.Second)
		}
		if s.Connections() > 3 {
			t.Errorf("there are %d connections", s.Connections())
		}
		for _, p := range waiting {
			p.want(200, "hello")
			p.Close()
		}
		if late := time.Since(l.until); late > time.Second {
			t.Errorf("the last was served %v after the end", late)
		}
		mu.Lock()
		if failures < 60 || failures > 150 {
			t.Errorf("the trace was told %d times", failures)
		}
		mu.Unlock()
		old.Close()
		s.Close()
		if err := <-served; err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second) // the server's timers stand still at their next tick
	})
}

func TestServeFailsWithItsListener(t *testing.T) {
	l := &flakyListener{Listener: memnet.Listen(), errs: []error{syscall.EINVAL}}
	if err := New(hello, Config{}).Serve(l); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("Serve returned %v, want the listener's error", err)
	}
	if _, err := l.Dial(); err == nil {
		t.Error("the listener was left open")
	}
}

// An ownWords is a listener that has an error of its own for that it was closed.
type ownWords struct{ *memnet.Listener }

func (l ownWords) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, errors.New("multiplexer: no more connections")
	}
	return conn, nil
}

// What a listener calls its end is no failure where it was told to end.
func TestListenerThatWasClosedHasNotFailed(t *testing.T) {
	for name, end := range map[string]func(*Server) error{
		"Close":    (*Server).Close,
		"Shutdown": func(s *Server) error { return s.Shutdown(t.Context()) },
	} {
		ready, closed := make(chan ReadyEvent, 1), make(chan EndpointEvent, 1)
		s := New(hello, Config{Trace: Trace{
			Ready:          func(e ReadyEvent) { ready <- e },
			EndpointClosed: func(e EndpointEvent) { closed <- e },
		}})
		served := make(chan error, 1)
		go func() { served <- s.Serve(ownWords{memnet.Listen()}) }()
		<-ready
		end(s)
		if err := <-served; err != nil {
			t.Errorf("%s: Serve returned %v", name, err)
		}
		if e := <-closed; e.Err != nil {
			t.Errorf("%s: the trace was told of %v", name, e.Err)
		}
	}
}
