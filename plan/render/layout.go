package render

import (
	"strings"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// width returns how many columns a text takes.
func width(s string) (columns int) {
	for rest := s; rest != ""; {
		n := plainLength(rest)
		if columns += n; n == 0 {
			sign := ownSign(rest)
			if n = len(sign); n == 0 {
				return runewidth.StringWidth(s)
			}
			columns += signWidth(sign)
		}
		rest = rest[n:]
	}
	return columns
}

// ownSign returns the sign of this package that a text begins with, "" where it
// begins with none. They are in nearly all items.
func ownSign(s string) string {
	for _, sign := range []string{mask, middleDot} {
		if strings.HasPrefix(s, sign) {
			return sign
		}
	}
	return ""
}

const middleDot = "·"

// signWidth returns the width of a sign of this package: all of its characters
// are among those that are twice as wide where people write in Chinese, Japanese
// or Korean.
func signWidth(sign string) int {
	n := utf8.RuneCountInString(sign)
	if runewidth.DefaultCondition.EastAsianWidth {
		return 2 * n
	}
	return n
}

const blanks = "                                                                                "

// spaces returns n spaces, none where n is below zero.
func spaces(n int) string {
	if n <= len(blanks) {
		return blanks[:max(n, 0)]
	}
	return strings.Repeat(" ", n)
}

func padRight(s string, n int) string { return s + spaces(n-width(s)) }

// newLine, as a word, begins a new line.
const newLine = "\n"

// words divides a text of one line at its spaces.
func words(s string) []string { return strings.Fields(s) }

// appendWords appends the words of a text of one line.
func appendWords(to []string, s string) []string {
	for word := range strings.FieldsSeq(s) {
		to = append(to, word)
	}
	return to
}

// prose divides a text that may have several lines, and makes it harmless.
func prose(s string) []string { return appendProse(nil, s) }

func appendProse(to []string, s string) []string {
	start := len(to)
	for line := range strings.SplitSeq(s, "\n") {
		if len(to) > start {
			to = append(to, newLine)
		}
		to = appendWords(to, clean(line))
	}
	if len(to) == start {
		return append(to, "(blank)")
	}
	return to
}

// columns writes labels and values in two columns. A label that is too long for
// its column gets a line of its own.
func (t *text) columns(pairs []pair) {
	maxLabel := min(24, t.Width/3)
	column := 0
	for i := range pairs {
		p := &pairs[i]
		if p.wide = width(p.label); p.wide <= maxLabel {
			column = max(column, p.wide)
		}
	}
	rest := spaces(len(detailIndent) + column + 2)
	before, after := t.around(dim)
	for _, p := range pairs {
		t.write(before, detailIndent, p.label, after)
		if p.wide <= column {
			t.write(spaces(column - p.wide + 2))
		} else {
			t.line()
			t.write(rest)
		}
		t.flow(rest, p.words)
	}
}

// flow writes words, and goes on in lines that begin with rest where they
// don't fit. The first line is begun already, as wide as rest.
func (t *text) flow(rest string, words []string) {
	f := flow{text: t, rest: rest, room: t.Width - width(rest)}
	for _, word := range words {
		f.add(word)
	}
	t.line()
}

// A flow is lines under way.
type flow struct {
	*text
	rest  string
	begin string // of the line, until its first word is written
	room  int
	used  int
}

func (f *flow) add(word string) {
	w := width(word)
	switch {
	case word == newLine:
		f.next()
		return
	case w > f.room && strings.Contains(word, " "):
		for part := range strings.FieldsSeq(word) {
			f.add(part)
		}
		return
	case f.used > 0 && f.used+1+w > f.room:
		f.next()
	case f.used > 0:
		f.write(" ")
		f.used++
	}
	for w > f.room {
		head := runewidth.Truncate(word, f.room, "")
		if head == "" || head == word {
			break // one character that is wider than the line
		}
		f.put(head, f.room)
		f.next()
		word = word[len(head):]
		w = width(word)
	}
	f.put(word, w)
}

func (f *flow) put(word string, w int) {
	f.write(f.begin, word)
	f.begin = ""
	f.used += w
}

func (f *flow) next() {
	f.line()
	f.begin, f.used = f.rest, 0
}
