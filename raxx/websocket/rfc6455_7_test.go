package websocket

import (
	"strings"
	"testing"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// RFC 6455, Section 7: how a connection is closed by the client.
func TestClose(t *testing.T) {
	answered := func(code string) []string { return []string{"close " + code, "closed " + code + " said", "end"} }
	never := refused("1002", "a close code that is never sent (RFC 6455, 7.4)")
	notText := refused("1007", "a reason that is not UTF-8 (RFC 6455, 5.5.1)")
	run(t, echoing(), []row{
		{"5.5.1 a Close without a code", whole(opClose, ""), []string{"close", "closed 1005 said", "end"}},
		{"5.5.1 a Close with half a code", whole(opClose, "\x03"), refused("1002", "half a close code (RFC 6455, 5.5.1)")},
		{"5.5.1 a Close with a code", goodbye(1000, ""), answered("1000")},
		{"5.5.1 a Close with a reason", goodbye(1000, "Hello"), answered("1000")},
		{"5.5.1 a Close with a reason of 123 octets", goodbye(1000, strings.Repeat("x", 123)), answered("1000")},
		{"5.5.1 a Close with a reason of 124 octets", goodbye(1000, strings.Repeat("x", 124)), refused("1002", "a control frame of more than 125 octets (RFC 6455, 5.5)")},
		{"5.5.1 a Close with a reason that is not UTF-8", goodbye(1000, "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited"), notText},
		{"5.5.1 a Close with a reason that breaks off", goodbye(1000, "\xe2\x82"), notText},
		{"5.5.1 nothing is heard behind a Close", goodbye(1000, "") + whole(opText, "x"), answered("1000")},
		{"5.5.1 a second Close", goodbye(1000, "") + goodbye(1001, ""), answered("1000")},
		{"5.5.1 a ping behind a Close", goodbye(1000, "") + whole(opPing, "x"), answered("1000")},
		{"5.5.1 what breaks the protocol behind a Close", goodbye(1000, "") + "\xff\xff", answered("1000")},
		{"7.1 a text, and a Close", whole(opText, "x") + goodbye(1001, ""), append([]string{"text x"}, answered("1001")...)},
		{"7.4.1 code 1001", goodbye(1001, ""), answered("1001")},
		{"7.4.1 code 1002", goodbye(1002, ""), answered("1002")},
		{"7.4.1 code 1003", goodbye(1003, ""), answered("1003")},
		{"7.4.1 code 1007", goodbye(1007, ""), answered("1007")},
		{"7.4.1 code 1008", goodbye(1008, ""), answered("1008")},
		{"7.4.1 code 1009", goodbye(1009, ""), answered("1009")},
		{"7.4.1 code 1010", goodbye(1010, ""), answered("1010")},
		{"7.4.1 code 1011", goodbye(1011, ""), answered("1011")},
		{"7.4.1 code 1012", goodbye(1012, ""), answered("1012")},
		{"7.4.1 code 1013", goodbye(1013, ""), answered("1013")},
		{"7.4.1 code 1014", goodbye(1014, ""), answered("1014")},
		{"7.4.2 code 3000", goodbye(3000, ""), answered("3000")},
		{"7.4.2 code 3999", goodbye(3999, ""), answered("3999")},
		{"7.4.2 code 4000", goodbye(4000, ""), answered("4000")},
		{"7.4.2 code 4999", goodbye(4999, ""), answered("4999")},
		{"7.4.2 code 0", goodbye(0, ""), never},
		{"7.4.2 code 999", goodbye(999, ""), never},
		{"7.4.1 code 1004", goodbye(1004, ""), never},
		{"7.4.1 code 1005", goodbye(1005, ""), never},
		{"7.4.1 code 1006", goodbye(1006, ""), never},
		{"7.4.1 code 1015", goodbye(1015, ""), never},
		{"7.4.2 code 1016", goodbye(1016, ""), never},
		{"7.4.2 code 1100", goodbye(1100, ""), never},
		{"7.4.2 code 2000", goodbye(2000, ""), never},
		{"7.4.2 code 2999", goodbye(2999, ""), never},
		{"7.4.2 code 5000", goodbye(5000, ""), never},
		{"7.4.2 code 65535", goodbye(65535, ""), never},
	})
}

// leaver closes when it hears something, and publishes what it hears.
func leaver(s Close, event raxx.Event) (Close, []raxx.Part) {
	switch event := event.(type) {
	case raxx.Open, raxx.Drain:
	case Text:
		return s, []raxx.Part{Text("bye"), s}
	case raxx.Tail, raxx.Info, raxx.Timer:
		return s, []raxx.Part{raxx.Publish{Topic: "heard", Message: "something"}}
	default:
		_, parts := teller(struct{}{}, event)
		return s, parts
	}
	return s, nil
}

// RFC 6455, Section 7: how a connection is closed by the application.
func TestApplicationCloses(t *testing.T) {
	m := func(c Close) raxx.Machine { return socket(Config{}, deflation{}, raxx.NewMachine(c, leaver)) }
	text := func(lines ...string) []string {
		return append([]string{"text bye", "close 1000", "after 5s"}, lines...)
	}
	rows := []struct {
		name   string
		close  Close
		events []raxx.Event
		want   []string
	}{
		{"7.1.2 a Close without a code is a normal one", Close{}, []raxx.Event{raxx.Data(whole(opText, "x"))}, text()},
		{"7.1.2 a Close with a code and a reason", Close{4000, "that's all"}, []raxx.Event{raxx.Data(whole(opText, "x"))},
			[]string{"text bye", "close 4000 that's all", "after 5s"}},
		{"7.1.2 a reason that is too long is cut between characters", Close{1008, "a" + strings.Repeat("€", 50)}, []raxx.Event{raxx.Data(whole(opText, "x"))},
			[]string{"text bye", "close 1008 a" + strings.Repeat("€", 40), "after 5s"}},
		{"7.1.2 a reason that is not UTF-8 is mended", Close{1008, "a\xffb"}, []raxx.Event{raxx.Data(whole(opText, "x"))},
			[]string{"text bye", "close 1008 a\uFFFDb", "after 5s"}},
		{"7.1.3 the client's answer ends it", Close{}, []raxx.Event{raxx.Data(whole(opText, "x")), raxx.Data(goodbye(1000, ""))},
			text("closed 1000 said", "end")},
		{"7.1.3 the client may say another code", Close{}, []raxx.Event{raxx.Data(whole(opText, "x")), raxx.Data(goodbye(1001, ""))},
			text("closed 1001 said", "end")},
		{"7.1.3 no answer is a fault of the client", Close{}, []raxx.Event{raxx.Data(whole(opText, "x")), raxx.Timer{Name: timerName}},
			text("closed 1006 the client took too long", "end")},
		{"7.1.3 an answer that breaks the protocol is not answered", Close{}, []raxx.Event{raxx.Data(whole(opText, "x")), raxx.Data("\xff\xff")},
			text("closed 1002 the client broke the protocol", "end")},
		{"7.1.3 what came before the answer is not heard", Close{}, []raxx.Event{
			raxx.Data(whole(opText, "x") + whole(opText, "y")), raxx.Data(whole(opPing, "z")), raxx.Info{}, raxx.Timer{}, raxx.Drain{}, raxx.Data(goodbye(1000, "")),
		}, text("closed 1000 said", "end")},
		{"7.1.5 a connection that ends without a Close", Close{}, []raxx.Event{raxx.Tail{}}, []string{"closed 1006 the client has gone away", "end"}},
		{"7.1.5 a connection that is lost", Close{}, []raxx.Event{raxx.Closed{Reason: raxx.ClientGone}}, []string{"closed 1006 the client has gone away"}},
		{"7.1.5 a connection that ends before the answer", Close{}, []raxx.Event{raxx.Data(whole(opText, "x")), raxx.Closed{Reason: raxx.ServerClosed}},
			text("closed 1006 the server is closed")},
		{"7.1.5 nothing happens after the end", Close{}, []raxx.Event{raxx.Tail{}, raxx.Closed{}, raxx.Data("x"), raxx.Info{}}, []string{"closed 1006 the client has gone away", "end"}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			diff(t, r.want, hear(t, m(r.close), r.events...))
		})
	}
}

func TestCloseTimeoutIsSet(t *testing.T) {
	m := socket(Config{CloseTimeout: time.Minute}, deflation{}, raxx.NewMachine(Close{}, leaver))
	want := []string{"text bye", "close 1000", "after 1m0s"}
	diff(t, want, hear(t, m, raxx.Data(whole(opText, "x"))))
}

func TestCodesHaveWords(t *testing.T) {
	seen := map[string]Code{}
	for code := Code(1000); code < 1016; code++ {
		text := code.String()
		if other, again := seen[text]; again {
			t.Errorf("%d and %d are both %q", code, other, text)
		}
		if named := !strings.HasPrefix(text, "code "); named == (code == 1004) {
			t.Errorf("%d is %q", code, text)
		}
		seen[text] = code
	}
	if got := Code(4001).String(); got != "code 4001" {
		t.Errorf("4001 is %q", got)
	}
}
