package ace

import (
	"errors"
	"strings"
	"testing"
)

func TestParseAddress(t *testing.T) {
	for text, want := range map[string]address{
		"127.0.0.1:8080":       {kind: overTCP, network: "tcp", rest: "127.0.0.1:8080"},
		":http":                {kind: overTCP, network: "tcp", rest: ":http"},
		"[::1]:0":              {kind: overTCP, network: "tcp", rest: "[::1]:0"},
		"[fe80::1%eth0]:80":    {kind: overTCP, network: "tcp", rest: "[fe80::1%eth0]:80"},
		"example.com:80":       {kind: overTCP, network: "tcp", rest: "example.com:80"},
		"tcp:fd:80":            {kind: overTCP, network: "tcp", rest: "fd:80"},
		"tcp4::80":             {kind: overTCP, network: "tcp4", rest: ":80"},
		"tcp6:[::]:80":         {kind: overTCP, network: "tcp6", rest: "[::]:80"},
		"unix:/run/app.sock":   {kind: overUnix, network: "tcp", rest: "/run/app.sock"},
		"unix:///run/app.sock": {kind: overUnix, network: "tcp", rest: "///run/app.sock"},
		"unix:a:b":             {kind: overUnix, network: "tcp", rest: "a:b"},
		"unix:@app":            {kind: overUnix, network: "tcp", rest: "@app"},
		"fd:3":                 {kind: byNumber, network: "tcp", rest: "fd:3", fd: 3},
		"systemd:":             {kind: byName, network: "tcp", rest: ""},
		"systemd:web.socket":   {kind: byName, network: "tcp", rest: "web.socket"},
	} {
		want.text = text
		if got, err := parseAddress(text); got != want || err != nil {
			t.Errorf("parseAddress(%q) = %+v, %v; want %+v", text, got, err, want)
		}
	}
}

func TestAddressErrorsTeach(t *testing.T) {
	for text, hint := range map[string]string{
		"":                    "write :8080",
		"8080":                "write :8080",
		"localhost":           "no port",
		"localhost:":          "port is empty",
		":":                   "port is empty",
		"tcp:80":              "no port",
		"tcp4:":               "empty",
		"::1:8080":            "in brackets",
		"[::1]":               "host:port",
		"[::1:8080":           "host:port",
		"::":                  "in brackets",
		"127.0.0.1:65536":     `no port "65536"`,
		"127.0.0.1:-1":        `no port "-1"`,
		":no-such-service":    `no port "no-such-service"`,
		"http://localhost:80": "a URL is no address",
		"/run/app.sock":       "unix:/path",
		"unix:":               "path is empty",
		"unix:@":              "path is empty",
		"unix:a\x00b":         "NUL",
		"fd:":                 "no number",
		"fd:three":            "no number",
		"fd:-1":               "no number",
		"fd:99999999999":      "no number",
	} {
		_, err := Listen(text)
		var wrong *AddressError
		if !errors.As(err, &wrong) || wrong.Address != text || !strings.Contains(wrong.Reason, hint) {
			t.Errorf("Listen(%q) returned %v, want a hint at %q", text, err, hint)
			continue
		}
		if text := err.Error(); !strings.Contains(text, "systemd:name") || !strings.HasPrefix(text, "ace: listen on ") {
			t.Errorf("%q does not tell the forms", text)
		}
	}
}
