package render

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/mattn/go-runewidth"

	"kivaform/plan"
)

// clean makes what people typed harmless: what would move the cursor, change
// colours or turn the direction of writing is shown as its code.
func clean(s string) string {
	if strings.IndexFunc(s, harmful) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n' || r == '\t':
			b.WriteByte(' ')
		case harmful(r):
			fmt.Fprintf(&b, "\\u%04X", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// harmful runes are controls, and formatting that isn't seen (bidirectional
// overrides and isolates), but not the joiners that scripts and emoji need.
func harmful(r rune) bool {
	const joiner, nonJoiner = '\u200D', '\u200C'
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != joiner && r != nonJoiner
}

func width(s string) int { return runewidth.StringWidth(s) }

func padRight(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-width(s)))
}

// pairs writes labels and values in two columns; values are wrapped.
func (t *text) pairs(pairs []pair) {
	const indent, maxLabel = "      ", 24
	column := 0
	for _, p := range pairs {
		column = max(column, min(width(p.label), maxLabel))
	}
	for _, p := range pairs {
		prefix := indent + padRight(clean(p.label), column) + "  "
		rest := strings.Repeat(" ", len(indent)+column+2)
		for i, l := range wrap(p.value, t.Width-len(rest)) {
			if i == 0 {
				t.line("%s%s", t.dim(prefix), l)
			} else {
				t.line("%s%s", rest, l)
			}
		}
	}
}

// wrapped writes a text in lines of one indentation.
func (t *text) wrapped(indent, s string) {
	for _, l := range wrap(s, t.Width-len(indent)) {
		t.line("%s%s", indent, l)
	}
}

// wrap breaks a text at spaces into lines of at most n columns; a longer word
// stays whole.
func wrap(s string, n int) []string {
	words := strings.Fields(s)
	if len(words) == 0 {
		return []string{""}
	}
	lines := []string{words[0]}
	used := width(words[0])
	for _, word := range words[1:] {
		w := width(word)
		if used+1+w > n {
			lines, used = append(lines, word), w
			continue
		}
		lines[len(lines)-1] += " " + word
		used += 1 + w
	}
	return lines
}

// align puts the cells of a table into columns.
func align(table [][]string) []string {
	var widths []int
	for _, row := range table {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], width(cell))
		}
	}
	lines := make([]string, len(table))
	for i, row := range table {
		var b strings.Builder
		for k, cell := range row {
			if widths[k] > 0 {
				b.WriteString(padRight(cell, widths[k]) + "  ")
			}
		}
		lines[i] = strings.TrimRight(b.String(), " ")
	}
	return lines
}

func (t *text) style(code, s string) string {
	if !t.Color || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (t *text) bold(s string) string { return t.style("1", s) }
func (t *text) dim(s string) string  { return t.style("2", s) }

// paint colours by action; the mark alone says the same without colour.
func (t *text) paint(a plan.Action, s string) string {
	switch a {
	case plan.Submit:
		return t.style("32", s)
	case plan.ReportAgain, plan.Adopt:
		return t.style("36", s)
	case plan.Edited:
		return t.style("33", s)
	case plan.Unknown:
		return t.style("31", s)
	}
	return t.dim(s)
}
