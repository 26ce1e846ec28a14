package text

import (
	"strings"

	"github.com/mattn/go-runewidth"

	"kivaform/plan/view"
)

// widthOf returns how many columns a text takes. Most texts are of ASCII and the
// signs of this program, which need no search for grapheme clusters.
func widthOf(s string) (columns int) {
	for _, r := range s {
		switch {
		case r >= ' ' && r <= '~':
			columns++
		case r == '•' || r == '·':
			columns += runewidth.RuneWidth(r)
		default:
			return runewidth.StringWidth(s)
		}
	}
	return columns
}

// spaces returns n spaces, none where n is below zero.
func spaces(n int) string {
	if n <= len(manySpaces) {
		return manySpaces[:max(n, 0)]
	}
	return strings.Repeat(" ", n)
}

const manySpaces = "                                                                                "

func padRight(s string, n int) string { return s + spaces(n-widthOf(s)) }

// printColumns writes labels and values in two columns. A label that is too long
// for its column gets a line of its own.
func (p *printer) printColumns(lines []view.Line) {
	maxLabel := min(24, p.Width/3)
	column := 0
	for _, l := range lines {
		if w := widthOf(l.Label); w <= maxLabel {
			column = max(column, w)
		}
	}
	rest := spaces(len(detailIndent) + column + 2)
	before, after := p.around(dimCode)
	for _, l := range lines {
		p.print(before, detailIndent, l.Label, after)
		if w := widthOf(l.Label); w <= column {
			p.print(spaces(column - w + 2))
		} else {
			p.println()
			p.print(rest)
		}
		p.flow(rest, l.Words)
	}
}

// flow writes words, and goes on in lines that begin with rest where they
// don't fit. The first line is begun already, as wide as rest.
func (p *printer) flow(rest string, words []string) {
	f := flow{printer: p, rest: rest, room: p.Width - widthOf(rest)}
	for _, word := range words {
		f.add(word)
	}
	p.println()
}

// A flow is lines under way.
type flow struct {
	*printer
	rest  string
	begin string // of the line, until its first word is written
	room  int
	used  int
}

func (f *flow) add(word string) {
	w := widthOf(word)
	switch {
	case word == view.NewLine:
		f.nextLine()
		return
	case w > f.room && strings.Contains(word, " "):
		for part := range strings.FieldsSeq(word) {
			f.add(part)
		}
		return
	case f.used > 0 && f.used+1+w > f.room:
		f.nextLine()
	case f.used > 0:
		f.print(" ")
		f.used++
	}
	for w > f.room {
		head := runewidth.Truncate(word, f.room, "")
		if head == "" || head == word {
			break // one character that is wider than the line
		}
		f.put(head, f.room)
		f.nextLine()
		word = word[len(head):]
		w = widthOf(word)
	}
	f.put(word, w)
}

func (f *flow) put(word string, w int) {
	f.print(f.begin, word)
	f.begin = ""
	f.used += w
}

func (f *flow) nextLine() {
	f.println()
	f.begin, f.used = f.rest, 0
}
