package render

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// harmful runes are controls, separators of lines, and formatting that isn't
// seen (bidirectional overrides and isolates), but not the joiners that scripts
// and emoji need.
func harmful(r rune) bool {
	const joiner, nonJoiner = '\u200D', '\u200C'
	if r < utf8.RuneSelf {
		return r < ' ' || r == '\x7F'
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) && r != joiner && r != nonJoiner
}

// TestPlainLength puts each byte at each place of a text, alone and beside
// others of its kind.
func TestPlainLength(t *testing.T) {
	for b := range 256 {
		plain := b >= ' ' && b <= '~'
		for at := range 20 {
			for _, tail := range []string{"", " ", "~", "\x7f\x7f\x7f", "\x00 \x1f !", "ÿ\xff"} {
				before := strings.Repeat(" ~", 10)[:at]
				s := before + string([]byte{byte(b)}) + tail
				want := at
				if plain {
					want = at + 1 + len(strings.TrimSuffix(tail, strings.TrimLeft(tail, " ~!")))
				}
				if got := plainLength(s); got != want {
					t.Fatalf("plainLength(%q) = %d, want %d", s, got, want)
				}
			}
		}
	}
}
