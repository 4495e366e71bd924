package raxx

import (
	"io"
	"iter"
	"strings"
	"testing"
)

const formType = "multipart/form-data; boundary=b"

// crlf makes line ends of a test's text those of a message.
func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

// partText returns the head of a part with this name, and its content.
func partText(name, content string) string {
	return "--b\r\ncontent-disposition: form-data; name=" + name + "\r\n\r\n" + content + "\r\n"
}

// A readPart is a part whose content has been read.
type readPart struct{ Name, Filename, Type, Content string }

// readForm reads all parts of a form, each to its end.
func readForm(r Request, limits MultipartLimits) ([]readPart, error) {
	var parts []readPart
	for p, err := range Multipart(r, limits) {
		if err != nil {
			return parts, err
		}
		data, err := ReadAll(p.Body, -1)
		if err != nil {
			return parts, err
		}
		parts = append(parts, readPart{p.Name, p.Filename, p.Header.Get("content-type"), string(data)})
	}
	return parts, nil
}

// multipartTests are forms, each read whole, byte by byte and at every split.
var multipartTests = []struct {
	name, body string
	want       []readPart
	status     int
	detail     string
}{
	{"a field and a file", crlf(`--b
Content-Disposition: form-data; name="title"

Cats
--b
Content-Disposition: form-data; name="photo"; filename="cat.png"
Content-Type: image/png

` + "\x89PNG\n\r\n--\n" + `
--b--
`), []readPart{{Name: "title", Content: "Cats"}, {"photo", "cat.png", "image/png", crlf("\x89PNG\n") + "\r" + crlf("\n--\n")}}, 0, ""},
	{"no part", "--b--", nil, 0, ""},
	{"a part without content", partText("a", "") + "--b--", []readPart{{Name: "a"}}, 0, ""},
	{"a part whose header ends at the delimiter", "--b\r\ncontent-disposition: form-data; name=a\r\n\r\n--b--",
		[]readPart{{Name: "a"}}, 0, ""},
	{"content that is a line end", partText("a", "\r\n") + "--b--", []readPart{{Name: "a", Content: "\r\n"}}, 0, ""},
	{"content that begins with a delimiter", partText("a", "--b\r\nhello") + "--b--", nil, 400, `the line "hello" in a part's header is no field`},
	{"content that is nearly a delimiter", partText("a", "\r\n-b\r\n--\r\n --b\n--b\r--b\r\r\n--c") + "--b--",
		[]readPart{{Name: "a", Content: "\r\n-b\r\n--\r\n --b\n--b\r--b\r\r\n--c"}}, 0, ""},
	{"a preamble and an epilogue", "pre\r\n" + partText("a", "1") + "--b--\r\nepilogue\r\n--b", []readPart{{Name: "a", Content: "1"}}, 0, ""},
	{"white space behind a boundary", "--b \t\r\ncontent-disposition: form-data; name=a\r\n\r\n1\r\n--b-- \r\n", []readPart{{Name: "a", Content: "1"}}, 0, ""},
	{"names twice", partText("a", "1") + partText("a", "2") + "--b--", []readPart{{Name: "a", Content: "1"}, {Name: "a", Content: "2"}}, 0, ""},
	{"quotes, backslashes and 8-bit octets", partText(`"a\"\\"; filename="C:\dir\ü.txt"; filename*=UTF-8''x`, "") + "--b--",
		[]readPart{{Name: `a"\`, Filename: `C:\dir\ü.txt`}}, 0, ""},
	{"other harmless ones", partText("a\r\nContent-Transfer-Encoding: 7bit", "1") + partText("b\r\nContent-Transfer-Encoding: 8BIT", "2") + "--b--",
		[]readPart{{Name: "a", Content: "1"}, {Name: "b", Content: "2"}}, 0, ""},
	{"an empty name", partText(`""`, "") + "--b--", []readPart{{}}, 0, ""},
	{"a harmless transfer encoding", partText("a\r\nContent-Transfer-Encoding: Binary", "1") + "--b--", []readPart{{Name: "a", Content: "1"}}, 0, ""},

	{"nothing", "", nil, 400, "ends before its last delimiter"},
	{"no delimiter", "hello", nil, 400, "ends before its last delimiter"},
	{"cut in the content", partText("a", "1"), nil, 400, "ends before its last delimiter"},
	{"cut in a header", "--b\r\ncontent-dis", nil, 400, "ends before its last delimiter"},
	{"cut behind a boundary", partText("a", "1") + "--b", nil, 400, "ends before its last delimiter"},
	{"cut in the last delimiter", partText("a", "1") + "--b-", nil, 400, "ends before its last delimiter"},
	{"a longer boundary", partText("a", "1") + "--bc\r\n\r\n--b--", nil, 400, `goes on with "c"`},
	{"more behind the last boundary", partText("a", "1") + "--b--x\r\n", nil, 400, `goes on with "--x"`},
	{"a lone LF behind a boundary", "--b\n\n", nil, 400, "ends without CR"},
	{"a lone LF in a header", "--b\r\ncontent-disposition: form-data; name=a\n\r\n\r\n--b--", nil, 400, "ends without CR"},
	{"a line that begins with LF", "--b\r\n\n", nil, 400, "ends without CR"},
	{"a folded field", "--b\r\ncontent-disposition: form-data;\r\n name=a\r\n\r\n\r\n--b--", nil, 400, "is no field, or is folded"},
	{"a folded field with a colon", "--b\r\ncontent-disposition: form-data; name=a;\r\n x: y\r\n\r\n\r\n--b--", nil, 400, "is no field, or is folded"},
	{"a field folded by a tab", "--b\r\ncontent-disposition: form-data; name=a;\r\n\tx: y\r\n\r\n\r\n--b--", nil, 400, "is no field, or is folded"},
	{"a line without a colon", "--b\r\nhello\r\n\r\n\r\n--b--", nil, 400, "is no field, or is folded"},
	{"a space before the colon", "--b\r\ncontent-disposition : form-data; name=a\r\n\r\n\r\n--b--", nil, 400, "malformed field"},
	{"CR in a field", "--b\r\na: b\rc\r\n\r\n\r\n--b--", nil, 400, "malformed field"},
	{"NUL in a field", "--b\r\na: b\x00\r\n\r\n\r\n--b--", nil, 400, "malformed field"},
	{"no disposition", "--b\r\na: b\r\n\r\n\r\n--b--", nil, 400, "needs one content-disposition"},
	{"two dispositions", partText("a\r\ncontent-disposition: form-data; name=b", "") + "--b--", nil, 400, "needs one content-disposition"},
	{"another disposition", "--b\r\ncontent-disposition: attachment; name=a\r\n\r\n\r\n--b--", nil, 400, "needs one content-disposition"},
	{"a malformed disposition", partText(`"a`, "") + "--b--", nil, 400, "a quote at the end"},
	{"a name twice", partText("a; name=b", "") + "--b--", nil, 400, "each parameter once"},
	{"no name", "--b\r\ncontent-disposition: form-data; filename=a\r\n\r\n\r\n--b--", nil, 400, "has no name"},
	{"a transfer encoding", partText("a\r\ncontent-transfer-encoding: base64", "") + "--b--", nil, 415, "content-transfer-encoding"},
}

func TestMultipart(t *testing.T) {
	for _, tt := range multipartTests {
		t.Run(tt.name, func(t *testing.T) {
			for chunks := range splits(tt.body) {
				got, err := readForm(Post("/", formType, streamOf(chunks...)), MultipartLimits{})
				wantStatus(t, err, tt.status, tt.detail)
				if err == nil {
					diff(t, tt.want, got)
				}
				if t.Failed() {
					t.Fatalf("the body came as %q", chunks)
				}
			}
			_, err := readForm(Post("/", formType, Data(tt.body)), MultipartLimits{})
			wantStatus(t, err, tt.status, tt.detail)
		})
	}
}

func TestMultipartContentType(t *testing.T) {
	tests := []struct {
		contentType string
		status      int // a 400 is about the boundary
	}{
		{"multipart/form-data; boundary=b", 0},
		{`Multipart/Form-Data; charset=utf-8; boundary="b"`, 0},
		{"multipart/mixed; boundary=b", 415},
		{"text/plain", 415},
		{"multipart/form-data; boundary=b; boundary=b", 415},
		{"multipart/form-data", 400},
		{`multipart/form-data; boundary=""`, 400},
		{`multipart/form-data; boundary="b "`, 400},
		{`multipart/form-data; boundary="b\"c"`, 400},
		{"multipart/form-data; boundary=" + strings.Repeat("b", 71), 400},
	}
	for _, tt := range tests {
		t.Run(tt.contentType, func(t *testing.T) {
			_, err := readForm(Post("/", tt.contentType, Data("--b--")), MultipartLimits{})
			wantStatus(t, err, tt.status, map[int]string{400: "no valid boundary"}[tt.status])
		})
	}
}

func TestBoundaries(t *testing.T) {
	for _, boundary := range []string{"'()+_,-./:=?aZ09 b", "'", strings.Repeat("b", 70)} {
		_, err := readForm(Post("/", `multipart/form-data; boundary="`+boundary+`"`, Data("--"+boundary+"--")), MultipartLimits{})
		if err != nil {
			t.Errorf("%q: %v", boundary, err)
		}
	}
	for _, boundary := range []string{"@", "@b", "b@", "b;", "b\t"} {
		_, err := readForm(Post("/", `multipart/form-data; boundary="`+boundary+`"`, Data("--"+boundary+"--")), MultipartLimits{})
		wantStatus(t, err, 400, "no valid boundary")
	}
}

func TestMultipartLimits(t *testing.T) {
	five := partText("a", "12345") + "--b--"
	header := int64(len("\r\ncontent-disposition: form-data; name=a\r\n\r\n"))
	tests := []struct {
		name   string
		limits MultipartLimits
		body   Body
		detail string // "" if it is accepted
	}{
		{"none is reached", MultipartLimits{1, header, 5, int64(len(five))}, streamOf(five), ""},
		{"none is reached, by the length", MultipartLimits{Total: int64(len(five))}, Data(five), ""},
		{"parts", MultipartLimits{Parts: 1}, streamOf(partText("a", "") + five), "more than 1 parts"},
		{"the header of a part", MultipartLimits{PartHeader: header - 1}, streamOf(five), "longer than 43 bytes"},
		{"the content of a part", MultipartLimits{Part: 4}, streamOf(five), `the part "a" of the form is larger than 4 bytes`},
		{"the whole", MultipartLimits{Total: 20}, streamOf(five), "larger than 20 bytes"},
		{"the whole, by its length", MultipartLimits{Total: 20}, NewStream(21, nil), "larger than 20 bytes"},
		{"no limits", MultipartLimits{-1, -1, -1, -1}, streamOf(five), ""},
		{"1,000 parts", MultipartLimits{}, streamOf(strings.Repeat(partText("a", ""), 1000) + "--b--"), ""},
		{"1,001 parts", MultipartLimits{}, streamOf(strings.Repeat(partText("a", ""), 1000) + five), "more than 1000 parts"},
		{"an endless line in a header", MultipartLimits{}, NewStream(-1, endless("--b\r\n", "x")), "longer than 16384 bytes"},
		{"an endless header", MultipartLimits{}, NewStream(-1, endless("--b\r\n", "a: b\r\n")), "longer than 16384 bytes"},
		{"an endless part", MultipartLimits{}, NewStream(-1, endless(partText("a", ""), strings.Repeat("x", 1<<20))), "larger than 33554432 bytes"},
		{"an endless preamble", MultipartLimits{}, NewStream(-1, endless("", strings.Repeat("x", 1<<20))), "larger than 67108864 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := 0
			for _, err := range Multipart(Post("/", formType, tt.body), tt.limits) {
				if n++; err != nil {
					if tt.detail == "" {
						t.Errorf("the form was refused: %v", err)
					}
					wantStatus(t, err, 413, tt.detail)
					return
				}
			}
			if tt.detail != "" {
				t.Errorf("the form was accepted, want %q", tt.detail)
			}
		})
	}
}

// endless yields the first string, and then the other one again and again.
func endless(first, again string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		more := yield([]byte(first), nil)
		for more {
			more = yield([]byte(again), nil)
		}
	}
}

func TestMultipartSkipsWhatIsNotRead(t *testing.T) {
	body := partText("a", strings.Repeat("x", 1000)) + partText("b", "yy") + partText("c", "z") + "--b--"
	for chunks := range splits(body) {
		var names []string
		for p, err := range Multipart(Post("/", formType, streamOf(chunks...)), MultipartLimits{}) {
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, p.Name)
			if p.Name == "b" {
				for range Chunks(p.Body) {
					break // one chunk only
				}
			}
		}
		diff(t, []string{"a", "b", "c"}, names)
	}
}

func TestMultipartBodyOfAPartHasItsTime(t *testing.T) {
	body := Data(partText("a", "1") + partText("b", "2") + partText("c", "3") + "--b--")
	var kept []FormPart
	for p, err := range Multipart(Post("/", formType, body), MultipartLimits{}) {
		diff(t, nil, err)
		if kept = append(kept, p); len(kept) == 2 {
			_, err := ReadAll(kept[0].Body, -1)
			diff(t, "raxx: part 1 of a form was read after part 2 was asked for", textOf(err))
			data, err := ReadAll(p.Body, -1)
			diff(t, nil, err)
			diff(t, Data("2"), data)
			data, _ = ReadAll(p.Body, -1)
			diff(t, Data(""), data) // once is all
		}
	}
	_, err := ReadAll(kept[1].Body, -1)
	diff(t, "raxx: part 2 of a form was read after part 3 was asked for", textOf(err))
	diff(t, 3, len(kept))

	for p, err := range Multipart(Post("/", formType, body), MultipartLimits{}) {
		diff(t, nil, err)
		data, _ := ReadAll(p.Body, -1)
		again, err := ReadAll(p.Body, -1) // takes nothing of the next part
		diff(t, Data(map[string]string{"a": "1", "b": "2", "c": "3"}[p.Name]), data)
		diff(t, Data(""), again)
		diff(t, nil, err)
	}

	for p := range Multipart(Post("/", formType, body), MultipartLimits{}) {
		kept[0] = p
		break
	}
	_, err = ReadAll(kept[0].Body, -1)
	diff(t, errFormOver.Error(), textOf(err))
}

func TestMultipartErrorInsideAPart(t *testing.T) {
	body := NewStream(-1, chunksOf(errCut, partText("a", "1")))
	var errs []error
	var cut FormPart
	for p, err := range Multipart(Post("/", formType, body), MultipartLimits{}) {
		if err == nil {
			cut = p
			_, err = ReadAll(p.Body, -1)
		}
		errs = append(errs, err)
	}
	_, late := ReadAll(cut.Body, -1)
	errs = append(errs, late)
	diff(t, 3, len(errs)) // from the body, then from the loop, and from the body behind it
	for _, err := range errs {
		wantStatus(t, err, 400, "did not arrive whole")
	}
	_, err := readForm(Post("/", formType, NewStream(-1, chunksOf(&Error{Status: 408}, "--b"))), MultipartLimits{})
	wantStatus(t, err, 408, "")
}

// Whoever leaves the loop has done with the body, too.
func TestMultipartEndsTheBody(t *testing.T) {
	ended := false
	body := NewStream(-1, func(yield func([]byte, error) bool) {
		defer func() { ended = true }()
		endless(partText("a", ""), "x")(yield)
	})
	for range Multipart(Post("/", formType, body), MultipartLimits{}) {
		break
	}
	diff(t, true, ended)
}

func FuzzMultipart(f *testing.F) {
	for i, tt := range multipartTests {
		f.Add(tt.body, uint(i))
	}
	f.Fuzz(func(t *testing.T, body string, at uint) {
		cut := int(at % uint(len(body)+1))
		limits := MultipartLimits{Parts: 20, PartHeader: 200, Total: 1 << 16}
		want, wantErr := readForm(Post("/", formType, streamOf(body)), limits)
		for _, chunks := range [][]string{{body[:cut], body[cut:]}, strings.Split(body, "")} {
			got, err := readForm(Post("/", formType, streamOf(chunks...)), limits)
			diff(t, textOf(wantErr), textOf(err))
			diff(t, want, got)
		}
		boundMemory(t, body)
	})
}

// boundMemory feeds the body in small pieces and looks at what is kept.
func boundMemory(t *testing.T, body string) {
	d := newMultipartDecoder("b", 200)
	for len(body) > 0 {
		event, err := d.next()
		if err != nil || event == formEnded {
			return
		}
		if event != needsBytes {
			continue
		}
		n := min(len(body), 16)
		d.feed([]byte(body[:n]))
		body = body[n:]
		if len(d.buf) > 200+16+len(d.delimiter) {
			t.Fatalf("%d bytes are kept", len(d.buf))
		}
	}
}

// What was not read of a part before the loop went on is lost. Whoever asks for
// it later must not take the rest for the end, nor the next part for this one.
func TestMultipartBodyOfAPartThatWasLeft(t *testing.T) {
	body := partText("a", strings.Repeat("a", 2*readSize)) + partText("b", strings.Repeat("b", 2*readSize)) + "--b--"
	var kept []FormPart
	var begun io.ReadCloser // reads the first part, and is not at its end
	for p, err := range Multipart(Post("/", formType, Data(body)), MultipartLimits{}) {
		diff(t, nil, err)
		if kept = append(kept, p); len(kept) == 1 {
			begun = NewReader(p.Body)
			defer begun.Close()
			_, err = begun.Read(make([]byte, readSize))
			diff(t, nil, err)
			continue
		}
		rest, err := io.ReadAll(begun)
		diff(t, "raxx: part 1 of a form was read after part 2 was asked for", textOf(err))
		if strings.Contains(string(rest), "bb") {
			t.Error("the body of the first part holds content of the second")
		}
	}
	data, err := ReadAll(kept[1].Body, -1)
	diff(t, Data(""), data)
	diff(t, errFormOver.Error(), textOf(err))
}

// Nor must a part that the limits refuse be taken for the one before it.
func TestMultipartBodyOfAPartBeforeOneTooMany(t *testing.T) {
	body := Data(partText("a", "1") + partText("b", "2") + "--b--")
	var first FormPart
	for p, err := range Multipart(Post("/", formType, body), MultipartLimits{Parts: 1}) {
		if err == nil {
			first = p
			continue
		}
		data, err := ReadAll(first.Body, -1)
		diff(t, Data(""), data)
		wantStatus(t, err, 413, "more than 1 parts")
	}
}
