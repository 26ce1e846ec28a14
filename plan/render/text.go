package render

import (
	"fmt"
	"io"
	"slices"

	"kivaform/plan"
	"kivaform/spec"
)

// few is how much is shown of what is alike, unless all is asked for.
const few = 12

// text is a text view under way.
type text struct {
	Options
	plan *plan.Plan
	w    io.Writer // nil where all is kept in out
	err  error     // the first of w
	out  []byte    // what w has not got yet

	// Of the item that is being shown:
	fields  []spec.Field
	pairs   []pair
	ordered []pair
	words   []string
	made    wording

	borrowers [][]string
	schedule  []string
}

// enough is how much is written at once.
const enough = 64 << 10

// line writes parts as one line.
func (t *text) line(parts ...string) {
	t.write(parts...)
	t.out = append(t.out, '\n')
	if len(t.out) >= enough && t.w != nil {
		t.flush()
	}
}

func (t *text) write(parts ...string) {
	for _, s := range parts {
		t.out = append(t.out, s...)
	}
}

// flush hands on what was written.
func (t *text) flush() {
	t.hand(t.out)
	t.out = t.out[:0]
}

func (t *text) hand(b []byte) {
	if t.err == nil && len(b) > 0 {
		_, t.err = t.w.Write(b)
	}
}

// person lists first what goes nowhere until somebody has decided.
func (t *text) person() {
	items := slices.Collect(func(yield func(plan.Item) bool) {
		for item := range t.plan.Items() {
			if item.Action.NeedsPerson() && !yield(item) {
				return
			}
		}
	})
	rows := slices.ContainsFunc(t.plan.Reports, func(r plan.Report) bool { return countRows(r, plan.Action.NeedsPerson) > 0 })
	if len(items) == 0 && !rows {
		return
	}
	t.line(t.bold("Needs a person"))
	t.itemGroups(items, groupItems(items, plan.Action.NeedsPerson))
	for _, r := range t.plan.Reports {
		if found := groupRows(r, plan.Action.NeedsPerson); len(found.of) > 0 {
			t.reportHeading("  Repayments of ", r)
			t.rowGroups(r, found)
		}
	}
	t.line()
}

// items lists what will be done, and what waits.
func (t *text) items(title string, items []plan.Item) {
	found := groupItems(items, t.isListed)
	if len(found.of) == 0 {
		return
	}
	t.line(t.bold(title))
	t.itemGroups(items, found)
	t.line()
}

// isListed reports whether an action belongs into the list of its kind.
func (t *text) isListed(a plan.Action) bool {
	return !a.NeedsPerson() && (t.Full || a != plan.Unchanged)
}

// report shows a repayment report: what its amounts mean, then its rows.
func (t *text) report(r plan.Report) {
	found := groupRows(r, t.isListed)
	if len(found.of)+len(r.Gone) == 0 {
		return
	}
	t.reportHeading("Repayment report ", r)
	t.line("  amounts are ", modeText(r.Mode))
	t.coverage(r)
	t.rowGroups(r, found)
	t.line()
}

func (t *text) reportHeading(title string, r plan.Report) {
	t.line(t.bold(title+clean(r.Report.Period)), "  ", t.dim(clean(r.Report.File)))
}

// notes says what else a person should know.
func (t *text) notes() {
	notes := t.plan.Notes
	if len(notes) == 0 {
		return
	}
	t.line(t.bold("Notes"))
	n := t.limit(len(notes))
	for _, note := range notes[:n] {
		t.write("  - ")
		t.flow("    ", words(clean(english(note))))
	}
	t.leftOut(len(notes)-n, "")
	t.line()
}

// limit returns how many of n things that are alike are shown.
func (t *text) limit(n int) int {
	if t.Full {
		return n
	}
	return min(n, few)
}

// leftOut says how many were left out, and how to see them.
func (t *text) leftOut(n int, what string) {
	if n > 0 {
		t.line("    ", t.dim(fmt.Sprintf("and %d more%s (--full shows all)", n, what)))
	}
}
