package spec

import (
	"unicode"
	"unicode/utf8"
)

// IsReadable reports whether a character shows as itself on a screen, as letters
// and emoji do. Those that don't show, or change how others show, are better
// left escaped in a file.
func IsReadable(c rune) bool {
	return unicode.IsPrint(c) && !unicode.In(c, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// IsUnseen reports whether a character shows nothing, also not as a space.
func IsUnseen(r rune) bool {
	return r >= utf8.RuneSelf && unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// IsASCII reports whether a text has no other characters.
func IsASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
