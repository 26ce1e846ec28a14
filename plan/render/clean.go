package render

import "kivaform/spec"

// clean makes what people typed harmless, in one line.
func clean(s string) string {
	if isPlain(s) {
		return s
	}
	return spec.Harmless(s)
}

// isPlain reports whether a text is of visible ASCII and spaces, as most are.
func isPlain(s string) bool { return plainLength(s) == len(s) }

// plainLength returns how many bytes of a text's beginning are visible ASCII
// and spaces.
func plainLength(s string) int {
	n := 0
	for n+8 <= len(s) && eightPlain(s[n:n+8]) {
		n += 8
	}
	for n < len(s) && s[n]-' ' <= '~'-' ' {
		n++
	}
	return n
}

// eightPlain reports whether the eight bytes of a text are visible ASCII and
// spaces. It looks at all of them at once, as one number: the first byte that is
// below a space gets its highest bit when a space is taken off, and one above a
// tilde gets it, or has it, when one is added.
func eightPlain(s string) bool {
	const each, highest = 0x0101010101010101, 0x8080808080808080
	all := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	return (all|(all-each*' ')|(all+each))&highest == 0
}
