// Package render shows a plan to a person.
package render

import (
	"io"

	"kivaform/plan"
)

// Options say how to show a plan.
type Options struct {
	Color    bool // mark with ANSI colours
	Width    int  // columns to wrap at; 80 if zero, never fewer than 40
	Personal bool // show names and texts; else a mask stands for them
	Full     bool // show every row and every item, unchanged ones too
}

const (
	defaultWidth = 80
	minWidth     = 40
	mask         = "••••••" // of one length, so that it tells nothing
)

// Text writes a plan as text: what it comes to, what needs a person, then each
// item with its file and line and its fields. What people typed can't move the
// cursor or change colours: it is shown as codes. Lines keep to the width
// except for addresses and places in files, which stay whole so that they can
// be copied. It returns the first error of w.
func Text(w io.Writer, p *plan.Plan, o Options) error {
	if o.Width == 0 {
		o.Width = defaultWidth
	}
	o.Width = max(o.Width, minWidth)
	t := &text{Options: o, plan: p, w: w}
	t.header()
	t.person()
	t.items("Loan drafts", p.Drafts)
	t.items("Journals", p.Journals)
	for _, r := range p.Reports {
		t.report(r)
	}
	t.notes()
	t.flush()
	return t.err
}
