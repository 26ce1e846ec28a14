package viewtest

import (
	"unicode"
	"unicode/utf8"
)

// IsHarmful reports whether a character is a control, a separator of lines, or
// formatting that isn't seen (bidirectional overrides and isolates), but none of
// the joiners that scripts and emoji need.
func IsHarmful(r rune) bool {
	const joiner, nonJoiner = '\u200D', '\u200C'
	if r < utf8.RuneSelf {
		return r < ' ' || r == '\x7F'
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) && r != joiner && r != nonJoiner
}
