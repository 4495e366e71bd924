package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run is the command: a benchmark, or with "serve" one of its servers, or with
// "foe" one who does these harm.
func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 && args[0] == "serve" {
		return serve(args[1:])
	}
	if len(args) > 0 && args[0] == "foe" {
		return doHarm()
	}
	if runtime.GOOS != "linux" {
		return errors.New("this runs on Linux only: what a server costs is read from /proc")
	}
	o, err := parseOptions(args)
	if err != nil {
		return err
	}
	return benchmark(ctx, o, out)
}

// benchmark measures all that the options ask for, prints the tables and writes
// the report.
func benchmark(ctx context.Context, o options, out io.Writer) error {
	b, err := newBench(o)
	if err != nil {
		return err
	}
	defer b.close()
	r := newReport(o)
	for _, w := range o.works {
		t, err := b.compare(ctx, w)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		r.add(t, out)
	}
	for _, w := range idleWorks {
		if o.idle == 0 {
			break
		}
		t, err := b.compareIdle(ctx, w)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		r.add(t, out)
	}
	for _, w := range o.live {
		t, err := b.compareLive(ctx, w)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		section := t.markdown()
		fmt.Fprintln(out, section)
		r.sections = append(r.sections, section)
	}
	for _, w := range o.safety {
		t, err := b.compareHarm(ctx, w)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		r.add(t, out)
	}
	if o.report == "" {
		return nil
	}
	return os.WriteFile(o.report, []byte(r.markdown()), 0o644)
}
