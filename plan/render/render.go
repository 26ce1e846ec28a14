// Package render shows a plan to a person.
package render

import (
	"io"

	"kivaform/plan"
)

// Options say how to show a plan.
type Options struct {
	Color    bool // mark with ANSI colours
	Width    int  // columns to wrap at; 80 if zero
	Personal bool // show names, texts and photos; else a mask stands for them
	Full     bool // show every row and every unchanged item
}

const (
	defaultWidth = 80
	minWidth     = 40
	mask         = "••••••" // of one length, so that it tells nothing
)

// Text writes a plan as text: what it comes to, what needs a person, then each
// item with its file and line and its fields.
func Text(w io.Writer, p *plan.Plan, o Options) error {
	if o.Width == 0 {
		o.Width = defaultWidth
	}
	o.Width = max(o.Width, minWidth)
	t := &text{Options: o, plan: p}
	t.header()
	t.person()
	t.items("Loan drafts", p.Drafts)
	t.items("Journals", p.Journals)
	for _, r := range p.Reports {
		t.report(r)
	}
	t.notes()
	_, err := w.Write(t.buf.Bytes())
	return err
}
