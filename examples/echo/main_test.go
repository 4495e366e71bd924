package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
)

func TestEcho(t *testing.T) {
	for _, tt := range []struct {
		event raxx.Event
		want  []raxx.Part
	}{
		{raxx.Open{}, nil},
		{raxx.Data("hello\x00\xff"), []raxx.Part{raxx.Data("hello\x00\xff")}},
		{raxx.Tail{}, []raxx.Part{raxx.Tail{}}},
		{raxx.Drain{}, []raxx.Part{raxx.Tail{}}},
		{raxx.Closed{Reason: raxx.ClientGone}, nil},
	} {
		if _, got := echo(struct{}{}, tt.event); cmp.Diff(tt.want, got) != "" {
			t.Errorf("%T: got %v, want %v", tt.event, got, tt.want)
		}
	}
}

func TestRunRefusesHalfACertificate(t *testing.T) {
	if err := run("127.0.0.1:0", "", "key.pem"); err == nil {
		t.Error("run with a key and no certificate returned nil")
	}
}
