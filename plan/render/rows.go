package render

import (
	"fmt"
	"strings"

	"kivaform/plan"
)

const fewRows = 12 // of one kind, unless all are asked for

// report shows a repayment report: its total, then its rows.
func (t *text) report(r plan.Report) {
	quiet := func(a plan.Action) bool { return a == plan.Unchanged || a.NeedsPerson() }
	if !t.Full && countRows(r, quiet) == len(r.Rows) {
		return
	}
	t.line("%s  %s", t.bold("Repayment report "+r.Report.Period), t.dim(r.Report.File))
	t.line("  amounts are %s", modeText(string(r.Mode)))
	limit := fewRows
	if t.Full {
		limit = len(r.Rows)
	}
	for _, a := range plan.Actions {
		if a.NeedsPerson() || (a == plan.Unchanged && !t.Full) {
			continue
		}
		t.rows(r, func(b plan.Action) bool { return a == b }, limit)
	}
	t.line("")
}

func modeText(mode string) string {
	if mode == "" {
		return "as Kiva reads them for this partner"
	}
	return strings.ReplaceAll(mode, "-", " ")
}

// rows shows rows in columns, at most limit of them, and says how many it left
// out.
func (t *text) rows(r plan.Report, is func(plan.Action) bool, limit int) {
	var table [][]string
	var actions []plan.Action
	left := 0
	for i, row := range r.Rows {
		if !is(row.Action) {
			continue
		}
		if len(table) == limit {
			left++
			continue
		}
		table = append(table, t.row(r, i, row))
		actions = append(actions, row.Action)
	}
	for i, line := range align(table) {
		t.line("%s", t.paint(actions[i], fmt.Sprintf("  %c %s", actions[i], line)))
	}
	if left > 0 {
		t.line("    %s", t.dim(fmt.Sprintf("and %d more (--full shows all)", left)))
	}
}

func (t *text) row(r plan.Report, i int, row plan.Row) []string {
	want := r.Report.Rows[i]
	value := want.Amount.Format()
	if row.Last != nil && row.Action != plan.Unchanged && row.Was != want.Amount {
		value = row.Was.Format() + " → " + value
	}
	return []string{clean(want.LoanID), clean(want.ClientID), strings.TrimSpace(row.Currency + " " + value), r.Report.RowPos(i).Short(), clean(row.Why)}
}
