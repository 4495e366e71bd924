package h1

import (
	"bufio"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"fmt"
	"github.com/google/go-cmp/cmp"
)

func TestZZ(t *testing.T) {
	pick := func(s ...string) string { return s[rand.IntN(len(s))] }
	octet := func() string { return string([]byte{byte(33 + rand.IntN(94))}) }
	some := func(f func() string, n int) string { s := ""; for range rand.IntN(n) { s += f() }; return s }
	hostc := func() string { return pick("a", "B", ".", "-", "_", "1", "%41", "%C3%A9", "!", "$", "&", "'", "(", ")", "*", "+", ";", "=", "~") }
	hst := func() string { return pick("[::1]", "[::ffff:1.2.3.4]", "[2001:db8::A]", "a"+some(hostc, 5)) + pick("", ":", ":80", ":0", ":00080", ":65535") }
	path := func() string { return pick("/", "/a", "//", "///", "/"+some(octet, 6), "/a:b", "/%2f", "/*") + pick("", "?", "?a", "?"+some(octet, 6)) }
	seen := map[string]int{}
	acc := 0
	for range 3000000 {
		m := pick("GET", "OPTIONS", "CONNECT", "POST", "PRI", "x!")
		var tg string
		switch rand.IntN(4) {
		case 0: tg = path()
		case 1: tg = pick("http", "https", "HTTP") + "://" + hst() + pick("", "?", "?a", path())
		case 2: tg = hst()
		case 3: tg = "*"
		}
		f := ""
		for range rand.IntN(3) {
			f += pick("Content-Length: 5", "content-length: 0007", "Transfer-Encoding: chunked", "Transfer-Encoding: cHUNKED", "Connection: close", "Connection: keep-alive", "Connection: x, \"close\"", "Connection: close x", "Connection: \tclose\t,", "X-"+some(octet,3)+": "+some(octet, 4), "Expect: 100-continue", "Upgrade: h2c", "Cache-Control: x", "Content-Type:", "Set-Cookie: a") + "\r\n"
		}
		in := m + " " + tg + " HTTP/1." + pick("0", "1", "1", "1", "2") + "\r\n" + pick("Host: "+hst()+"\r\n", "Host: t.example\r\n", "") + f + "\r\n"
		ours := feedHead(t, in)
		if !ours.Complete { continue }
		acc++
		theirs, err := http.ReadRequest(bufio.NewReader(strings.NewReader(in)))
		if err != nil {
			k := err.Error(); if i := strings.Index(k, "invalid"); i >= 0 { k = k[i:] }; if i := strings.IndexByte(k, '"'); i > 0 { k = k[:i] }
			if seen[k]++; seen[k] < 4 { fmt.Printf("%q\n  %v\n", in, err) }
			continue
		}
		if d := cmp.Diff(requestOf(theirs), requestOfHead(ours)); d != "" {
			if seen["diff"]++; seen["diff"] < 10 { fmt.Printf("%q\n  %v\n", in, d) }
		}
	}
	fmt.Println(seen, acc)
}
