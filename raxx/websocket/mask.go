package websocket

import (
	"encoding/binary"
	"math/bits"
)

// mask masks or unmasks b with key, whose lowest octet is that for b[0] (RFC
// 6455, Section 5.3).
func mask(b []byte, key uint32) {
	// Words of eight, four at a time: for messages of up to 16 KiB that is
	// faster than the vectors of crypto/subtle, which need the key laid out in
	// memory first. Where the words lie does not matter on the processors that
	// Go compiles such loads to one instruction for.
	k := uint64(key)<<32 | uint64(key)
	for len(b) >= 32 {
		binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)^k)
		binary.LittleEndian.PutUint64(b[8:], binary.LittleEndian.Uint64(b[8:])^k)
		binary.LittleEndian.PutUint64(b[16:], binary.LittleEndian.Uint64(b[16:])^k)
		binary.LittleEndian.PutUint64(b[24:], binary.LittleEndian.Uint64(b[24:])^k)
		b = b[32:]
	}
	for len(b) >= 8 {
		binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)^k)
		b = b[8:]
	}
	for i := range b {
		b[i] ^= byte(key)
		key = turn(key, 1)
	}
}

// turn returns the key for what stands n octets behind that for which key is.
func turn(key uint32, n int) uint32 { return bits.RotateLeft32(key, -8*(n&3)) }

// unmasked returns payload unmasked with key, in memory of its own.
func unmasked(payload string, key uint32) string {
	b := []byte(payload)
	mask(b, key)
	return textOf(b)
}
