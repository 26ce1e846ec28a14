package html

import (
	"maps"
	"slices"

	"kivaform/kiva/money"
	"kivaform/plan/view"
)

// A reportView is a repayment report as the page shows it.
type reportView struct {
	*view.Report
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
	Reason view.Reason
}

// An actionCount says how many items have an action.
type actionCount struct {
	Action view.Action
	Count  int
}

// rowsAtOnce is how many rows of a report a browser lays out before it is asked
// for more.
const rowsAtOnce = 300

// reportSection shows a report and its rows.
func (p *page) reportSection(r *view.Report) error {
	table := p.reportView(r)
	if err := p.show("report", table); err != nil {
		return err
	}
	if table.Listed == 0 { // only rows that are gone
		return p.show("report-end", table)
	}
	n := 0
	for row := range r.Rows(p.Full) {
		if n == rowsAtOnce {
			if err := p.show("rows-rest", table); err != nil {
				return err
			}
		}
		if err := p.show("row", rowView{&row, table}); err != nil {
			return err
		}
		n++
	}
	if err := p.show("rows-end", n > rowsAtOnce); err != nil {
		return err
	}
	return p.show("report-end", table)
}

// More is how many rows follow those that are shown at once.
func (v *reportView) More() int { return v.Listed - rowsAtOnce }

// A rowView is a row in the columns of its report.
type rowView struct {
	*view.Row
	Report *reportView
}

// Changed reports whether the amount is another one than was reported.
func (r rowView) Changed() bool {
	return r.Was != nil && !r.Was.Equal(r.Amount.Amount) && r.Action != view.Unchanged
}

func (p *page) reportView(r *view.Report) *reportView {
	v := &reportView{Report: r, Anchor: string(r.Address), Others: othersOf(r.Tally)}
	v.Sends = r.Tally.Count(view.Action.Sends)
	amounts := make(map[string][]money.Amount)
	for row := range r.Rows(p.Full) {
		v.Listed++
		if row.Place.File != r.Place.File {
			v.File = row.Place.File
		}
		v.WithWas = v.WithWas || rowView{Row: &row}.Changed()
		v.WithRemark = v.WithRemark || row.Why != "" || len(row.Findings) > 0
		if !row.Action.Sends() {
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

// othersOf counts the rows that aren't sent, in the order of a plan's actions.
func othersOf(t view.Tally) []actionCount {
	var list []actionCount
	for _, a := range view.Actions() {
		if n := t.Actions[a]; n > 0 && !a.Sends() {
			list = append(list, actionCount{a, n})
		}
	}
	return list
}
