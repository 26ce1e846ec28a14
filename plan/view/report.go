package view

import (
	"cmp"
	"fmt"
	"strings"
)

// AmountsText names the meaning of the report's amounts: "cumulative principal".
func (r *Report) AmountsText() string {
	if r.Amounts == "" {
		return "as Kiva reads them for this partner"
	}
	return strings.ReplaceAll(r.Amounts, "-", " ")
}

// CoverageText says how the report stands to the loans that Kiva expects in it:
// "812 of 815 expected loans reported, KES 1,234,567; missing: L-0012, L-0333,
// L-0871". It names at most so many missing ones; "" where nothing is known.
func (r *Report) CoverageText(most int) string {
	c := r.Coverage
	if c == nil {
		return ""
	}
	s := fmt.Sprintf("%d of %d expected loans reported", c.Reported, c.Expected)
	if sums := sumsText(c.Totals); sums != "" {
		s += ", " + sums
	}
	if len(c.Missing) > 0 {
		s += "; missing: " + idsText(c.Missing, most)
	}
	return s
}

// GoneText says which rows Kiva has and the file no longer has; "" for none.
func (r *Report) GoneText(most int) string {
	switch n := len(r.Gone); n {
	case 0:
		return ""
	case 1:
		return "1 row that was reported is no longer in the file; Kiva keeps it, as the API can't take a row back: " + idsText(r.Gone, most)
	default:
		return fmt.Sprintf("%d rows that were reported are no longer in the file; Kiva keeps them, as the API can't take a row back: %s", n, idsText(r.Gone, most))
	}
}

// idsText lists loan ids, the first few of many.
func idsText(ids []string, most int) string {
	n := min(len(ids), most)
	shown := make([]string, n)
	for i, id := range ids[:n] {
		shown[i] = Harmless(id)
	}
	s := strings.Join(shown, ", ")
	if more := len(ids) - n; more > 0 {
		s += fmt.Sprintf(", and %d more", more)
	}
	return s
}

// DuplicateText asks whether the report is another period's; "" where nothing
// hints at it.
func (r *Report) DuplicateText() string {
	d := r.Duplicate
	if d == nil {
		return ""
	}
	return fmt.Sprintf("the same %s as an upload for %s on %s: is this last month's file?",
		Count(d.Rows, "row"), Harmless(d.Period), d.At.UTC().Format("2006-01-02"))
}

// An OddRow is a row that is sent, and that a person should look at before.
type OddRow struct {
	Place  Place
	LoanID string
	Finding
}

// Text says the loan id and the finding: "L-0012: zero: nothing was repaid".
func (o *OddRow) Text() string { return o.LoanID + ": " + o.What }

// OddRows lists the findings of rows that are sent, and counts the rows: "2
// rows". Rows whose loan can't take a repayment wait, and say why.
func (r *Report) OddRows() (list []OddRow, rows string) {
	n := 0
	for i := range r.report.Rows {
		found := r.findings[i]
		if len(found) == 0 || !r.report.Rows[i].Action.Sends() {
			continue
		}
		n++
		row := r.Row(i)
		for _, f := range row.Findings {
			list = append(list, OddRow{row.Place, row.LoanID, f})
		}
	}
	return list, Count(n, "row")
}

// RowCells are a row in the columns of a table.
type RowCells struct {
	Loan, Client, Currency string
	Was                    string // the amount as last reported, where it was another one
	Now                    string
	Place                  string
}

// Arrow stands between a value before and after.
const Arrow = " → "

// None stands for a value that isn't there.
const None = "(none)"

// Cells returns the cells of a row.
func (r *Row) Cells() RowCells {
	c := RowCells{
		Loan: Harmless(r.LoanID), Client: Harmless(r.ClientID), Currency: Harmless(r.Currency),
		Now: r.Amount.Format(), Place: Harmless(r.Place.Short()),
	}
	if r.Was == nil || r.Action == Unchanged {
		return c
	}
	if r.Was.Amount != r.Amount.Amount {
		c.Was = r.Was.Format()
	}
	if r.WasClientID != "" {
		c.Client = Harmless(r.WasClientID) + Arrow + Harmless(cmp.Or(r.ClientID, None))
	}
	return c
}
