package author

import (
	"strings"

	"github.com/mattn/go-runewidth"

	"kivaform/spec/schema"
)

// A textPage is a page of wrapped text.
type textPage struct{ *strings.Builder }

const (
	pageWidth  = 80
	labelWidth = 9
)

func newTextPage() textPage { return textPage{new(strings.Builder)} }

func (t textPage) addParagraph(s string) {
	t.addWrapped("", s)
	t.WriteString("\n")
}

// addGap adds a blank line, if there is none.
func (t textPage) addGap() {
	if !strings.HasSuffix(t.String(), "\n\n") {
		t.WriteString("\n")
	}
}

// addRow adds a label with text, or nothing for no text.
func (t textPage) addRow(label, s string) {
	if s != "" {
		t.addWrapped(runewidth.FillRight("  "+label, labelWidth+2), s)
	}
}

// addExample adds a label with lines that aren't wrapped.
func (t textPage) addExample(label, s string) {
	prefix := runewidth.FillRight("  "+label, labelWidth+2)
	for line := range strings.Lines(s) {
		t.WriteString(prefix + strings.TrimRight(line, "\n") + "\n")
		prefix = strings.Repeat(" ", len(prefix))
	}
}

// addSummaries adds the name and the first sentence of each field.
func (t textPage) addSummaries(docs []schema.Doc) {
	for _, d := range docs {
		if d.Refused {
			continue
		}
		t.WriteString("  " + d.String() + "\n")
		t.addWrapped("      ", firstSentence(d.About))
	}
}

// addWrapped adds wrapped text, indented by the width of the first line's prefix.
func (t textPage) addWrapped(prefix, s string) {
	indent := strings.Repeat(" ", len(prefix))
	line := prefix
	for word := range strings.FieldsSeq(s) {
		switch {
		case line == prefix:
			line += word
		case runewidth.StringWidth(line)+1+runewidth.StringWidth(word) > pageWidth:
			t.WriteString(line + "\n")
			line = indent + word
		default:
			line += " " + word
		}
	}
	t.WriteString(line + "\n")
}

func firstSentence(s string) string {
	if i := strings.Index(s, ". "); i >= 0 {
		return s[:i+1]
	}
	return s
}
