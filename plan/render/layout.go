package render

import (
	"strings"
	"sync"

	"github.com/mattn/go-runewidth"
)

func width(s string) int {
	switch {
	case isPlain(s):
		return len(s)
	case s == mask:
		return maskWidth()
	}
	return runewidth.StringWidth(s)
}

var maskWidth = sync.OnceValue(func() int { return runewidth.StringWidth(mask) })

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

// prose divides a text that may have several lines, and makes it harmless.
func prose(s string) []string {
	var list []string
	for line := range strings.SplitSeq(s, "\n") {
		if list != nil {
			list = append(list, newLine)
		}
		list = append(list, words(clean(line))...)
	}
	if len(list) == 0 {
		return []string{"(blank)"}
	}
	return list
}

// pairs writes labels and values in two columns. A label that is too long for
// its column gets a line of its own.
func (t *text) pairs(pairs []pair) {
	maxLabel := min(24, t.Width/3)
	column := 0
	for _, p := range pairs {
		if w := width(p.label); w <= maxLabel {
			column = max(column, w)
		}
	}
	rest := spaces(len(detailIndent) + column + 2)
	before, after := t.around(dim)
	for _, p := range pairs {
		t.write(before, detailIndent, p.label, after)
		if w := width(p.label); w <= column {
			t.write(spaces(column - w + 2))
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
