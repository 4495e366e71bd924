package raxx

import (
	"strings"
	"testing"
)

func TestBaseName(t *testing.T) {
	tests := []struct{ filename, want string }{
		{"cat.png", "cat.png"},
		{"über uns.txt", "über uns.txt"},
		{"", ""},
		{"../../etc/passwd", "passwd"},
		{`C:\Users\ada\cat.png`, "cat.png"},
		{"dir/", ""},
		{"..", ""},
		{".", ""},
		{".htaccess", "htaccess"},
		{"a. .", "a"},
		{"a\x00b\r\n.txt", "a_b__.txt"},
		{"a\u202egnp.exe", "a_gnp.exe"},
		{"a\xffb", "a_b"},
		{`a<b>:"|?*`, "a_b______"},
		{"CON", "_CON"},
		{"nul .txt", "_nul .txt"},
		{"Prn.a.b", "_Prn.a.b"},
		{"aux", "_aux"},
		{"CLOCK$", "_CLOCK$"},
		{"console", "console"},
		{"Lpt1.txt", "_Lpt1.txt"},
		{"com10", "com10"},
		{"comx.txt", "comx.txt"},
		{"1.txt", "1.txt"},
		{strings.Repeat("a", 255), strings.Repeat("a", 255)},
		{strings.Repeat("ü", 200), strings.Repeat("ü", 127)},
		{"con." + strings.Repeat("a", 251), "_con." + strings.Repeat("a", 250)},
		{"con" + strings.Repeat(" ", 252) + "x", "_con"},
		{"com¹.txt", "_com¹.txt"},
		{"com²", "_com²"},
		{"LPT³", "_LPT³"},
		{"conin$", "_conin$"},
		{"CONOUT$.txt", "_CONOUT$.txt"},
	}
	for _, tt := range tests {
		t.Run(tt.filename, func(t *testing.T) { diff(t, tt.want, FormPart{Filename: tt.filename}.BaseName()) })
	}
}
