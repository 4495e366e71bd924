package raxx

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
)

func TestLength(t *testing.T) {
	for _, tt := range []struct {
		body Body
		want int64
	}{
		{nil, 0}, {Data("abc"), 3}, {File{Length: 7}, 7}, {NewFile(nil, "x"), -1},
		{NewStream(5, nil), 5}, {NewStream(-9, nil), -1},
	} {
		if got := Length(tt.body); got != tt.want {
			t.Errorf("Length(%#v) = %d, want %d", tt.body, got, tt.want)
		}
	}
}

func TestReadAll(t *testing.T) {
	files := fstest.MapFS{"f": {Data: []byte("0123456789")}}
	tests := []struct {
		name   string
		body   Body
		limit  int64
		want   Data
		status int
	}{
		{"nothing", nil, 1, "", 0},
		{"data", Data("abc"), 3, "abc", 0},
		{"data over the limit", Data("abcd"), 3, "", 413},
		{"stream", streamOf("ab", "", "c"), 3, "abc", 0},
		{"stream over the limit", streamOf("ab", "cd"), 3, "", 413},
		{"stream that promises too much", NewStream(4, nil), 3, "", 413},
		{"no limit", streamOf("ab", "cd"), -1, "abcd", 0},
		{"the default limit", Data(strings.Repeat("x", DefaultBodyLimit+1)), 0, "", 413},
		{"up to the default limit", Data("x"), 0, "x", 0},
		{"file", NewFile(files, "f").Range(2, 3), 3, "234", 0},
		{"file of unknown length over the limit", NewFile(files, "f"), 9, "", 413},
		{"stream without content", Stream{}, 1, "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ReadAll(tt.body, tt.limit)
			wantStatus(t, err, tt.status, "larger than")
			diff(t, tt.want, got)
		})
	}
}

// What a server would cut off is not whole for who reads it either; and the promise
// of a terabyte costs nothing.
func TestReadAllHoldsABodyToItsLength(t *testing.T) {
	for length, want := range map[int64]string{3: "", 1 << 40: "a body of 3 bytes that promised 1099511627776", 2: "a body of 3 bytes that promised 2"} {
		stream := func() Stream { return NewStream(length, chunksOf(nil, "a", "bc")) }
		if _, err := ReadAll(stream(), -1); want == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%d: ReadAll returned %v, want %q", length, err, want)
		}
		if _, err := Collect(Response{Status: 200, Body: stream()}); want == "" != (err == nil) {
			t.Errorf("%d: Collect returned %v, want %q", length, err, want)
		}
	}
}

func TestReadAllStopsAtTheLimit(t *testing.T) {
	pulled := 0
	endless := NewStream(-1, func(yield func([]byte, error) bool) {
		for yield([]byte("0123456789"), nil) {
			pulled++
		}
	})
	_, err := ReadAll(endless, 25)
	wantStatus(t, err, 413, "25 bytes")
	diff(t, 2, pulled)
}

func TestReadAllHandsOnTheError(t *testing.T) {
	if _, err := ReadAll(NewStream(-1, chunksOf(errCut, "ab")), 9); !errors.Is(err, errCut) {
		t.Errorf("ReadAll = %v, want %v", err, errCut)
	}
}

func TestChunksStop(t *testing.T) {
	files := fstest.MapFS{"f": {Data: make([]byte, 100<<10)}}
	for _, body := range []Body{Data("abc"), streamOf("a", "b"), NewFile(files, "f")} {
		n := 0
		for range Chunks(body) {
			n++
			break
		}
		diff(t, 1, n)
	}
}

// Two bodies without content are equal, however they came about.
func TestEmptyBodiesAreNil(t *testing.T) {
	collected, err := Collect(Response{Status: 200, Body: Data("")}, Data(""))
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]Body{
		"Text": Text(200, "").Body, "HTML": HTML(200, "").Body, "Reply": Reply(200, "a/b", Data("")).Body,
		"Attachment": Attachment("f", "a/b", Data("")).Body, "Response.WithBody": Response{}.WithBody(Data("")).Body,
		"New": New("POST", "/", Data("")).Body, "Post": Post("/", "a/b", Data("")).Body,
		"Request.WithBody": Request{}.WithBody(Data("")).Body, "Collect": collected.Body, "Bytes": Bytes(nil), "Bytes of none": Bytes([]byte{}),
	} {
		if body != nil {
			t.Errorf("%s: the body is %#v, want nil", name, body)
		}
	}
}

// What a handler of constant text answers costs no more than its header.
func TestTextAllocations(t *testing.T) {
	var resp Response
	if n := testing.AllocsPerRun(100, func() { resp = Text(200, "hello") }); n > 1 {
		t.Errorf("Text of a constant takes %v allocations, want 1", n)
	}
	diff(t, Body(Data("hello")), resp.Body)
}

func TestBytesCopies(t *testing.T) {
	b := []byte("abc")
	body := Bytes(b)
	b[0] = 'x'
	diff(t, Body(Data("abc")), body)
	diff(t, Data(""), dataOf(nil))
	diff(t, Data("ab"), dataOf([]byte("ab")))
}

// A pointer to a body is a Body for the compiler, and nothing that can be sent.
func TestChunksOfAPointerToABody(t *testing.T) {
	if _, err := ReadAll(&File{}, 0); err == nil || !strings.Contains(err.Error(), "*raxx.File") {
		t.Errorf("the error is %v", err)
	}
}
