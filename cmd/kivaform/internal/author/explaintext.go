package author

import (
	"strings"

	"github.com/mattn/go-runewidth"

	"kivaform/spec/schema"
)

// texts is a page of words, wrapped.
type texts struct{ *strings.Builder }

const (
	pageWidth  = 80
	labelWidth = 9
)

func newTexts() texts { return texts{new(strings.Builder)} }

func (t texts) paragraph(s string) {
	t.wrap("", s)
	t.WriteString("\n")
}

// gap leaves one line free.
func (t texts) gap() {
	if !strings.HasSuffix(t.String(), "\n\n") {
		t.WriteString("\n")
	}
}

// row writes a label and words beside it, nothing where there are none.
func (t texts) row(label, s string) {
	if s != "" {
		t.wrap(runewidth.FillRight("  "+label, labelWidth+2), s)
	}
}

// example writes a label and lines beside it as they are.
func (t texts) example(label, s string) {
	prefix := runewidth.FillRight("  "+label, labelWidth+2)
	for line := range strings.Lines(s) {
		t.WriteString(prefix + strings.TrimRight(line, "\n") + "\n")
		prefix = strings.Repeat(" ", len(prefix))
	}
}

// summaries writes a line of each field.
func (t texts) summaries(docs []schema.Doc) {
	for _, d := range docs {
		if d.Refused {
			continue
		}
		t.WriteString("  " + d.String() + "\n")
		t.wrap("      ", firstSentence(d.About))
	}
}

// wrap writes words below each other, beside a prefix of the first line.
func (t texts) wrap(prefix, s string) {
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
