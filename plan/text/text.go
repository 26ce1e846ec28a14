// Package text shows a plan in a terminal, a log or a file. It shows a [view.View],
// and knows nothing else of the plan.
package text

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strings"

	"kivaform/plan/view"
)

// Options say how to show a plan.
type Options struct {
	Color bool // mark with ANSI colours
	Width int  // columns to wrap at; 80 if zero, never fewer than 40
	Full  bool // show every row and every item, unchanged ones too
}

const (
	defaultWidth = 80
	minWidth     = 40
)

// Write writes a plan as text: its summary, the items that need a person, then
// each item with its file and line and its fields. What people typed can't move the
// cursor or change colours: it is shown as codes. Lines keep to the width
// except for addresses and positions in files, which stay whole so that they can
// be copied. It returns the first error of w.
func Write(w io.Writer, v *view.View, o Options) error {
	if o.Width == 0 {
		o.Width = defaultWidth
	}
	o.Width = max(o.Width, minWidth)
	p := &printer{Options: o, view: v, w: bufio.NewWriterSize(w, 64<<10)}
	p.printHead()
	p.printPerson()
	p.printItems("Loan drafts", v.GroupDrafts(p.isListed))
	p.printItems("Journals", v.GroupJournals(p.isListed))
	for r := range v.Reports() {
		p.printReport(&r)
	}
	p.printNotes()
	return p.w.Flush()
}

// few is how many things that are alike are shown without Full.
const few = 12

// A printer writes the text of a plan.
type printer struct {
	Options
	view *view.View
	w    *bufio.Writer // keeps the first error for Flush
	item view.Item     // the last one that was read; its memory is used again
}

// print writes parts one after the other.
func (p *printer) print(parts ...string) {
	for _, s := range parts {
		p.w.WriteString(s)
	}
}

// println writes parts as one line.
func (p *printer) println(parts ...string) {
	p.print(parts...)
	p.w.WriteByte('\n')
}

// printHead writes the title and the summary.
func (p *printer) printHead() {
	title := "Plan for " + view.Harmless(p.view.Environment)
	if p.view.PartnerID != "" {
		title += ", partner " + view.Harmless(p.view.PartnerID)
	}
	p.println(p.bold(title), " (", p.view.Today, ")")
	p.println()
	p.printAddresses()
	p.printSummary(p.view.SummaryLines())
	p.println()
}

// printAddresses lists the addresses that only kiva.yaml vouches for.
func (p *printer) printAddresses() {
	if len(p.view.Addresses) == 0 {
		return
	}
	p.println(p.bold(view.AddressesTitle))
	for _, a := range p.view.Addresses {
		p.println("  ", padRight(view.Harmless(a.Key), len("introspection_url")), "  ", view.Harmless(a.Value))
	}
	p.println()
}

// printPerson lists first the items that wait for a person's decision.
func (p *printer) printPerson() {
	if p.view.Summary.NeedsPerson == 0 {
		return
	}
	p.println(p.bold("Needs a person"))
	p.printGroups(p.view.GroupItems(view.Action.NeedsPerson))
	for r := range p.view.Reports() {
		if groups := r.GroupRows(view.Action.NeedsPerson); len(groups) > 0 {
			p.printReportHeading("  Repayments of ", &r)
			p.printRowGroups(&r, groups)
		}
	}
	p.printUnanswered()
	p.println()
}

// printUnanswered lists requests without a known answer, with those of their items
// that the files no longer have.
func (p *printer) printUnanswered() {
	left := p.limit()
	hidden := 0
	for i := range p.view.Unanswered {
		o := &p.view.Unanswered[i]
		n := min(len(o.Items), left)
		left -= n
		hidden += len(o.Items) - n
		if n == 0 {
			continue
		}
		p.print("  ")
		p.flow("    ", strings.Fields(view.Harmless(o.Why)))
		before, after := p.around(colorOf(view.Unknown))
		for _, a := range o.Items[:n] {
			p.println(before, "  ", string(view.Unknown), " ", view.Harmless(string(a)), after)
		}
	}
	p.printLeftOut(hidden, "")
}

// printItems lists the items that will be sent or recorded, and those that wait.
func (p *printer) printItems(title string, groups view.Groups) {
	if len(groups) == 0 {
		return
	}
	p.println(p.bold(title))
	p.printGroups(groups)
	p.println()
}

// isListed reports whether an action belongs into the list of its kind.
func (p *printer) isListed(a view.Action) bool {
	return !a.NeedsPerson() && (p.Full || a != view.Unchanged)
}

// printNotes prints the plan's other notes.
func (p *printer) printNotes() {
	notes := p.view.Notes
	if len(notes) == 0 {
		return
	}
	p.println(p.bold("Notes"))
	n := min(len(notes), p.limit())
	for _, note := range notes[:n] {
		p.print("  - ")
		p.flow("    ", strings.Fields(view.Harmless(note)))
	}
	p.printLeftOut(len(notes)-n, "")
	p.println()
}

// limit is how many things that are alike are shown.
func (p *printer) limit() int {
	if p.Full {
		return math.MaxInt
	}
	return few
}

// printLeftOut says how many were left out, and how to see them.
func (p *printer) printLeftOut(n int, what string) {
	if n > 0 {
		p.println("    ", p.dim(fmt.Sprintf("and %d more%s (--full shows all)", n, what)))
	}
}

// eachGroup shows groups in the order of a plan's actions: of each action the
// first few, where not all are asked for.
func (p *printer) eachGroup(groups view.Groups, show func(view.Action, *view.Group)) {
	for _, a := range view.Actions() {
		list := groups[a]
		n := min(len(list), p.limit())
		for _, g := range list[:n] {
			show(a, g)
		}
		left := 0
		for _, g := range list[n:] {
			left += len(g.Members)
		}
		p.printLeftOut(left, " for other reasons")
	}
}
