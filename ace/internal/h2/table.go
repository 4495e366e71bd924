package h2

// tableKnown refuses a block with a dynamic table size update behind a field,
// which may only stand at its beginning (RFC 7541, Section 4.2). The decoder
// finds those by itself once its table holds something, so only the blocks
// before that are looked through.
func (c *Conn) tableKnown(block []byte) bool {
	if len(block) == 0 {
		return true
	}
	if c.tableInUse && block[0]&0xe0 != 0x20 {
		return true
	}
	fields := false
	for len(block) > 0 {
		first := block[0]
		update := first&0xe0 == 0x20
		if update && fields {
			return false
		}
		c.tableInUse = !update && (c.tableInUse || first&0xc0 == 0x40)
		fields = fields || !update
		if block = skipRepresentation(block); block == nil {
			return true // the decoder will say what is wrong with it
		}
	}
	return true
}

// skipRepresentation returns what follows on the first representation of a
// field (RFC 7541, Section 6), or nil if it is not whole.
func skipRepresentation(block []byte) []byte {
	first := block[0]
	switch {
	case first&0x80 != 0: // indexed
		_, block = skipInteger(block, 7)
		return block
	case first&0xe0 == 0x20: // size update
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
func skipInteger(b []byte, n int) (value int, rest []byte) {
	if len(b) == 0 {
		return 0, nil
	}
	highest := 1<<n - 1
	if value = int(b[0]) & highest; value < highest {
		return value, b[1:]
	}
	for i, shift := 1, 0; i < len(b) && shift < 28; i, shift = i+1, shift+7 {
		value += int(b[i]&0x7f) << shift
		if b[i] < 0x80 {
			return value, b[i+1:]
		}
	}
	return 0, nil
}

// skipString skips a string literal (RFC 7541, Section 5.2).
func skipString(b []byte) []byte {
	length, rest := skipInteger(b, 7)
	if rest == nil || length > len(rest) {
		return nil
	}
	return rest[length:]
}
