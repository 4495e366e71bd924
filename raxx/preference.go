package raxx

import "strings"

// A preference is one member of an accept field: what, under which conditions,
// and how much it is wanted (RFC 9110, Section 12.4.2).
type preference struct {
	value  string // in lower case
	params []Pair // those before the weight
	weight int    // in thousandths; 0: not acceptable
}

// maxPreferences is how many members of a list are read: nobody sends as many,
// and each is compared with each offer.
const maxPreferences = 100

// preferences returns the first 100 members of the list field called name.
// Malformed ones are skipped.
func preferences(h Header, name string) []preference {
	var list []preference
	n := 0
	for element := range h.Elements(name) {
		if n++; n > maxPreferences {
			break
		}
		value, rest := cutParams(element)
		params, want := parseParams(rest, false)
		if want != "" || value == "" {
			continue
		}
		p := preference{strings.ToLower(value), params, 1000}
		if p.splitWeight() {
			list = append(list, p)
		}
	}
	return list
}

// splitWeight takes the weight off the parameters, and what stands behind it,
// which has no meaning. It reports whether the weight is well-formed.
func (p *preference) splitWeight() bool {
	for i, param := range p.params {
		if param.Name == "q" {
			p.params = p.params[:i:i]
			var ok bool
			p.weight, ok = parseWeight(param.Value)
			return ok
		}
	}
	return true
}

// parseWeight reads 0 to 1 with up to three decimals (RFC 9110, Section 12.4.2).
// The zero in front of the point may be missing: Java before 19 writes ".2".
func parseWeight(s string) (thousandths int, ok bool) {
	whole, decimals, _ := strings.Cut(s, ".")
	if whole == "" && decimals != "" {
		whole = "0"
	}
	if whole != "0" && whole != "1" || len(decimals) > 3 {
		return 0, false
	}
	for _, c := range []byte(whole + decimals + "000"[len(decimals):]) {
		if !isDigit(c) {
			return 0, false
		}
		thousandths = thousandths*10 + int(c-'0')
	}
	return thousandths, thousandths <= 1000
}

// choose returns the offer of the highest weight. The weight of an offer is
// that of the preference that fits it best; fits, given the offer, says how well
// one does, or 0. Without preferences it is the first offer.
func choose(list []preference, offers []string, fits func(offer string) func(preference) int) string {
	if len(list) == 0 && len(offers) > 0 {
		return offers[0]
	}
	return best(offers, func(offer string) int {
		fit := fits(offer)
		weight, top := 0, 0
		for _, p := range list {
			if f := fit(p); f > top {
				weight, top = p.weight, f
			}
		}
		return weight
	})
}

// best returns the offer of the highest weight over 0, the first of those that
// have the same; or "".
func best(offers []string, weight func(offer string) int) string {
	top, choice := 0, ""
	for _, offer := range offers {
		if w := weight(offer); w > top {
			top, choice = w, offer
		}
	}
	return choice
}
