package raxx

import "testing"

func TestReadForm(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	tests := []struct {
		name, contentType string
		body              Body
		want              Values
		status            int
	}{
		{"complete", form, Data("a=1&b=x+y"), Values{{"a", "1"}, {"b", "x y"}}, 0},
		{"streamed, with a parameter", form + "; charset=utf-8", streamOf("a=", "1"), Values{{"a", "1"}}, 0},
		{"empty", form, nil, nil, 0},
		{"of another type", "application/json", Data("a=1"), nil, 415},
		{"too long", form, Data("a=1234567890"), nil, 413},
		{"cut", form, NewStream(-1, chunksOf(errCut, "a=1")), nil, 400},
		{"malformed", form, Data("a=%"), nil, 400},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ReadForm(Post("/", tt.contentType, tt.body), 10)
			wantStatus(t, err, tt.status, "")
			diff(t, tt.want, got)
		})
	}
}

func TestPostForm(t *testing.T) {
	sent := Values{{"name", "Ada & Co"}, {"empty", ""}}
	req := PostForm("/users?x=1", sent)
	diff(t, Post("/users?x=1", "application/x-www-form-urlencoded", Data("name=Ada+%26+Co&empty=")), req)
	read, err := ReadForm(req, 0)
	diff(t, sent, read)
	diff(t, nil, err)
}
