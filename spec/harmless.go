package spec

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Harmless returns a text as a terminal may be given it: what would move the
// cursor, change colours, break the line or turn the direction of writing is
// shown as its code. The joiners that scripts and emoji need stay, and a byte that
// is no character becomes U+FFFD.
func Harmless(s string) string { return replaceHarmful(s, isHarmful) }

// HarmlessLines is [Harmless] for a text that has lines and tabs of its own.
func HarmlessLines(s string) string {
	return replaceHarmful(s, func(r rune) bool { return r != '\n' && r != '\t' && isHarmful(r) })
}

func replaceHarmful(s string, isHarmful func(rune) bool) string {
	if utf8.ValidString(s) && !strings.ContainsFunc(s, isHarmful) {
		return s // as nearly all are
	}
	var b strings.Builder
	for _, r := range s {
		if isHarmful(r) {
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// isHarmful reports whether a character is a control, a separator of lines, or
// formatting that isn't seen (bidirectional overrides and isolates).
func isHarmful(r rune) bool {
	const joiner, nonJoiner = '\u200D', '\u200C'
	if r < utf8.RuneSelf {
		return r < ' ' || r == '\x7F'
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) && r != joiner && r != nonJoiner
}
