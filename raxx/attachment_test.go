package raxx

import "testing"

func TestAttachment(t *testing.T) {
	tests := []struct{ name, filename, want string }{
		{"plain", "report 2.pdf", `attachment; filename="report 2.pdf"`},
		{"a tilde", "a~1.txt", `attachment; filename="a~1.txt"`},
		{"what needs no escape beside what does", "ü!#$&+-.^_`|~", "attachment; filename=\"_!#$&+-.^_`|~\"; filename*=UTF-8''%C3%BC!#$&+-.^_`|~"},
		{"no name", "", "attachment"},
		{"not ASCII", "Überblick €.txt", `attachment; filename="_berblick _.txt"; filename*=UTF-8''%C3%9Cberblick%20%E2%82%AC.txt`},
		{"a quote", `a".txt`, `attachment; filename="a_.txt"; filename*=UTF-8''a%22.txt`},
		{"an escape", "a%41", `attachment; filename="a_41"; filename*=UTF-8''a%2541`},
		{"CR and LF", "a\r\nb: c", `attachment; filename="a__b: c"`},
		{"a path", `../a\b/c`, `attachment; filename=".._a_b_c"`},
		{"no UTF-8", "a\xff\xfeb", `attachment; filename="a_b"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, Reply(200, "text/plain", Data("x")).With("content-disposition", tt.want),
				Attachment(tt.filename, "text/plain", Data("x")))
		})
	}
}
