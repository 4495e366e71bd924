package main

import (
	_ "embed"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// A report is the text of docs/benchmarks.md.
type report struct {
	options
	began    time.Time
	sections []string
}

func newReport(o options) *report { return &report{options: o, began: time.Now()} }

// add adds a table, and prints it.
func (r *report) add(t *table, out io.Writer) {
	section := t.markdown()
	fmt.Fprintln(out, section)
	r.sections = append(r.sections, section)
}

//go:embed method.md
var method string

func (r *report) markdown() string {
	var b strings.Builder
	b.WriteString("# Benchmarks\n\nThis file is written by its command; don't edit it.\n\n| | |\n| --- | --- |\n")
	for _, fact := range r.facts() {
		fmt.Fprintf(&b, "| %s | %s |\n", fact[0], fact[1])
	}
	b.WriteString("\n## What is compared\n\n| server | version | what it is |\n| --- | --- | --- |\n")
	for _, p := range r.peers {
		if p.installed() {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", p.name, version(p), p.about)
		}
	}
	if len(r.live) > 0 {
		b.WriteString("\nFor event streams and WebSockets:\n\n| server | version | what it is |\n| --- | --- | --- |\n")
		for _, p := range livePeers {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", p.name, liveVersion(p), p.about)
		}
	}
	fmt.Fprintf(&b, "\n%s\n## Results\n\n%s", method, strings.Join(r.sections, "\n"))
	return b.String()
}

// facts are where, when and how the report was made.
func (r *report) facts() [][2]string {
	return [][2]string{
		{"command", "`" + strings.Join(append([]string{"go run ./ace/bench"}, r.args...), " ") + "`"},
		{"date", r.began.UTC().Format("2006-01-02 15:04 UTC")},
		{"machine", fmt.Sprintf("%s, %d cores, shared by server and client", cpuModel(), runtime.NumCPU())},
		{"kernel", "Linux " + firstLine(readFile("/proc/sys/kernel/osrelease"))},
		{"Go", runtime.Version()},
		{"clients", fmt.Sprintf("%s, %s; %d connections unless a work says otherwise, %d threads",
			wrkVersion(), outputOf(h2loadProgram, "--version"), r.connections, r.threads)},
		{"servers", fmt.Sprintf("GOMAXPROCS=%d, nginx with as many workers, h2o with as many threads", r.procs)},
		{"measurements", fmt.Sprintf("%d rounds of %v, after %v of warming up each server; memory of idle connections once", r.rounds, r.window, r.warmup)},
	}
}

// version returns the version of a peer.
func version(p peer) string {
	switch {
	case p.name == baseline:
		return "this tree"
	case p.program == "nginx":
		return strings.TrimPrefix(outputOf("nginx", "-v"), "nginx version: nginx/")
	case p.program == "h2o":
		return strings.TrimPrefix(outputOf("h2o", "--version"), "h2o version ")
	case p.name == "chi":
		return moduleVersion("github.com/go-chi/chi/v5")
	case p.name == "echo":
		return moduleVersion("github.com/labstack/echo/v5")
	case strings.HasPrefix(p.name, "fasthttp"):
		return moduleVersion("github.com/valyala/fasthttp") + ", router " + moduleVersion("github.com/fasthttp/router")
	}
	return runtime.Version()
}

// liveVersion returns the version of a peer of liveWorks.
func liveVersion(p livePeer) string {
	switch p.name {
	case baseline:
		return "this tree"
	case "coder", "gorilla":
		return moduleVersion("github.com/" + p.name + "/websocket")
	}
	return runtime.Version()
}

// moduleVersion returns the version of a module that this program is built of.
func moduleVersion(path string) string {
	info, _ := debug.ReadBuildInfo()
	if info != nil {
		for _, m := range info.Deps {
			if m.Path == path {
				return m.Version
			}
		}
	}
	return "unknown"
}

// wrkVersion returns the name and version that wrk gives itself.
func wrkVersion() string {
	name, _, _ := strings.Cut(outputOf("wrk", "-v"), " Copyright")
	return name
}

// outputOf returns the first line that a command prints, however it ends: some
// fail when they are asked for their version.
func outputOf(command string, args ...string) string {
	output, _ := exec.Command(command, args...).CombinedOutput()
	return firstLine(string(output))
}

// cpuModel returns the name of the processor.
func cpuModel() string {
	found := regexp.MustCompile(`(?m)^model name\s*: (.*)$`).FindStringSubmatch(readFile("/proc/cpuinfo"))
	if found == nil {
		return runtime.GOARCH
	}
	return found[1]
}

// readFile returns the content of a file, or nothing.
func readFile(path string) string {
	content, _ := os.ReadFile(path)
	return string(content)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
