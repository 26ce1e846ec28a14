package render

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"kivaform/plan"
	"kivaform/spec"
)

// text is a text view under way.
type text struct {
	Options
	plan *plan.Plan
	buf  bytes.Buffer
}

func (t *text) line(format string, args ...any) {
	fmt.Fprintf(&t.buf, format+"\n", args...)
}

// header says what the plan comes to.
func (t *text) header() {
	p := t.plan
	title := "Plan for " + p.Environment
	if p.PartnerID != "" {
		title += ", partner " + p.PartnerID
	}
	t.line("%s (%s)\n", t.bold(title), p.Today)
	for _, l := range t.summary() {
		t.buf.WriteString("  " + padRight(l.label, 11))
		t.buf.WriteString(strings.TrimRight(padRight(l.what, 28)+l.more, " ") + "\n")
	}
	t.line("")
}

// A summaryLine is one line of the header.
type summaryLine struct{ label, what, more string }

func (t *text) summary() []summaryLine {
	p := t.plan
	var lines []summaryLine
	add := func(label, what, more string) {
		if len(lines) > 0 && slices.ContainsFunc(lines, func(l summaryLine) bool { return l.label == label }) {
			label = ""
		}
		lines = append(lines, summaryLine{label, what, more})
	}
	if n := countItems(p.Drafts, plan.Action.Sends); n > 0 {
		add("to send", count(n, "loan draft"), totals(p.DraftTotals()))
	}
	if n := countItems(p.Journals, plan.Action.Sends); n > 0 {
		add("to send", count(n, "journal"), "")
	}
	for _, r := range p.Reports {
		if n := countRows(r, plan.Action.Sends); n > 0 {
			add("to send", count(n, "repayment")+" of "+r.Report.Period, totals(r.Totals()))
		}
	}
	c := p.Count()
	for _, l := range []struct {
		label string
		of    plan.Action
		what  string
	}{
		{"to record", plan.Adopt, "which Kiva lists already"},
		{"needs you", plan.Unknown, "sent, with no answer known"},
		{"needs you", plan.Edited, "changed after being sent"},
		{"waiting", plan.Waiting, "not possible yet"},
		{"unchanged", plan.Unchanged, ""},
	} {
		if c[l.of] > 0 {
			add(l.label, count(c[l.of], "item"), l.what)
		}
	}
	if len(lines) == 0 {
		add("empty", "no documents", "")
	}
	return lines
}

// person lists first what goes nowhere until somebody has decided.
func (t *text) person() {
	var items []plan.Item
	for item := range t.plan.Items() {
		if item.Action.NeedsPerson() {
			items = append(items, item)
		}
	}
	rows := false
	for _, r := range t.plan.Reports {
		rows = rows || countRows(r, plan.Action.NeedsPerson) > 0
	}
	if len(items) == 0 && !rows {
		return
	}
	slices.SortStableFunc(items, func(a, b plan.Item) int {
		return slices.Index(plan.Actions, a.Action) - slices.Index(plan.Actions, b.Action)
	})
	t.line("%s", t.bold("Needs a person"))
	for _, item := range items {
		t.item(item)
	}
	for _, r := range t.plan.Reports {
		t.rows(r, plan.Action.NeedsPerson, len(r.Rows))
	}
	t.line("")
}

// items lists what will be done, and what waits.
func (t *text) items(title string, items []plan.Item) {
	var shown []plan.Item
	for _, item := range items {
		if !item.Action.NeedsPerson() && (t.Full || item.Action != plan.Unchanged) {
			shown = append(shown, item)
		}
	}
	if len(shown) == 0 {
		return
	}
	t.line("%s", t.bold(title))
	for _, item := range shown {
		t.item(item)
	}
	t.line("")
}

func (t *text) item(item plan.Item) {
	t.heading(item.Action, string(item.Address()), item.Resource.Position().Short())
	if item.Why != "" {
		t.wrapped("      ", clean(item.Why))
	}
	switch {
	case item.Action == plan.Edited:
		t.changes(item)
	case item.Action.Sends():
		t.pairs(t.describe(item.Resource))
	}
}

// heading writes mark, address and place; the place goes to the right where
// there is room.
func (t *text) heading(a plan.Action, address, place string) {
	left := fmt.Sprintf("  %c %s", a, clean(address))
	gap := max(2, min(t.Width, 100)-width(left)-width(place)-1)
	t.line("%s%s%s", t.paint(a, left), strings.Repeat(" ", gap), t.dim(place))
}

func (t *text) changes(item plan.Item) {
	var pairs []pair
	for _, c := range item.Changes {
		pairs = append(pairs, pair{c.Path, t.change(c)})
	}
	t.pairs(pairs)
}

func (t *text) change(c plan.Change) string {
	value := func(s string, there bool) string {
		switch {
		case !there:
			return "(none)"
		case c.Kind == spec.Money:
			return amount(s)
		}
		return clean(s)
	}
	if !c.Personal {
		return value(c.Old, c.Was) + " → " + value(c.New, c.Is)
	}
	now := mask
	if t.Personal {
		now = value(c.New, c.Is)
	}
	switch {
	case !c.Is:
		return "removed"
	case !c.Was:
		return "added: " + now
	}
	return "changed, now: " + now
}

// notes says what else a person should know.
func (t *text) notes() {
	if len(t.plan.Notes) == 0 {
		return
	}
	t.line("%s", t.bold("Notes"))
	for _, n := range t.plan.Notes {
		t.wrapped("  ", clean(n))
	}
	t.line("")
}

func countItems(items []plan.Item, is func(plan.Action) bool) (n int) {
	for _, item := range items {
		if is(item.Action) {
			n++
		}
	}
	return n
}

func countRows(r plan.Report, is func(plan.Action) bool) (n int) {
	for _, row := range r.Rows {
		if is(row.Action) {
			n++
		}
	}
	return n
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

func totals(t plan.Totals) string {
	var parts []string
	for _, c := range t.Currencies() {
		parts = append(parts, strings.TrimSpace(c+" "+t[c].Format()))
	}
	return strings.Join(parts, ", ")
}
