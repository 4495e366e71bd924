package seal

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func secret(c byte) []byte { return bytes.Repeat([]byte{c}, MinSecret) }

func newSealer(t testing.TB, mode Mode, purpose string, secrets ...[]byte) *Sealer {
	t.Helper()
	s, err := New(mode, purpose, secrets)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func modes(t *testing.T, run func(t *testing.T, mode Mode)) {
	t.Run("encrypted", func(t *testing.T) { run(t, Encrypted) })
	t.Run("signed", func(t *testing.T) { run(t, Signed) })
}

func TestSealThenOpen(t *testing.T) {
	modes(t, func(t *testing.T, mode Mode) {
		s := newSealer(t, mode, "test", secret('a'))
		for _, message := range []string{"", "x", strings.Repeat("long ", 1000)} {
			text := s.Seal([]byte(message), "here")
			got, ok := s.Open(text, "here")
			if !ok || string(got) != message {
				t.Errorf("opened %q, %v, want %q", got, ok, message)
			}
			if len(text) != s.Len(len(message)) {
				t.Errorf("the text has %d bytes, Len says %d", len(text), s.Len(len(message)))
			}
		}
	})
}

func TestOpensOnlyWhatItSealed(t *testing.T) {
	modes(t, func(t *testing.T, mode Mode) {
		s := newSealer(t, mode, "test", secret('a'))
		other := Signed - mode
		text := s.Seal([]byte("message"), "here")
		opens := func(s *Sealer, text, context string) bool {
			_, ok := s.Open(text, context)
			return ok
		}
		tests := []struct {
			name   string
			opened bool
		}{
			{"another context", opens(s, text, "there")},
			{"no context", opens(s, text, "")},
			{"another purpose", opens(newSealer(t, mode, "other", secret('a')), text, "here")},
			{"another secret", opens(newSealer(t, mode, "test", secret('b')), text, "here")},
			{"another mode", opens(newSealer(t, other, "test", secret('a')), text, "here")},
			{"the prefix of another mode", opens(newSealer(t, other, "test", secret('a')), prefixes[other]+text[3:], "here")},
			{"no prefix", opens(s, text[3:], "here")},
			{"another version", opens(s, text[:1]+"2"+text[2:], "here")},
			{"padding", opens(s, text+"=", "here")},
			{"a line break", opens(s, text+"\n", "here")},
			{"more", opens(s, text+"AAAA", "here")},
			{"nothing", opens(s, "", "here")},
			{"a prefix only", opens(s, text[:3], "here")},
			{"too short", opens(s, text[:12], "here")},
		}
		for _, test := range tests {
			if test.opened {
				t.Errorf("%s opens", test.name)
			}
		}
		for i := range text {
			changed := []byte(text)
			changed[i] ^= 1
			if opens(s, string(changed), "here") {
				t.Errorf("a text whose byte %d was changed opens", i)
			}
		}
	})
}

func TestContextAndMessageDoNotRunTogether(t *testing.T) {
	modes(t, func(t *testing.T, mode Mode) {
		s := newSealer(t, mode, "test", secret('a'))
		text := s.Seal([]byte("bc"), "a")
		if message, ok := s.Open(text, "ab"); ok {
			t.Errorf("opened %q in another context", message)
		}
	})
}

func TestSecretsAreRotated(t *testing.T) {
	modes(t, func(t *testing.T, mode Mode) {
		old := newSealer(t, mode, "test", secret('a'))
		both := newSealer(t, mode, "test", secret('b'), secret('a'))
		retired := newSealer(t, mode, "test", secret('b'))
		opens := func(s *Sealer, text string) bool {
			message, ok := s.Open(text, "")
			return ok && string(message) == "m"
		}
		before, after := old.Seal([]byte("m"), ""), both.Seal([]byte("m"), "")
		got := []bool{opens(both, before), opens(both, after), opens(retired, after), opens(retired, before), opens(old, after)}
		if diff := cmp.Diff([]bool{true, true, true, false, false}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestEncryptedTextsTellNothing(t *testing.T) {
	s := newSealer(t, Encrypted, "test", secret('a'))
	one, two := s.Seal([]byte("secret"), ""), s.Seal([]byte("secret"), "")
	if one == two {
		t.Error("the same message has the same text twice")
	}
	signed := newSealer(t, Signed, "test", secret('a')).Seal([]byte("secret"), "")
	raw, _ := encoding.DecodeString(signed[3:])
	if !bytes.Contains(raw, []byte("secret")) {
		t.Error("a signed message can't be read")
	}
	raw, _ = encoding.DecodeString(one[3:])
	if bytes.Contains(raw, []byte("secret")) {
		t.Error("an encrypted message can be read")
	}
}

func TestSecretsThatAreRefused(t *testing.T) {
	tests := map[string]struct {
		secrets [][]byte
		want    string
	}{
		"none":           {nil, "no secret"},
		"short":          {[][]byte{make([]byte, 31)}, "has 31 bytes"},
		"the second one": {[][]byte{make([]byte, 32), nil}, "secret 1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := New(Encrypted, "test", test.secrets); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, want %q", err, test.want)
			}
		})
	}
}

// Whatever opens is a text that was sealed: the fuzzer has none but the two that
// it is given.
func FuzzOpen(f *testing.F) {
	encrypted, signed := newSealer(f, Encrypted, "test", secret('a')), newSealer(f, Signed, "test", secret('a'))
	known := map[string]bool{encrypted.Seal([]byte("m"), "c"): true, signed.Seal([]byte("m"), "c"): true}
	for text := range known {
		f.Add(text, "c")
		f.Add(text[:len(text)-1], "c")
		f.Add(text+"A", "")
	}
	f.Add("e1.", "")
	f.Fuzz(func(t *testing.T, text, context string) {
		for _, s := range []*Sealer{encrypted, signed} {
			message, ok := s.Open(text, context)
			if !ok {
				if message != nil {
					t.Errorf("what did not open gave %q", message)
				}
				continue
			}
			if string(message) != "m" || context != "c" {
				t.Errorf("%q opened in %q as %q", text, context, message)
			}
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	for name, mode := range map[string]Mode{"encrypted": Encrypted, "signed": Signed} {
		b.Run(name, func(b *testing.B) {
			s := newSealer(b, mode, "test", secret('a'))
			text := s.Seal(make([]byte, 200), "context")
			b.ReportAllocs()
			for b.Loop() {
				s.Open(text, "context")
			}
		})
	}
}
