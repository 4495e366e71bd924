package raxx

import (
	"fmt"
	"math"
	"net/netip"
	"testing"
)

type id int32

func TestParamAs(t *testing.T) {
	req := Get("/").WithParams(
		Param{"n", "42"}, Param{"neg", "-1"}, Param{"big", "2147483648"}, Param{"f", "0.5"},
		Param{"small", "127"}, Param{"b", "true"}, Param{"s", "a/b"}, Param{"ip", "192.0.2.1"}, Param{"n", "43"})
	tests := []struct {
		name   string
		got    func() (any, error)
		want   any
		status int
	}{
		{"an int", as[int](req, "n"), 42, 0},
		{"a type of one's own", as[id](req, "n"), id(42), 0},
		{"a negative int", as[int64](req, "neg"), int64(-1), 0},
		{"no negative uint", as[uint](req, "neg"), uint(0), 404},
		{"an int that fits", as[uint32](req, "big"), uint32(math.MaxInt32 + 1), 0},
		{"an int that does not fit", as[int32](req, "big"), int32(math.MaxInt32), 404},
		{"an int8", as[int8](req, "small"), int8(127), 0},
		{"an int16", as[int16](req, "small"), int16(127), 0},
		{"a uint8", as[uint8](req, "small"), uint8(127), 0},
		{"a uint16", as[uint16](req, "small"), uint16(127), 0},
		{"a uint64", as[uint64](req, "small"), uint64(127), 0},
		{"no float", as[float64](req, "s"), 0.0, 404},
		{"a number with no end above", as[float64](Get("/").WithParams(Param{"f", "Inf"}), "f"), 0.0, 404},
		{"a float", as[float32](req, "f"), float32(0.5), 0},
		{"no number", as[float64](Get("/").WithParams(Param{"f", "NaN"}), "f"), 0.0, 404},
		{"a number without end", as[float64](Get("/").WithParams(Param{"f", "-Inf"}), "f"), 0.0, 404},
		{"a bool", as[bool](req, "b"), true, 0},
		{"no bool", as[bool](req, "s"), false, 404},
		{"a string", as[string](req, "s"), "a/b", 0},
		{"an address", as[netip.Addr](req, "ip"), netip.MustParseAddr("192.0.2.1"), 0},
		{"no address", as[netip.Addr](req, "s"), netip.Addr{}, 404},
		{"what is missing", as[string](req, "x"), "", 404},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.got()
			wantStatus(t, err, tt.status, "parameter")
			if got != tt.want {
				t.Errorf("got %#v, want %#v", got, tt.want)
			}
		})
	}
}

func as[T any](r Request, name string) func() (any, error) {
	return func() (any, error) { return ParamAs[T](r, name) }
}

func TestParamAsOfATypeThatHasNoText(t *testing.T) {
	defer func() {
		diff(t, "raxx: a text can't be read as struct {}: it has no UnmarshalText", fmt.Sprint(recover()))
	}()
	_, _ = ParamAs[struct{}](Get("/").WithParams(Param{"a", "b"}), "a")
}

func TestParamsGet(t *testing.T) {
	p := Params{{"a", "1"}, {"a", "2"}}
	diff(t, "1", p.Get("a"))
	diff(t, "", p.Get("b"))
}
