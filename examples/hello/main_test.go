package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
)

func TestApp(t *testing.T) {
	text := raxx.Data("some text")
	for _, test := range []struct {
		name    string
		request raxx.Request
		want    raxx.Response
	}{
		{"greets the world", raxx.Get("/"), raxx.Text(200, "Hello, World!")},
		{"greets by name", raxx.Get("/hello/Ada"), raxx.Text(200, "Hello, Ada!")},
		{"decodes the name once", raxx.Get("/hello/%E2%88%9A%2525%2F"), raxx.Text(200, "Hello, √%25/!")},
		{"echoes", raxx.Post("/echo", "text/plain", text), raxx.Reply(200, "text/plain", text)},
		{"echoes what was put", raxx.Put("/echo", "a/b", text), raxx.Reply(200, "a/b", text)},
		{"echoes bytes of no type", raxx.New("POST", "/echo", text), raxx.Reply(200, "application/octet-stream", text)},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, app()(test.request)); diff != "" {
				t.Errorf("unexpected response (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAppRefuses(t *testing.T) {
	for _, test := range []struct {
		request raxx.Request
		status  int
		allow   string
	}{
		{raxx.Get("/nowhere"), 404, ""},
		{raxx.Delete("/"), 405, "GET, HEAD, OPTIONS"},
		{raxx.Get("/hello/%zz"), 400, ""},
	} {
		resp := app()(test.request)
		if resp.Status != test.status || resp.Header.Get("allow") != test.allow {
			t.Errorf("%s %s: got %d, allow %q, want %d, %q", test.request.Method, test.request.Path,
				resp.Status, resp.Header.Get("allow"), test.status, test.allow)
		}
	}
}

func TestRunRefusesHalfACertificate(t *testing.T) {
	if err := run("127.0.0.1:0", "", "key.pem"); err == nil {
		t.Error("run with a key and no certificate returned nil")
	}
}
