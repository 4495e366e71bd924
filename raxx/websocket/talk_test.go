package websocket

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
)

// The tests of this package speak to a machine in frames, and write down what it
// answers as lines of text.

// diff fails the test if got is not want.
func diff(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("got differs from want (-want +got):\n%s", d)
	}
}

// client returns a frame of a client.
func client(h header, payload string) string {
	h.masked, h.key, h.length = true, testMask, int64(len(payload))
	b := append(appendHeader(nil, h), payload...)
	mask(b[len(b)-len(payload):], testMask)
	return string(b)
}

// whole returns a message in one frame, or a control frame.
func whole(op opcode, payload string) string { return client(header{op: op, fin: true}, payload) }

// first returns the first fragment of a message, more another one, and last the
// one that ends it.
func first(op opcode, payload string) string { return client(header{op: op}, payload) }
func more(payload string) string             { return client(header{}, payload) }
func last(payload string) string             { return client(header{fin: true}, payload) }

// goodbye returns a Close frame of a client.
func goodbye(code Code, reason string) string {
	return whole(opClose, string([]byte{byte(code >> 8), byte(code)})+reason)
}

// teller is an application that echoes, and publishes how it was closed.
func teller(s struct{}, event raxx.Event) (struct{}, []raxx.Part) {
	switch event := event.(type) {
	case Text, Binary:
		return s, []raxx.Part{event.(raxx.Part)}
	case Closed:
		cause := "said"
		if event.Cause != 0 {
			cause = event.Cause.String()
		}
		return s, []raxx.Part{raxx.Publish{Topic: "closed", Message: strings.TrimSpace(fmt.Sprint(uint16(event.Code), " ", cause))}}
	}
	return s, nil
}

// socket returns the machine around an application.
func socket(config Config, agreed deflation, app raxx.Machine) raxx.Machine {
	return raxx.NewMachine(newConn(config, agreed, app), conn.step)
}

// echoing returns a machine that echoes.
func echoing() raxx.Machine {
	return socket(Config{}, deflation{}, raxx.NewMachine(struct{}{}, teller))
}

// feed hands octets to a machine, chunk by chunk, and returns it with what it
// has said.
func feed(t testing.TB, m raxx.Machine, chunks ...string) (raxx.Machine, []string) {
	t.Helper()
	var all []raxx.Part
	for _, chunk := range chunks {
		var parts []raxx.Part
		m, parts = m.Step(raxx.Data(chunk))
		all = append(all, withLastWords(m, parts)...)
	}
	return m, said(t, all)
}

// hear hands events to a machine, and returns what it has said.
func hear(t testing.TB, m raxx.Machine, events ...raxx.Event) []string {
	t.Helper()
	var all, parts []raxx.Part
	for _, event := range events {
		m, parts = m.Step(event)
		all = append(all, withLastWords(m, parts)...)
	}
	return said(t, all)
}

// withLastWords returns what a server sends of parts that m has returned: if they end
// with an Abort, it asks m for its last words.
func withLastWords(m raxx.Machine, parts []raxx.Part) []raxx.Part {
	n := len(parts) - 1
	if n < 0 {
		return parts
	}
	if _, ok := parts[n].(raxx.Abort); !ok {
		return parts
	}
	return slices.Insert(slices.Clone(parts), n, raxx.Part(m.LastWords()))
}

// said writes parts down, one line for each, and for each frame in data.
func said(t testing.TB, parts []raxx.Part) (lines []string) {
	t.Helper()
	var data string
	for i, part := range parts {
		if d, ok := part.(raxx.Data); ok {
			if data += string(d); i+1 < len(parts) {
				continue
			}
		}
		lines, data = append(lines, frames(t, data)...), ""
		switch part := part.(type) {
		case raxx.Data:
		case raxx.Publish:
			lines = append(lines, part.Topic+" "+part.Message)
		case raxx.After:
			lines = append(lines, fmt.Sprint("after ", part.Delay))
		case raxx.Tail:
			lines = append(lines, "end")
		case raxx.Abort:
			lines = append(lines, "abort: "+part.Cause.String())
		default:
			lines = append(lines, fmt.Sprintf("%T %+v", part, part))
		}
	}
	return lines
}

// frames writes down the frames of a server.
func frames(t testing.TB, b string) (lines []string) {
	t.Helper()
	for b != "" {
		h, n, f := parseHeader(b)
		if f != nil || n == 0 || h.masked || int64(len(b)-n) < h.length {
			t.Fatalf("the server sent %q: %v", b, f)
		}
		payload := b[n : n+int(h.length)]
		b = b[n+int(h.length):]
		lines = append(lines, describe(h, payload))
	}
	return lines
}

func describe(h header, payload string) string {
	name := map[opcode]string{opText: "text", opBinary: "binary", opPing: "ping", opPong: "pong", opClose: "close"}[h.op]
	if h.packed {
		name = "packed " + name
	}
	if h.op == opClose {
		if payload == "" {
			return "close"
		}
		code, reason := int(payload[0])<<8|int(payload[1]), payload[2:]
		return strings.TrimSpace(fmt.Sprintf("close %d %s", code, reason))
	}
	if len(payload) > 300 {
		payload = fmt.Sprint(len(payload), " octets")
	}
	return name + " " + payload
}

// everySplit checks that a machine says want however the octets come: whole, one
// by one, and cut in two at every place.
func everySplit(t *testing.T, m raxx.Machine, in string, want []string) {
	t.Helper()
	check := func(how string, chunks ...string) {
		t.Helper()
		if _, got := feed(t, m, chunks...); cmp.Diff(want, got) != "" {
			t.Fatalf("%s:\n%s", how, cmp.Diff(want, got))
		}
	}
	check("whole", in)
	check("octet by octet", octets(in)...)
	for i := 1; i < len(in); i += max(1, len(in)/500) {
		check(fmt.Sprint("cut at ", i), in[:i], in[i:])
	}
}

// A row is what a client sends, and what it is answered.
type row struct {
	name string
	in   string
	want []string
}

func run(t *testing.T, m raxx.Machine, rows []row) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) { everySplit(t, m, r.in, r.want) })
	}
}

// octets cuts in into pieces of one octet.
func octets(in string) (all []string) {
	for i := range len(in) {
		all = append(all, in[i:i+1])
	}
	return all
}
