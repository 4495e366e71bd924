package nats

import (
	"errors"
	"strings"
	"testing"
)

func TestSubjects(t *testing.T) {
	for _, tt := range []struct{ name, topic, want string }{
		{"what is plain stands for itself", "rooms/Tea-1_2:@+,~!", "raxx.rooms/Tea-1_2:@+,~!"},
		{"a dot does not separate", "a.b", "raxx.a=2Eb"},
		{"an asterisk is no wildcard", "*", "raxx.=2A"},
		{"nor is an angle bracket", ">", "raxx.=3E"},
		{"spaces and line ends", "a b\r\n\t", "raxx.a=20b=0D=0A=09"},
		{"what escapes is escaped", "=20", "raxx.=3D20"},
		{"an equals sign", "=", "raxx.=3D"},
		{"nothing", "", "raxx.="},
		{"a dollar, which begins names of NATS's own", "$SYS", "raxx.=24SYS"},
		{"what is not ASCII", "√", "raxx.=E2=88=9A"},
		{"what is not UTF-8", "\xff\x00", "raxx.=FF=00"},
		{"as long as may be", strings.Repeat("a", 512), "raxx." + strings.Repeat("a", 512)},
		{"one longer", strings.Repeat("a", 513), "raxx.==02425c0f5b0dabf3d2b9115f3f7723a02ad8bcfb1534a0d231614fd42b8188f6"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := newSubjects("")
			if err != nil {
				t.Fatal(err)
			}
			if got := s.of(tt.topic); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// Of a topic that was too long, the hash is told as it stands in the subject.
func TestTopicThatWasTooLong(t *testing.T) {
	s := subjects{"p"}
	subject := s.of(strings.Repeat("a", longest+1))
	if got := s.topic(subject); "p."+got != subject {
		t.Errorf("got %q of the subject %q", got, subject)
	}
}

func TestPrefixes(t *testing.T) {
	for _, prefix := range []string{"shop", "shop.staging", "$X"} {
		if s, err := newSubjects(prefix); err != nil || s.of("a") != prefix+".a" {
			t.Errorf("%q: %v, %v", prefix, s, err)
		}
	}
	for _, prefix := range []string{".", "a.", ".a", "a..b", "a b", "*", "a.>", "a\r\n", "ä"} {
		_, err := newSubjects(prefix)
		var wrong *PrefixError
		if !errors.As(err, &wrong) || wrong.Prefix != prefix {
			t.Errorf("%q: %v", prefix, err)
		}
	}
}

// Whatever a topic is, its subject is one token that NATS takes, and no other
// topic has it.
func FuzzSubjects(f *testing.F) {
	for _, topic := range []string{"", "=", "==", "=3D", "=2", "a.b", "*", ">", "rooms/tea", "\xff", strings.Repeat(" ", 200)} {
		f.Add(topic)
	}
	f.Fuzz(func(t *testing.T, topic string) {
		s := subjects{"p"}
		subject := s.of(topic)
		token := strings.TrimPrefix(subject, "p.")
		if token == "" || len(token) > longest || strings.ContainsAny(token, ".*> \t\r\n\x00") {
			t.Errorf("%q has the subject %q", topic, subject)
		}
		if back := s.topic(subject); back != topic && !strings.HasPrefix(token, hashed) {
			t.Errorf("%q has the subject %q, which is that of %q", topic, subject, back)
		}
	})
}
