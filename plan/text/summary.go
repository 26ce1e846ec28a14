package text

import (
	"strings"

	"kivaform/plan/view"
)

const summaryIndent = "             " // as wide as the labels

// printSummary writes the lines in columns. What finds no room beside its line
// goes below it. A label stands once for the lines that follow it.
func (p *printer) printSummary(lines []view.SummaryLine) {
	column := p.summaryColumn(lines)
	before := ""
	for _, l := range lines {
		label := l.Label
		if label == before {
			label = ""
		}
		before = l.Label
		p.print(p.paint(labelColor(label), "  "+padRight(label, len(summaryIndent)-2)))
		if l.More != "" && widthOf(l.What) <= column && p.fits(column, l.More) {
			p.println(padRight(l.What, column), "  ", l.More)
			continue
		}
		p.flow(summaryIndent, divideList(l.What))
		if l.More != "" {
			p.print(summaryIndent, "  ")
			p.flow(summaryIndent+"  ", divideList(l.More))
		}
	}
}

// divideList divides a list after its commas.
func divideList(s string) []string {
	parts := strings.SplitAfter(s, ", ")
	for i := range parts {
		parts[i] = strings.TrimSuffix(parts[i], " ")
	}
	return parts
}

// summaryColumn returns how wide the counts are that have room for more.
func (p *printer) summaryColumn(lines []view.SummaryLine) (column int) {
	for _, l := range lines {
		if w := widthOf(l.What); p.fits(w, l.More) {
			column = max(column, w)
		}
	}
	return column
}

func (p *printer) fits(column int, more string) bool {
	return len(summaryIndent)+column+2+widthOf(more) <= p.Width
}

func labelColor(label string) string {
	if label == "needs you" {
		return colorOf(view.Edited)
	}
	return ""
}
