package raxx

import (
	"strings"
	"testing"
)

func TestAccepts(t *testing.T) {
	both := []string{"application/json", "text/html"}
	tests := []struct {
		name, accept string
		offers       []string
		want         string
	}{
		{"no field takes the first", "-", both, "application/json"},
		{"an empty field counts as none", "", both, "application/json"},
		{"the only one", "text/html", both, "text/html"},
		{"the better one", "application/json;q=0.5, text/html;q=0.8", both, "text/html"},
		{"a tie goes by the order of offers", "text/html, application/json", both, "application/json"},
		{"a range", "text/*", both, "text/html"},
		{"any", "*/*", both, "application/json"},
		{"the most specific range counts", "*/*;q=0.9, application/*;q=0.1, application/json;q=0.2, text/html;q=0.3", both, "text/html"},
		{"a type counts more than any", "*/*;q=0.1, text/*;q=0.9, application/json;q=0.5", both, "text/html"},
		{"a subtype counts more than a type", "text/*;q=0.1, text/html;q=0.9, application/json;q=0.5", both, "text/html"},
		{"a weight of 0 excludes", "application/json;q=0, */*", both, "text/html"},
		{"nothing fits", "image/png", both, ""},
		{"all excluded", "*/*;q=0", both, ""},
		{"letter case", "TEXT/HTML", both, "text/html"},
		{"parameters must be there", "text/html;level=1", []string{"text/html", "text/html;level=1"}, "text/html;level=1"},
		{"with these values", "text/html;level=2", []string{"text/html", "text/html;level=1"}, ""},
		{"also if a value is empty", `text/html;level=""`, []string{"text/html"}, ""},
		{"a range with parameters is more specific", "text/html;q=0.5, text/html;level=1;q=0.1",
			[]string{"text/html;level=1", "text/html"}, "text/html"},
		{"what stands behind the weight is no parameter", "text/html;q=0.5;level=1", both, "text/html"},
		{"an offer may have more parameters", "text/html", []string{"text/html; charset=utf-8"}, "text/html; charset=utf-8"},
		{"malformed members are skipped", "text/html;q=2, text/html;q=0.1234, application/json;q=., ;q=1, html, text/html;q=0.1", both, "text/html"},
		{"a member with a malformed parameter is skipped", "application/json;level, text/html;q=0.1", both, "text/html"},
		{"malformed members alone count as no field", ";q=0, text/html;q=x", both, "application/json"},
		{"a member that is no media range counts as none", "json", both, "application/json"},
		{"any, as old clients write it", "*", both, "application/json"},
		{"with a weight", "*;q=0.2, text/html;q=0.1", both, "application/json"},
		{"what programs in Java send by default", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", both[:1], "application/json"},
		{"a weight without the zero", "application/json;q=.5, text/html;q=0.501", both, "text/html"},
		{"is as high as with it", "application/json;q=.5, text/html;q=0.499", both, "application/json"},
		{"a charset that is that of an offer without one", "application/json; charset=UTF-8", both, "application/json"},
		{"another one is not", "application/json; charset=iso-8859-1", both, ""},
		{"nor where the offer has another one", "text/html;charset=utf-8", []string{"text/html;charset=utf-16"}, ""},
		{"no weight is that of 1", "text/html;q=1, application/json", both, "application/json"},
		{"of which there is none higher", "application/json;q=1, text/html", both, "application/json"},
		{"a parameter with an escape", `text/html;level="\1"`, []string{"text/html;level=1"}, "text/html;level=1"},
		{"an offer that is no media type", "*/*", []string{"html", "text/html"}, "text/html"},
		{"no offer", "*/*", nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, tt.want, Accepts(accepting("accept", tt.accept), tt.offers...))
		})
	}
}

func accepting(name, value string) Request {
	if value == "-" {
		return Get("/")
	}
	return Get("/").With(name, value)
}

func TestAcceptsOverSeveralFields(t *testing.T) {
	r := Get("/").Add("accept", "a/b;q=0.1").Add("accept", "c/d")
	diff(t, "c/d", Accepts(r, "a/b", "c/d"))
	diff(t, "", Accepts(Get("/")))
}

func TestAcceptsEncoding(t *testing.T) {
	all := []string{"br", "gzip", "identity"}
	tests := []struct {
		name, accept string
		offers       []string
		want         string
	}{
		{"no field", "-", all, "identity"},
		{"no field, no identity", "-", all[:2], ""},
		{"an empty field", "", all, "identity"},
		{"the first that is liked as much", "gzip, br", all, "br"},
		{"the better one", "gzip, br;q=0.9", all, "gzip"},
		{"identity comes last", "gzip;q=0.001", all, "gzip"},
		{"identity where it is liked better", "gzip;q=0.5, identity", all, "identity"},
		{"any", "*", all, "br"},
		{"any but", "br;q=0, *", all, "gzip"},
		{"any, but one less", "gzip;q=0.5, *;q=0.6", all, "br"},
		{"any, but one more", "gzip;q=0.6, *;q=0.5", all, "gzip"},
		{"identity comes last, also if it is offered first", "gzip;q=0.001", []string{"identity", "gzip"}, "gzip"},
		{"only what is not offered", "zstd", all, "identity"},
		{"nothing", "identity;q=0", all, ""},
		{"nothing at all", "*;q=0", all, ""},
		{"identity alone", "identity, *;q=0", all, "identity"},
		{"an old name", "X-GZIP", all, "gzip"},
		{"letter case of offers", "gzip", []string{"GZIP"}, "GZIP"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, tt.want, AcceptsEncoding(accepting("accept-encoding", tt.accept), tt.offers...))
		})
	}
}

func TestAcceptsLanguage(t *testing.T) {
	tests := []struct {
		name, accept string
		offers       []string
		want         string
	}{
		{"no field", "-", []string{"en", "de"}, "en"},
		{"the same", "de", []string{"en", "de"}, "de"},
		{"a range covers what begins with it", "de", []string{"en", "de-CH"}, "de-CH"},
		{"at a hyphen only", "de", []string{"den"}, ""},
		{"a language that is the begin of a range", "de-CH, en;q=0.8", []string{"en", "de"}, "de"},
		{"a range that covers it counts more", "de-CH, de;q=0.1, en;q=0.8", []string{"en", "de"}, "en"},
		{"the most specific range", "de;q=0.9, de-CH;q=0.1, en;q=0.5", []string{"de-CH", "en"}, "en"},
		{"of two that share as much the one that covers it", "zh-TW;q=0.1, zh;q=0.9, en;q=0.5", []string{"en", "zh"}, "zh"},
		{"also of two subtags", "zh-Hant-TW;q=0.1, zh-Hant;q=0.9, en;q=0.5", []string{"en", "zh-Hant"}, "zh-Hant"},
		{"a part that shares more counts more", "zh;q=0.1, zh-Hant-TW;q=0.9, en;q=0.5", []string{"en", "zh-Hant"}, "zh-Hant"},
		{"any", "fr, *;q=0.1", []string{"en"}, "en"},
		{"a part counts more than any", "*;q=0.1, de-CH;q=0.9", []string{"en", "de"}, "de"},
		{"excluded", "en;q=0, *", []string{"en-GB", "fr"}, "fr"},
		{"a refused range does not refuse its begin", "en-GB;q=0, *;q=0.1", []string{"en"}, "en"},
		{"letter case", "DE-ch", []string{"de-CH"}, "de-CH"},
		{"none", "fr", []string{"en", "de"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, tt.want, AcceptsLanguage(accepting("accept-language", tt.accept), tt.offers...))
		})
	}
}

func TestParseWeight(t *testing.T) {
	for s, want := range map[string]int{
		"0": 0, "1": 1000, "0.5": 500, "0.123": 123, "1.000": 1000, "0.": 0, "1.": 1000, ".5": 500, ".125": 125,
		"1.001": -1, "2": -1, "": -1, ".": -1, ".1234": -1, "0.1234": -1, "0.x": -1, "-0": -1, "00": -1, "0,5": -1, "0.:": -1, "0.00:": -1,
	} {
		got, ok := parseWeight(s)
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("parseWeight(%q) = %d, %v, want %d", s, got, ok, want)
		}
	}
}

// A list that fills a head costs no more than one that a client would send.
func TestLongListsOfPreferences(t *testing.T) {
	for name, accepts := range map[string]func(Request, ...string) string{
		"accept": Accepts, "accept-encoding": AcceptsEncoding, "accept-language": AcceptsLanguage,
	} {
		for before, want := range map[int]string{maxPreferences - 1: "a/a", maxPreferences: ""} {
			list := strings.Repeat("b/b;c=d,", before) + "a/a"
			if got := accepts(Get("/").With(name, list), "a/a"); got != want {
				t.Errorf("%s behind %d members: got %q, want %q", name, before, got, want)
			}
		}
		short := Get("/").With(name, strings.Repeat("A,", maxPreferences))
		long := Get("/").With(name, strings.Repeat("A,", 15<<10))
		few := testing.AllocsPerRun(10, func() { accepts(short, "a/a", "b/b") })
		if got := testing.AllocsPerRun(10, func() { accepts(long, "a/a", "b/b") }); got > few {
			t.Errorf("%s of 30 KiB: %.0f allocations, and %.0f for %d members", name, got, few, maxPreferences)
		}
	}
}

// A list is compared with each offer, and not copied for each.
func TestLongPreferencesAndManyOffers(t *testing.T) {
	offers := strings.Split("aa,bb,cc,dd,ee,ff,gg,hh,ii,jj,kk,ll,mm,nn,oo,pp,qq,rr,ss,tt", ",")
	req := Get("/").With("accept-language", strings.Repeat(strings.Repeat("en-", 100)+"x,", 100))
	one := testing.AllocsPerRun(10, func() { AcceptsLanguage(req, offers[0]) })
	if got := testing.AllocsPerRun(10, func() { AcceptsLanguage(req, offers...) }); got > one+float64(len(offers)) {
		t.Errorf("%.0f allocations for one offer, %.0f for %d", one, got, len(offers))
	}
}

// Whatever a client likes, it gets one of the offers, or none.
func FuzzAccepts(f *testing.F) {
	f.Add("text/html;level=1;q=0.5, */*;q=0.1, text/*", "text/html")
	f.Add("gzip;q=1.000, *;q=0", "gzip")
	f.Add("de-CH, de;q=0.9, *;q=0.001", "de")
	f.Fuzz(func(t *testing.T, field, offer string) {
		for name, accepts := range map[string]func(Request, ...string) string{
			"accept": Accepts, "accept-encoding": AcceptsEncoding, "accept-language": AcceptsLanguage,
		} {
			req := Request{Method: "GET", Header: Header{{name, field}}}
			if got := accepts(req, offer, "text/plain"); got != offer && got != "text/plain" && got != "" {
				t.Fatalf("%s: got %q", name, got)
			}
			if got := accepts(req); got != "" {
				t.Fatalf("%s: got %q of no offer", name, got)
			}
		}
	})
}
