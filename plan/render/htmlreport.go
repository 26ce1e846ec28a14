package render

import (
	"maps"
	"slices"
	"strings"

	"kivaform/kiva/money"
	"kivaform/plan"
)

// A reportView is a repayment report as the page shows it.
type reportView struct {
	*Report
	Anchor     string
	File       string // of the rows, where it is another one than the report's
	Sends      int
	Listed     int // rows of the table
	Others     []actionCount
	Percent    int // of the expected loans that are reported, at most 100
	Odd        []oddRow
	Histograms []*histogram
	WithWas    bool // a row has another amount than was reported
	WithRemark bool
}

// An oddRow is a row that a person should look at before it is sent.
type oddRow struct {
	LoanID string
	Line   int
	Reason Reason
}

// An actionCount says how many items have an action.
type actionCount struct {
	Action string
	Count  int
}

// rowsAtOnce is how many rows of a report a browser lays out before it is asked
// for more.
const rowsAtOnce = 300

// reportSection shows a report and its rows.
func (p *page) reportSection(r *Report) error {
	view := p.reportView(r)
	if err := p.show("report", view); err != nil {
		return err
	}
	if view.Listed == 0 { // only rows that are gone
		return p.show("report-end", view)
	}
	n := 0
	for row := range r.Rows(p.Full) {
		if n == rowsAtOnce {
			if err := p.show("rows-rest", view); err != nil {
				return err
			}
		}
		if err := p.show("row", rowView{&row, view}); err != nil {
			return err
		}
		n++
	}
	if err := p.show("rows-end", n > rowsAtOnce); err != nil {
		return err
	}
	return p.show("report-end", view)
}

// More is how many rows follow those that are shown at once.
func (v *reportView) More() int { return v.Listed - rowsAtOnce }

// A rowView is a row in the columns of its report.
type rowView struct {
	*Row
	Report *reportView
}

// Changed reports whether the amount is another one than was reported.
func (r rowView) Changed() bool {
	return r.Was != nil && !r.Was.Equal(r.Amount.Amount) && r.Action != "unchanged"
}

func (p *page) reportView(r *Report) *reportView {
	v := &reportView{Report: r, Anchor: string(r.Address), Others: othersOf(r.Tally)}
	v.Sends = r.Tally.Actions["submit"] + r.Tally.Actions["report-again"]
	amounts := make(map[string][]money.Amount)
	for row := range r.Rows(p.Full) {
		v.Listed++
		if row.Place.File != r.Place.File {
			v.File = row.Place.File
		}
		v.WithWas = v.WithWas || rowView{Row: &row}.Changed()
		v.WithRemark = v.WithRemark || row.Why != "" || len(row.Findings) > 0
		if !sends(row.Action) {
			continue
		}
		amounts[row.Currency] = append(amounts[row.Currency], row.Amount.Amount)
		for _, f := range row.Findings {
			v.Odd = append(v.Odd, oddRow{row.LoanID, row.Place.Line, f.Reason})
		}
	}
	for _, currency := range slices.Sorted(maps.Keys(amounts)) {
		if h := histogramOf(currency, amounts[currency]); h != nil {
			v.Histograms = append(v.Histograms, h)
		}
	}
	if c := r.Coverage; c != nil {
		v.Percent = share(uint64(c.Reported), uint64(c.Expected), 100)
	}
	return v
}

func sends(action string) bool { return action == "submit" || action == "report-again" }

// othersOf counts what isn't sent, in the order of a plan's actions.
func othersOf(t Tally) []actionCount {
	var list []actionCount
	for _, a := range plan.Actions {
		if n := t.Actions[a.String()]; n > 0 && !a.Sends() {
			list = append(list, actionCount{a.String(), n})
		}
	}
	return list
}

// markOf returns the mark of an action by its name.
func markOf(action string) string {
	for _, a := range plan.Actions {
		if a.String() == action {
			return strings.TrimSpace(string(a))
		}
	}
	return ""
}
