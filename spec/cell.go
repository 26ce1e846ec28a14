package spec

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// formulaSigns begin what spreadsheets compute, in the usual width and in others.
const formulaSigns = "=+-@＝＋－＠﹦﹢﹣﹫"

// cellSeparators begin a new cell in one spreadsheet or another, whatever the
// separator of the file is.
const cellSeparators = ",;|\t\r\n"

// GuardCell returns the text of a CSV cell that no spreadsheet takes for a
// formula: an apostrophe stands before what would begin one, at the beginning
// and after each separator of cells. [UnguardCell] takes them away again.
func GuardCell(s string) string {
	if !strings.ContainsAny(s, formulaSigns+"\t\r\n") {
		return s
	}
	var b strings.Builder
	for at, r := range s {
		if beginsCell(s, at) && beginsFormula(s[at:], at == 0) {
			b.WriteByte('\'')
		}
		b.WriteString(s[at : at+runeSize(s[at:], r)])
	}
	return b.String()
}

// UnguardCell returns the text that GuardCell was given. Other texts stay as they
// are, unless an apostrophe stands in them before the beginning of a formula.
func UnguardCell(s string) string {
	if !strings.Contains(s, "'") {
		return s
	}
	var b strings.Builder
	for at, r := range s {
		if r == '\'' && beginsCell(s, at) && beginsFormula(s[at+1:], at == 0) {
			continue
		}
		b.WriteString(s[at : at+runeSize(s[at:], r)])
	}
	return b.String()
}

// runeSize returns the length of the first rune in bytes, also where it isn't
// UTF-8.
func runeSize(s string, r rune) int {
	if r == utf8.RuneError {
		_, size := utf8.DecodeRuneInString(s)
		return size
	}
	return utf8.RuneLen(r)
}

func beginsCell(s string, at int) bool {
	return at == 0 || strings.IndexByte(cellSeparators, s[at-1]) >= 0
}

// beginsFormula reports whether a spreadsheet may take a text for a formula. Some
// drop spaces, quotes and invisible characters before they look. A whole cell may
// not begin with a tab or a line break either.
func beginsFormula(s string, whole bool) bool {
	s = strings.TrimLeftFunc(s, isSkipped)
	signs := formulaSigns
	if whole {
		signs += "\t\r\n"
	}
	r, _ := utf8.DecodeRuneInString(s)
	return s != "" && strings.ContainsRune(signs, r)
}

func isSkipped(r rune) bool {
	if strings.ContainsRune("\t\r\n", r) {
		return false
	}
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Pi, unicode.Pf) || strings.ContainsRune("'\"`´＂＇„‚", r)
}
