package websocket

import (
	"math"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/raxx-go/raxx/raxx"
)

// Clients that say nothing are asked whether they are still there.
func TestIdle(t *testing.T) {
	tick := raxx.Timer{Name: timerName}
	pong, text := raxx.Data(whole(opPong, "")), raxx.Data(whole(opText, "x"))
	rows := []struct {
		name   string
		config Config
		events []raxx.Event
		want   []string
	}{
		{"the first ping after 30 s", Config{}, []raxx.Event{raxx.Open{}, tick}, []string{"after 30s", "ping ", "after 30s"}},
		{"another interval", Config{PingInterval: time.Minute}, []raxx.Event{raxx.Open{}, tick}, []string{"after 1m0s", "ping ", "after 1m0s"}},
		{"no pings", Config{PingInterval: -1}, []raxx.Event{raxx.Open{}, text}, []string{"text x"}},
		{"a client that answers", Config{}, []raxx.Event{raxx.Open{}, tick, pong, tick, pong, tick},
			[]string{"after 30s", "ping ", "after 30s", "ping ", "after 30s", "ping ", "after 30s"}},
		{"a client that does not answer", Config{}, []raxx.Event{raxx.Open{}, tick, tick},
			[]string{"after 30s", "ping ", "after 30s", "closed 1006 the client took too long", "end"}},
		{"what the client says is an answer", Config{}, []raxx.Event{raxx.Open{}, tick, raxx.Data(whole(opText, "x")[:3]), tick},
			[]string{"after 30s", "ping ", "after 30s", "ping ", "after 30s"}},
		{"no ping in the middle of a conversation", Config{}, []raxx.Event{raxx.Open{}, text, tick},
			[]string{"after 30s", "text x", "after 30s"}},
		{"a conversation that ends", Config{}, []raxx.Event{raxx.Open{}, text, tick, tick, tick},
			[]string{"after 30s", "text x", "after 30s", "ping ", "after 30s", "closed 1006 the client took too long", "end"}},
		{"a client that speaks and is not answered", Config{}, []raxx.Event{raxx.Open{}, pong, tick, pong, tick},
			[]string{"after 30s", "ping ", "after 30s", "ping ", "after 30s"}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			m := socket(r.config, deflation{}, raxx.NewMachine(struct{}{}, teller))
			diff(t, r.want, hear(t, m, r.events...))
		})
	}
}

// What costs work and leads nowhere is bounded.
func TestFloods(t *testing.T) {
	pings := strings.Repeat(whole(opPing, ""), maxControls)
	tooMany := []string{"close 1008 too many pings", "closed 1008 the client broke the protocol", "end"}
	quiet := socket(Config{PingInterval: -1}, deflation{}, raxx.NewMachine(struct{}{}, teller))
	rows := []struct {
		name   string
		m      raxx.Machine
		events []raxx.Event
		want   []string // at the end
	}{
		{"1,000 pings", echoing(), []raxx.Event{raxx.Data(pings)}, []string{"pong "}},
		{"1,001 pings", echoing(), []raxx.Event{raxx.Data(pings), raxx.Data(whole(opPing, ""))}, tooMany},
		{"1,001 pongs", echoing(), []raxx.Event{raxx.Data(strings.Repeat(whole(opPong, ""), maxControls+1))}, tooMany},
		{"a message in between", echoing(), []raxx.Event{raxx.Data(pings), raxx.Data(whole(opText, "x")), raxx.Data(pings)}, []string{"pong "}},
		{"a binary message in between", echoing(), []raxx.Event{raxx.Data(pings), raxx.Data(whole(opBinary, "x")), raxx.Data(pings)}, []string{"pong "}},
		{"an interval in between", echoing(), []raxx.Event{raxx.Data(pings), raxx.Timer{Name: timerName}, raxx.Data(pings)}, []string{"pong "}},
		{"nobody counts without intervals", quiet, []raxx.Event{raxx.Data(pings), raxx.Data(pings)}, []string{"pong "}},
		{"100 empty fragments", echoing(), []raxx.Event{raxx.Data(first(opText, "x") + strings.Repeat(more(""), maxEmpties) + last("y"))}, []string{"text xy"}},
		{"100 empty fragments in each of two messages", echoing(), []raxx.Event{raxx.Data(strings.Repeat(first(opText, "x")+strings.Repeat(more(""), maxEmpties)+last("y"), 2))}, []string{"text xy", "text xy"}},
		{"100 empty fragments, and an empty one at the end", echoing(), []raxx.Event{raxx.Data(first(opText, "x") + strings.Repeat(more(""), maxEmpties) + last(""))}, []string{"text x"}},
		{"101 empty fragments", echoing(), []raxx.Event{raxx.Data(first(opText, "x") + strings.Repeat(more(""), maxEmpties+1))},
			[]string{"close 1008 too many empty fragments", "closed 1008 the client broke the protocol", "end"}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			got := hear(t, r.m, r.events...)
			diff(t, r.want, got[max(0, len(got)-len(r.want)):])
		})
	}
}

// RFC 6455, Section 10.4: limits on the size of messages.
func TestMessageLimit(t *testing.T) {
	limited := socket(Config{MessageLimit: 10}, deflation{}, raxx.NewMachine(struct{}{}, teller))
	unlimited := socket(Config{MessageLimit: -1}, deflation{}, raxx.NewMachine(struct{}{}, teller))
	tooBig := refused("1009", "the message is too big")
	byDefault := strings.Repeat("x", 1<<20)
	run(t, limited, []row{
		{"10.4 ten octets", whole(opText, "0123456789"), []string{"text 0123456789"}},
		{"10.4 eleven octets", whole(opText, "0123456789a"), tooBig},
		{"10.4 ten octets in fragments", first(opText, "012345678") + last("9"), []string{"text 0123456789"}},
		{"10.4 eleven octets in fragments", first(opText, "0123456789") + last("a"), tooBig},
		{"10.4 before the octets have come", whole(opText, "0123456789a")[:6], tooBig},
		{"10.4 more than there is memory for", "\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00", tooBig},
		{"10.4 the limit is for each message", whole(opText, "0123456789") + whole(opText, "0123456789"), []string{"text 0123456789", "text 0123456789"}},
	})
	for _, r := range []struct {
		name string
		m    raxx.Machine
		in   string
		want []string
	}{
		{"10.4 1 MiB by default", echoing(), whole(opText, byDefault), []string{"text 1048576 octets"}},
		{"10.4 one more by default", echoing(), whole(opText, byDefault+"x"), tooBig},
		{"10.4 without a limit", unlimited, whole(opText, byDefault+"x"), []string{"text 1048577 octets"}},
	} {
		t.Run(r.name, func(t *testing.T) {
			_, got := feed(t, r.m, r.in)
			diff(t, r.want, got)
		})
	}
}

// A large message comes in many pieces: the work for it and the memory are in
// proportion to it.
func TestLargeMessage(t *testing.T) {
	m := socket(Config{MessageLimit: 16 << 20}, deflation{}, raxx.NewMachine(struct{}{}, teller))
	one := whole(opBinary, strings.Repeat("x", 16<<20))
	var many strings.Builder
	many.WriteString(first(opText, ""))
	for range 4 << 20 / 64 {
		many.WriteString(more(strings.Repeat("y", 64)))
	}
	many.WriteString(last(""))
	for name, in := range map[string]string{"16777216": one, "4194304": many.String()} {
		var chunks []string
		for ; len(in) > 16<<10; in = in[16<<10:] {
			chunks = append(chunks, in[:16<<10])
		}
		_, got := feed(t, m, append(chunks, in)...)
		if len(got) != 1 || !strings.HasSuffix(got[0], " "+name+" octets") {
			t.Errorf("%s octets: %d lines", name, len(got))
		}
	}
}

// The memory that a client's word alone takes is small.
func TestPromisesTakeNoMemory(t *testing.T) {
	s := span{}.append("x", 0, 1<<40)
	if n := len(s.in.b); n > firstBuffer {
		t.Errorf("one octet takes %d", n)
	}
	s = s.append(strings.Repeat("x", 1<<20), 0, 1<<40)
	if n := len(s.in.b); n > 3<<20 {
		t.Errorf("1 MiB takes %d", n)
	}
}

// A message in fragments does not hold on to much more memory than it needs.
func TestMessagesTakeNoMoreThanTheyNeed(t *testing.T) {
	s := span{}.append(strings.Repeat("x", 1000), 0, math.MaxInt64)
	if text := s.text(); unsafe.StringData(text) == &s.in.b[0] {
		t.Errorf("1,000 octets hold %d", len(s.in.b))
	}
	s = span{}.append(strings.Repeat("x", 1000), 0, 1000)
	if text := s.text(); unsafe.StringData(text) != &s.in.b[0] {
		t.Error("a message of which the size was known is copied")
	}
}
