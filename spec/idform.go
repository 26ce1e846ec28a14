package spec

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// formProblem says what makes an id look like another one that isn't the same:
// a letter that is written in another way, or a character that nobody sees.
// Kiva and the ledger compare ids byte by byte, so what looks alike would be
// sent twice. An id of ASCII costs one look at its bytes.
func formProblem(id string) (problem, hint string) {
	if IsASCII(id) {
		return "", ""
	}
	switch i := strings.IndexFunc(id, isOdd); {
	case i >= 0:
		c, _ := utf8.DecodeRuneInString(id[i:])
		problem = fmt.Sprintf("an id can't hold a character that isn't seen (U+%04X)", c)
		if unicode.IsSpace(c) {
			problem = fmt.Sprintf("an id can't hold a space of another kind (U+%04X)", c)
		}
	case !norm.NFC.IsNormalString(id):
		problem = fmt.Sprintf("an id can't hold a letter that is written as %s: it is taken for another id", oddLetter(id))
	default:
		return "", ""
	}
	if usual := usualForm(id); usual != "" {
		return problem, `type it anew, or copy it from here: "` + usual + `"`
	}
	return problem, "type it anew"
}

// isOdd reports whether an id can't hold a character: one that isn't seen, or a
// space that isn't the usual one.
func isOdd(r rune) bool {
	return IsUnseen(r) || r != ' ' && unicode.In(r, unicode.Zl, unicode.Zp, unicode.Zs)
}

// usualForm returns an id as it most probably was meant.
func usualForm(id string) string {
	return strings.TrimSpace(norm.NFC.String(strings.Map(func(r rune) rune {
		switch {
		case !isOdd(r):
			return r
		case unicode.IsSpace(r):
			return ' '
		}
		return -1
	}, id)))
}

// oddLetter returns the codes of the first letter that isn't in its usual form,
// with its marks: U+004E U+0303.
func oddLetter(id string) string {
	want := []rune(norm.NFC.String(id))
	have := []rune(id)
	i := 0
	for i < min(len(have), len(want)) && have[i] == want[i] {
		i++
	}
	codes := make([]string, 0, 2)
	for k, r := range have[i:] {
		if k > 0 && !unicode.IsMark(r) {
			break
		}
		codes = append(codes, fmt.Sprintf("U+%04X", r))
	}
	return strings.Join(codes, " ")
}
