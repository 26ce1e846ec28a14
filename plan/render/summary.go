package render

import (
	"fmt"
	"strings"

	"kivaform/plan"
)

// header says what the plan comes to.
func (t *text) header() {
	p := t.plan
	title := "Plan for " + clean(p.Environment)
	if p.PartnerID != "" {
		title += ", partner " + clean(p.PartnerID)
	}
	t.line(t.bold(title), " (", p.Today.String(), ")")
	t.line()
	t.addresses(p.OwnAddresses())
	t.summary(summaryOf(p))
	t.line()
}

// ownAddresses is the heading of addresses that only kiva.yaml vouches for.
const ownAddresses = "Addresses that kiva.yaml sets"

func (t *text) addresses(own []plan.Destination) {
	if len(own) == 0 {
		return
	}
	t.line(t.bold(ownAddresses))
	for _, d := range own {
		t.line("  ", padRight(clean(d.Key), len("introspection_url")), "  ", clean(d.Value))
	}
	t.line()
}

// A summary is what a plan comes to, line by line.
type summary []summaryLine

type summaryLine struct{ label, what, more string }

// add adds a line; nothing where there is nothing to count. A label stands
// once for the lines that follow it.
func (s *summary) add(label, what, more string) {
	if what != "" {
		*s = append(*s, summaryLine{label, what, more})
	}
}

func summaryOf(p *plan.Plan) summary {
	var s summary
	t := tallyOf(p)
	s.add("needs you", t[plan.Unknown].String(), "sent, with no answer known")
	s.add("needs you", t[plan.Edited].String(), "changed after being sent")
	s.addSent(p)
	s.add("to record", t[plan.Adopt].String(), "which Kiva lists already")
	s.add("waiting", t[plan.Waiting].String(), "not possible yet")
	s.add("unchanged", count(t[plan.Unchanged].total(), "item"), "")
	if len(s) == 0 {
		s.add("empty", "no documents", "")
	}
	return s
}

// addSent says what is sent, with the money of each kind.
func (s *summary) addSent(p *plan.Plan) {
	const label = "to send"
	again := func(item *plan.Item) bool { return item.Again && item.Action.Sends() }
	sent := func(item *plan.Item) bool { return item.Action.Sends() }
	s.add(label, count(countItems(p.Drafts, sent), "loan draft"), totals(p.DraftTotals()))
	s.add(label, ofThem(countItems(p.Drafts, again)), "on a person's word")
	s.add(label, count(countItems(p.Journals, sent), "journal"), "")
	s.add(label, ofThem(countItems(p.Journals, again)), "on a person's word")
	for _, r := range p.Reports {
		if n := countRows(r, plan.Action.Sends); n > 0 {
			s.add(label, count(n, "repayment")+" of "+clean(r.Report.Period), totals(r.Totals()))
		}
		changed := countRows(r, func(a plan.Action) bool { return a == plan.ReportAgain })
		s.add(label, ofThem(changed), "with a changed amount")
	}
}

func ofThem(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d of them again", n)
}

const summaryIndent = "             " // as wide as the labels

// summary writes the lines in columns. What finds no room beside its line goes
// below it.
func (t *text) summary(s summary) {
	column := t.summaryColumn(s)
	before := ""
	for _, l := range s {
		label := l.label
		if label == before {
			label = ""
		}
		before = l.label
		t.write(t.paint(labelColor(label), "  "+padRight(label, len(summaryIndent)-2)))
		if l.more != "" && width(l.what) <= column && t.fits(column, l.more) {
			t.line(padRight(l.what, column), "  ", l.more)
			continue
		}
		t.flow(summaryIndent, t.listed(l.what))
		if l.more != "" {
			t.write(summaryIndent, "  ")
			t.flow(summaryIndent+"  ", t.listed(l.more))
		}
	}
}

// listed divides a list at its commas.
func (t *text) listed(s string) []string { return t.made.separate(strings.Split(s, ", "), ",") }

// summaryColumn returns how wide the counts are that have room for more.
func (t *text) summaryColumn(s summary) (column int) {
	for _, l := range s {
		if w := width(l.what); t.fits(w, l.more) {
			column = max(column, w)
		}
	}
	return column
}

func (t *text) fits(column int, more string) bool {
	return len(summaryIndent)+column+2+width(more) <= t.Width
}

func labelColor(label string) string {
	if label == "needs you" {
		return colorOf(plan.Edited)
	}
	return ""
}

// A tally counts by kind.
type tally struct{ drafts, journals, rows int }

func (t tally) total() int { return t.drafts + t.journals + t.rows }

// String says "2 loan drafts, 1 journal"; "" where there is nothing.
func (t tally) String() string {
	var parts []string
	for _, part := range []string{count(t.drafts, "loan draft"), count(t.journals, "journal"), count(t.rows, "repayment")} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

func tallyOf(p *plan.Plan) map[plan.Action]tally {
	drafts, journals, rows := plan.CountItems(p.Drafts), plan.CountItems(p.Journals), make(plan.Counts)
	for _, r := range p.Reports {
		for a, n := range r.Count() {
			rows[a] += n
		}
	}
	all := make(map[plan.Action]tally)
	for _, a := range plan.Actions {
		all[a] = tally{drafts[a], journals[a], rows[a]}
	}
	return all
}

func countItems(items []plan.Item, is func(*plan.Item) bool) (n int) {
	for i := range items {
		if is(&items[i]) {
			n++
		}
	}
	return n
}

func countRows(r plan.Report, is func(plan.Action) bool) (n int) {
	for i := range r.Rows {
		if is(r.Rows[i].Action) {
			n++
		}
	}
	return n
}

// count says "1 journal" or "2 journals"; "" for none.
func count(n int, what string) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func totals(t plan.Totals) string {
	var parts []string
	for _, c := range t.Currencies() {
		parts = append(parts, strings.TrimSpace(clean(c)+" "+t[c].Format()))
	}
	return strings.Join(parts, ", ")
}
