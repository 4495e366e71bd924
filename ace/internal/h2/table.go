package h2

// sizesFirst reports whether all dynamic table size updates in a block stand at
// its beginning (RFC 7541, Section 4.2). The decoder finds one behind a field only
// while its table holds something.
func sizesFirst(block []byte) bool {
	fields := false
	for len(block) > 0 {
		if first := block[0]; 0x80 <= first && first < 0xff { // indexed, in one octet, as most are
			fields, block = true, block[1:]
			continue
		}
		update := isSizeUpdate(block)
		if update && fields {
			return false
		}
		fields = !update
		if block = skipRepresentation(block); block == nil {
			return true // the decoder will say what is wrong with it
		}
	}
	return true
}

// isSizeUpdate reports whether a block begins with a dynamic table size update
// (RFC 7541, Section 6.3).
func isSizeUpdate(block []byte) bool { return len(block) > 0 && block[0]&0xe0 == 0x20 }

// skipRepresentation returns what follows on the first representation of a
// field (RFC 7541, Section 6), or nil if it is not whole.
func skipRepresentation(block []byte) []byte {
	first := block[0]
	switch {
	case first&0x80 != 0: // indexed
		_, block = skipInteger(block, 7)
		return block
	case isSizeUpdate(block):
		_, block = skipInteger(block, 5)
		return block
	}
	prefix := 4
	if first&0xc0 == 0x40 {
		prefix = 6
	}
	index, block := skipInteger(block, prefix)
	if index == 0 {
		block = skipString(block)
	}
	return skipString(block)
}

// skipInteger reads an integer with a prefix of n bits (RFC 7541, Section 5.1).
// It takes as many octets as the decoder does.
func skipInteger(b []byte, n int) (value uint64, rest []byte) {
	if len(b) == 0 {
		return 0, nil
	}
	highest := uint64(1)<<n - 1
	if value = uint64(b[0]) & highest; value < highest {
		return value, b[1:]
	}
	for i, shift := 1, 0; i < len(b) && shift < 63; i, shift = i+1, shift+7 {
		value += uint64(b[i]&0x7f) << shift
		if b[i] < 0x80 {
			return value, b[i+1:]
		}
	}
	return 0, nil
}

// skipString skips a string literal (RFC 7541, Section 5.2).
func skipString(b []byte) []byte {
	length, rest := skipInteger(b, 7)
	if rest == nil || length > uint64(len(rest)) {
		return nil
	}
	return rest[length:]
}
