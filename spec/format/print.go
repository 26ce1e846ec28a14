package format

import (
	"strings"
	"unicode/utf8"
)

const (
	step     = 2   // spaces for each level
	maxWidth = 120 // characters of a line with braces or brackets
)

// A printer writes the canonical form.
type printer struct {
	strings.Builder
	fresh bool // at a beginning, where no blank line stands
	kept  bool // behind a block that would take a blank line for its own
}

func (f *file) print() string {
	p := new(printer)
	for _, d := range f.documents {
		p.document(d)
	}
	return p.String()
}

func (p *printer) document(d *document) {
	p.fresh = p.Len() == 0
	p.comments(d.above, 0)
	if d.marked {
		p.line("---", d.beside)
		p.fresh = true
	}
	p.comments(d.top, 0)
	if len(d.top) > 0 {
		p.blank(d.apart)
		p.fresh = true
	}
	if d.root != nil {
		p.root(d.root)
	}
	p.comments(d.below, 0)
}

func (p *printer) root(n *node) {
	if len(n.entries) == 0 {
		p.line("{}", nil)
		return
	}
	p.collection(n, 0, "")
}

// line writes a line, with the comment beside it and what goes on with that
// below it.
func (p *printer) line(text string, beside []comment) {
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

func (p *printer) blank(want bool) {
	if want && !p.fresh && !p.kept {
		p.WriteByte('\n')
	}
}

func (p *printer) comments(all []comment, indent int) {
	for _, c := range all {
		p.blank(c.blank)
		p.line(strings.Repeat(" ", indent)+c.text, nil)
	}
}

// collection writes a collection in block form. Its first entry goes on with the
// line that begins with lead.
func (p *printer) collection(n *node, indent int, lead string) {
	for i, e := range n.entries {
		at := lead
		if i > 0 || lead == "" {
			p.comments(e.head, indent)
			p.blank(e.blank)
			at = strings.Repeat(" ", indent)
		}
		p.entry(e, at, indent)
	}
	p.comments(n.foot, indent)
}

func (p *printer) entry(e *entry, at string, indent int) {
	v := e.value
	start := at + "-"
	if e.key != nil {
		start = at + e.key.spelled() + ":"
	}
	if v.props != "" {
		start += " " + v.props
	}
	text, ok := v.folded(e.key == nil)
	switch {
	case ok && (len(v.entries) == 0 || width(start)+1+width(text) <= maxWidth):
		p.line(start+" "+text, e.beside)
	case v.kind == empty:
		p.line(start, e.beside)
	case v.kind == scalar:
		p.scalar(v, start, e.beside, indent+step)
	case e.key == nil && v.props == "" && len(e.beside) == 0:
		p.collection(v, indent+step, start+" ")
	default:
		p.line(start, e.beside)
		p.fresh = true
		p.collection(v, indent+step, "")
	}
}

// scalar writes a value that may take several lines.
func (p *printer) scalar(n *node, start string, beside []comment, indent int) {
	last := len(n.lines) - 1
	for i, line := range n.lines {
		switch {
		case i == 0:
			line = start + " " + line
		case line != "":
			line = strings.Repeat(" ", indent) + line
		}
		if i == last && n.style < block || i == 0 && n.style >= block {
			p.line(line, beside)
		} else {
			p.line(line, nil)
		}
	}
	p.kept = n.style == kept
}

// spelled returns a value of one line as it is written.
func (n *node) spelled() string {
	return strings.TrimLeft(n.props+" "+n.lines[0], " ")
}

// folded returns a collection in braces or brackets, without its properties, or
// false where it can't be written so: comments stand in it, or values of several
// lines, or an element of a list has elements. What isn't in braces stays so,
// unless it is an element of a list. An alias is its own folded form.
func (n *node) folded(element bool) (string, bool) {
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
		part, ok := e.folded()
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

func (e *entry) folded() (string, bool) {
	if len(e.head) > 0 || len(e.beside) > 0 || e.key != nil && !e.key.fitsBraces() {
		return "", false
	}
	v := e.value
	text, ok := "", v.kind == scalar && v.fitsBraces()
	if ok {
		text = v.lines[0]
	} else if text, ok = v.folded(false); !ok {
		return "", false
	}
	if v.props != "" {
		text = v.props + " " + text
	}
	if e.key != nil {
		text = e.key.spelled() + ": " + text
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
