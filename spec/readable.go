package spec

import "unicode"

// IsReadable reports whether a character shows as itself on a screen, as letters
// and emoji do. Those that don't show, or change how others show, are better
// left escaped in a file.
func IsReadable(c rune) bool {
	return unicode.IsPrint(c) && !unicode.In(c, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}
