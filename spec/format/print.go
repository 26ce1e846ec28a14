package format

import (
	"strings"
	"unicode/utf8"
)

const (
	indentStep = 2   // spaces for each level
	maxWidth   = 120 // characters of a line with braces or brackets
)

// A printer writes the canonical form.
type printer struct {
	strings.Builder
	fresh bool // at the top, or below a marker or key: write no blank line
	kept  bool // below a block that would absorb a blank line
}

func (f *file) print() string {
	p := new(printer)
	for _, d := range f.documents {
		p.printDocument(d)
	}
	return p.String()
}

func (p *printer) printDocument(d *document) {
	p.fresh = p.Len() == 0
	p.printComments(d.above, 0)
	if d.marked {
		p.printLine("---", d.beside)
		p.fresh = true
	}
	p.printComments(d.top, 0)
	if len(d.top) > 0 {
		p.printBlank(d.apart)
		p.fresh = true
	}
	if d.root != nil {
		p.printRoot(d.root)
	}
	p.printComments(d.below, 0)
}

func (p *printer) printRoot(n *node) {
	if len(n.entries) == 0 {
		p.printLine("{}", nil)
		return
	}
	p.printCollection(n, 0, "")
}

// printLine writes a line with the comment at its end, and that comment's further
// lines in the same column.
func (p *printer) printLine(text string, beside []comment) {
	p.WriteString(text)
	for i, c := range beside {
		if i > 0 {
			p.WriteByte('\n')
			p.WriteString(strings.Repeat(" ", width(text)))
		}
		p.WriteString(beside[0].space)
		p.WriteString(c.text)
	}
	p.WriteByte('\n')
	p.fresh, p.kept = false, false
}

func width(s string) int { return utf8.RuneCountInString(s) }

func (p *printer) printBlank(want bool) {
	if want && !p.fresh && !p.kept {
		p.WriteByte('\n')
	}
}

func (p *printer) printComments(all []comment, indent int) {
	for _, c := range all {
		p.printBlank(c.blank)
		p.printLine(strings.Repeat(" ", indent)+c.text, nil)
	}
}

// printCollection writes a collection in block form. A non-empty lead begins its
// first line.
func (p *printer) printCollection(n *node, indent int, lead string) {
	for i, e := range n.entries {
		at := lead
		if i > 0 || lead == "" {
			p.printComments(e.head, indent)
			p.printBlank(e.blank)
			at = strings.Repeat(" ", indent)
		}
		p.printEntry(e, at, indent)
	}
	p.printComments(n.foot, indent)
}

func (p *printer) printEntry(e *entry, at string, indent int) {
	v := e.value
	start := at + "-"
	if e.key != nil {
		start = at + e.key.withProperties() + ":"
	}
	if v.props != "" {
		start += " " + v.props
	}
	text, ok := v.inBraces(e.key == nil)
	switch {
	case ok && (len(v.entries) == 0 || width(start)+1+width(text) <= maxWidth):
		p.printLine(start+" "+text, e.beside)
	case v.kind == empty:
		p.printLine(start, e.beside)
	case v.kind == scalar:
		p.printScalar(v, start, e.beside, indent+indentStep)
	case e.key == nil && v.props == "" && len(e.beside) == 0:
		p.printCollection(v, indent+indentStep, start+" ")
	default:
		p.printLine(start, e.beside)
		p.fresh = true
		p.printCollection(v, indent+indentStep, "")
	}
}

// printScalar writes a scalar of one or more lines.
func (p *printer) printScalar(n *node, start string, beside []comment, indent int) {
	last := len(n.lines) - 1
	for i, line := range n.lines {
		switch {
		case i == 0:
			line = start + " " + line
		case line != "":
			line = strings.Repeat(" ", indent) + line
		}
		if i == last && n.style < block || i == 0 && n.style >= block {
			p.printLine(line, beside)
		} else {
			p.printLine(line, nil)
		}
	}
	p.kept = n.style == kept
}

// withProperties returns a one-line value with its properties.
func (n *node) withProperties() string {
	return strings.TrimLeft(n.props+" "+n.lines[0], " ")
}

// inBraces returns a collection in braces or brackets, without its properties. It
// returns false if comments stand in it, a value has several lines, or an
// element of a list is a mapping. A block collection is folded only as an
// element of a list. An alias is its own folded form.
func (n *node) inBraces(element bool) (string, bool) {
	if n.kind == alias {
		return n.lines[0], true
	}
	if n.kind != mapping && n.kind != sequence || len(n.foot) > 0 {
		return "", false
	}
	if !n.flow && !(element && n.kind == mapping) {
		return "", false
	}
	parts := make([]string, len(n.entries))
	for i, e := range n.entries {
		part, ok := e.inBraces()
		if !ok || n.kind == sequence && e.value.kind == mapping {
			return "", false
		}
		parts[i] = part
	}
	if n.kind == sequence {
		return "[" + strings.Join(parts, ", ") + "]", true
	}
	return "{" + strings.Join(parts, ", ") + "}", true
}

func (e *entry) inBraces() (string, bool) {
	if len(e.head) > 0 || len(e.beside) > 0 || e.key != nil && !e.key.fitsBraces() {
		return "", false
	}
	v := e.value
	text, ok := "", v.kind == scalar && v.fitsBraces()
	if ok {
		text = v.lines[0]
	} else if text, ok = v.inBraces(false); !ok {
		return "", false
	}
	if v.props != "" {
		text = v.props + " " + text
	}
	if e.key != nil {
		text = e.key.withProperties() + ": " + text
	}
	return text, true
}

// fitsBraces reports whether a scalar reads the same in braces.
func (n *node) fitsBraces() bool {
	if len(n.lines) > 1 || n.style >= block {
		return false
	}
	return n.inner || n.style != plain || !strings.ContainsAny(n.lines[0], ",[]{}?")
}
