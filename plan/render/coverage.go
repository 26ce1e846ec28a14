package render

import (
	"fmt"
	"strings"

	"kivaform/plan"
)

// coverage says how a report stands to the loans that Kiva expects in it, and
// which rows a person should look at.
func (t *text) coverage(r plan.Report) {
	if c := r.Coverage; c != nil {
		t.write("  ")
		t.flow("    ", t.expected(c))
		t.findings(r)
	}
	if len(r.Gone) > 0 {
		t.write("  ")
		t.flow("    ", t.gone(r.Gone))
	}
	if d := r.Duplicate; d != nil {
		t.write("  ")
		t.flow("    ", words(duplicateText(d)))
	}
}

func duplicateText(d *plan.Duplicate) string {
	return fmt.Sprintf("the same %s as an upload for %s on %s: is this last month's file?",
		count(d.Rows, "row"), clean(d.Period), d.At.UTC().Format("2006-01-02"))
}

// expected says it in one sentence: 812 of 815 expected loans reported, KES
// 1,234,567; missing: L-0012, L-0333, L-0871.
func (t *text) expected(c *plan.Coverage) []string {
	s := fmt.Sprintf("%d of %d expected loans reported", c.Reported, c.Expected)
	if sum := totalsText(c.Totals); sum != "" {
		s += ", " + sum
	}
	list := words(s)
	if len(c.Missing) == 0 {
		return list
	}
	list[len(list)-1] += ";"
	return t.ids(append(list, "missing:"), c.Missing)
}

// gone says which rows Kiva has and the file no longer has.
func (t *text) gone(ids []string) []string {
	s := "1 row that was reported is no longer in the file; Kiva keeps it, as the API can't take a row back:"
	if len(ids) > 1 {
		s = fmt.Sprintf("%d rows that were reported are no longer in the file; Kiva keeps them, as the API can't take a row back:", len(ids))
	}
	return t.ids(words(s), ids)
}

// ids appends loan ids, the first few where not all are asked for.
func (t *text) ids(list, ids []string) []string {
	n := t.limit(len(ids))
	for i, id := range ids[:n] {
		if i < len(ids)-1 {
			id += ","
		}
		list = append(list, clean(id))
	}
	if more := len(ids) - n; more > 0 {
		list = append(list, words(fmt.Sprintf("and %d more", more))...)
	}
	return list
}

func totalsText(sums plan.Totals) string {
	var parts []string
	for _, c := range sums.Currencies() {
		parts = append(parts, strings.TrimSpace(clean(c)+" "+sums[c].Format()))
	}
	return strings.Join(parts, ", ")
}

// oddRows are the odd rows that are sent. Those whose loan can't take a
// repayment wait, and stand among the rows with the reason.
func oddRows(r plan.Report) []plan.Finding {
	var list []plan.Finding
	for _, f := range r.Coverage.Findings {
		if r.Rows[f.Row].Action.Sends() {
			list = append(list, f)
		}
	}
	return list
}

// rowsOf says of how many rows there are findings: "2 rows".
func rowsOf(list []plan.Finding) string {
	rows := make(map[int]bool, len(list))
	for _, f := range list {
		rows[f.Row] = true
	}
	return count(len(rows), "row")
}

// findings lists the odd rows that are sent.
func (t *text) findings(r plan.Report) {
	list := oddRows(r)
	if len(list) == 0 {
		return
	}
	t.line("  look at ", rowsOf(list), " before you send:")
	n := t.limit(len(list))
	for _, f := range list[:n] {
		t.write("    ", clean(r.Report.RowPos(f.Row).Short()), "  ")
		t.flow("      ", words(clean(r.Report.Rows[f.Row].LoanID+": "+english(f.Reason))))
	}
	t.leftOut(len(list)-n, "")
}
