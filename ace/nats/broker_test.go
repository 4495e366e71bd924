package nats

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// start starts a server of NATS. On a port of 0 it chooses one.
func start(t *testing.T, port int) *server.Server {
	t.Helper()
	return startFor(t, port, "")
}

// startFor is start with a token that clients have to show.
func startFor(t *testing.T, port int, token string) *server.Server {
	t.Helper()
	if port == 0 {
		port = server.RANDOM_PORT
	}
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port, NoLog: true, NoSigs: true, Authorization: token})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server of NATS is not ready")
	}
	t.Cleanup(func() { stop(s) })
	return s
}

func stop(s *server.Server) {
	s.Shutdown()
	s.WaitForShutdown()
}

func connect(t *testing.T, s *server.Server, config Config) *Broker {
	t.Helper()
	b, err := Connect(s.ClientURL(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// An inbox takes what is delivered.
type inbox chan string

func (b *Broker) listen(t *testing.T, topic string) (in inbox, stop func()) {
	t.Helper()
	in = make(inbox, 1000)
	stop, err := b.Subscribe(topic, func(m string) { in <- m })
	if err != nil {
		t.Fatal(err)
	}
	// From here on NATS knows of it.
	if err := b.conn.Flush(); err != nil {
		t.Fatal(err)
	}
	return in, stop
}

func (b *Broker) say(t *testing.T, topic string, messages ...string) {
	t.Helper()
	for _, m := range messages {
		if err := b.Publish(topic, m); err != nil {
			t.Fatal(err)
		}
	}
}

func (in inbox) wants(t *testing.T, want ...string) {
	t.Helper()
	for _, w := range want {
		if got := receive(t, in); got != w {
			t.Errorf("got %q, want %q", got, w)
		}
	}
}

func receive[T any](t *testing.T, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(10 * time.Second):
		t.Fatal("nothing has come")
	}
	return v
}

func TestMessagesReachAllServers(t *testing.T) {
	s := start(t, 0)
	a, b := connect(t, s, Config{}), connect(t, s, Config{})
	inA, _ := a.listen(t, "tea")
	inB, _ := b.listen(t, "tea")
	other, _ := b.listen(t, "coffee")
	var all []string
	for i := range 100 {
		all = append(all, fmt.Sprint(i))
	}
	a.say(t, "tea", all...)
	inA.wants(t, all...)
	inB.wants(t, all...)
	a.say(t, "coffee", "black")
	other.wants(t, "black")
}

// The server that publishes behind its own subscription hears it, without waiting
// for anything in between.
func TestSubscribeThenPublish(t *testing.T) {
	b := connect(t, start(t, 0), Config{})
	in := make(inbox, 1)
	if _, err := b.Subscribe("tea", func(m string) { in <- m }); err != nil {
		t.Fatal(err)
	}
	b.say(t, "tea", "hot")
	in.wants(t, "hot")
}

func TestAnyTopicAndMessage(t *testing.T) {
	s := start(t, 0)
	a, b := connect(t, s, Config{}), connect(t, s, Config{})
	for _, topic := range []string{"", "=", " ", "a.b", "*", ">", "$SYS.x", "_INBOX", "\r\nPUB x 0\r\n", "\x00\xff", strings.Repeat("é", 5000)} {
		in, stop := a.listen(t, topic)
		b.say(t, topic, "", topic, "\x00\r\n")
		in.wants(t, "", topic, "\x00\r\n")
		stop()
	}
	everything, _ := a.listen(t, ">")
	b.say(t, "tea", "hot")
	b.say(t, ">", "only this")
	everything.wants(t, "only this")
}

func TestStop(t *testing.T) {
	b := connect(t, start(t, 0), Config{})
	stopped, stop := b.listen(t, "tea")
	still, _ := b.listen(t, "tea")
	stop()
	stop() // once more does nothing
	b.say(t, "tea", "hot")
	still.wants(t, "hot")
	if len(stopped) > 0 {
		t.Errorf("got %q behind stop", <-stopped)
	}
}

func TestPrefixesKeepApart(t *testing.T) {
	s := start(t, 0)
	shop, bar := connect(t, s, Config{Prefix: "shop"}), connect(t, s, Config{Prefix: "bar.live"})
	in, _ := shop.listen(t, "tea")
	bar.say(t, "tea", "from the bar")
	if err := bar.conn.Flush(); err != nil {
		t.Fatal(err)
	}
	shop.say(t, "tea", "from the shop")
	in.wants(t, "from the shop")
}

func TestConnectFails(t *testing.T) {
	s := start(t, 0)
	url := s.ClientURL()
	stop(s)
	if _, err := Connect(url, Config{}); !errors.Is(err, nats.ErrNoServers) {
		t.Errorf("nobody there: %v", err)
	}
	var wrong *PrefixError
	if _, err := Connect(url, Config{Prefix: "a b"}); !errors.As(err, &wrong) {
		t.Errorf("a prefix with a space: %v", err)
	}
}

func TestPublishFails(t *testing.T) {
	s := start(t, 0)
	b := connect(t, s, Config{})
	if err := b.Publish("tea", strings.Repeat("x", 1<<20+1)); !errors.Is(err, nats.ErrMaxPayload) {
		t.Errorf("more than a message holds: %v", err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := b.Publish("tea", "x"); !errors.Is(err, nats.ErrConnectionClosed) {
		t.Errorf("behind Close: %v", err)
	}
	if _, err := b.Subscribe("tea", func(string) {}); !errors.Is(err, nats.ErrConnectionClosed) {
		t.Errorf("behind Close: %v", err)
	}
	if err := b.Close(); err != nil {
		t.Errorf("Close once more: %v", err)
	}
}

// What was published before Close arrives.
func TestCloseLosesNothing(t *testing.T) {
	s := start(t, 0)
	a, b := connect(t, s, Config{}), connect(t, s, Config{})
	in, _ := b.listen(t, "tea")
	var all []string
	for i := range 500 {
		all = append(all, strings.Repeat(fmt.Sprint(i), 100))
	}
	a.say(t, "tea", all...)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	in.wants(t, all...)
}

// NATS goes away and comes back: who subscribes still does, and what was
// published meanwhile arrives.
func TestReconnect(t *testing.T) {
	s := start(t, 0)
	port := s.Addr().(*net.TCPAddr).Port
	lost, back := make(chan error, 10), make(chan string, 10)
	b := connect(t, s, Config{
		Failed: func(topic string, err error) {
			if topic != "" {
				t.Errorf("%q is concerned", topic)
			}
			lost <- err
		},
		Reconnected: func(url string) { back <- url },
		Options:     []nats.Option{nats.ReconnectWait(10 * time.Millisecond), nats.ReconnectJitter(0, 0)},
	})
	in, _ := b.listen(t, "tea")
	stop(s)
	if err := receive(t, lost); err == nil {
		t.Error("the connection is lost without an error")
	}
	b.say(t, "tea", "meanwhile")
	again := start(t, port)
	if url := receive(t, back); url != again.ClientURL() {
		t.Errorf("came back to %q, want %q", url, again.ClientURL())
	}
	b.say(t, "tea", "behind it")
	in.wants(t, "meanwhile", "behind it")
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

// A server that refuses the credentials for a while, as when they are being
// changed, is tried again, too.
func TestReconnectIsRefused(t *testing.T) {
	s := startFor(t, 0, "right")
	port := s.Addr().(*net.TCPAddr).Port
	refused, back := make(chan error, 100), make(chan string, 10)
	b := connect(t, s, Config{
		Failed: func(_ string, err error) {
			if errors.Is(err, nats.ErrAuthorization) {
				refused <- err
			}
		},
		Reconnected: func(url string) { back <- url },
		Options:     []nats.Option{nats.Token("right"), nats.ReconnectWait(10 * time.Millisecond), nats.ReconnectJitter(0, 0)},
	})
	in, _ := b.listen(t, "tea")
	stop(s)
	other := startFor(t, port, "other")
	for range 3 {
		receive(t, refused)
	}
	stop(other)
	startFor(t, port, "right")
	receive(t, back)
	b.say(t, "tea", "hot")
	in.wants(t, "hot")
}

// Memory has a bound when messages come faster than they are taken, and what is
// dropped is told.
// Messages wait until there are 64 MiB, or 500,000 of them, with the one that is handed out.
func TestSlowSubscriber(t *testing.T) {
	for name, test := range map[string]struct{ fits, size int }{"large": {60, 1 << 20}, "small": {499_999, 1}} {
		t.Run(name, func(t *testing.T) {
			failed := make(chan string, 10)
			b := connect(t, start(t, 0), Config{Failed: func(topic string, err error) {
				if errors.Is(err, nats.ErrSlowConsumer) {
					failed <- topic
				}
			}})
			begun, release := make(chan bool, 1), make(chan struct{})
			come := make(chan bool, 1)
			n := 0
			if _, err := b.Subscribe("hot tea", func(m string) {
				if n++; n == 1 {
					begun <- true
				}
				<-release
				if m == "last" {
					come <- true
				}
			}); err != nil {
				t.Fatal(err)
			}
			b.say(t, "hot tea", "first")
			receive(t, begun) // so that it does not wait
			message := strings.Repeat("x", test.size)
			for range test.fits - 1 {
				b.say(t, "hot tea", message)
			}
			b.say(t, "hot tea", "last")
			for range test.fits / 6 {
				b.say(t, "hot tea", message)
			}
			if diff := cmp.Diff("hot tea", receive(t, failed)); diff != "" {
				t.Error(diff)
			}
			close(release)
			receive(t, come)
		})
	}
}
