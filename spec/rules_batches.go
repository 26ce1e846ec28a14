package spec

import (
	"fmt"

	"kivaform/kiva/money"
)

// checkJournalTexts judges what there is to read. Kiva states no rule
// (post_journals.md), but lenders can't be sent nothing.
func checkJournalTexts(o *object) {
	subject, body := o.has("subject"), o.has("body")
	switch {
	case !subject && !body:
		o.fault(codeJournalEmpty, o.node, "body", "there is neither subject nor body", "write what lenders should read")
	case !subject:
		o.fault(codeJournalPartial, o.node, "subject", "is missing", "").as(caseMissing)
	case !body:
		o.fault(codeJournalPartial, o.node, "body", "is missing", "").as(caseMissing)
	}
}

// clientIDToSend holds a client id against the partner's CSV format, which
// rules journals and repayments alike (PA2 > Account > Profile). It returns
// the id to send.
func clientIDToSend(o *object, key, id string, format CSVFormat) string {
	switch {
	case format == ThreeColumn && !o.has(key):
		o.fault(codeClientID, o.node, key, "is missing, and a three-column partner must give it", "write your own id of the client")
	case format == TwoColumn && id != "":
		o.fault(codeClientIDDropped, o.find(key), key, "a two-column partner doesn't send it", "remove it, or set csv_format: three-column if PA2 says so").as("key")
		return ""
	}
	return id
}

// checkHasRows refuses a report that says nothing of any loan: most probably an export
// that failed.
func checkHasRows(o *object, report *RepaymentReport) {
	if len(report.Rows) > 0 {
		return
	}
	key := "repayments"
	if o.has("csv") {
		key = "csv"
	}
	o.fault(codeNoRows, o.find(key), key, "there are no rows", "export it again, or leave the report out")
}

// checkRepaidTwice refuses a loan that stands twice in a report: uploads of one
// period are combined (PA2's help), and nobody can say which row counts.
func checkRepaidTwice(r *reader, report *RepaymentReport) {
	first := make(map[string]int32, len(report.Rows))
	for i, row := range report.Rows {
		if row.LoanID == "" {
			continue
		}
		j, ok := first[row.LoanID]
		if !ok {
			first[row.LoanID] = int32(i)
			continue
		}
		f := newFault(codeRepaidTwice, report.RowPos(i), "loan_id",
			fmt.Sprintf("loan %s stands twice in this period, first at line %d", row.LoanID, report.Rows[j].Line), "keep one row for each loan")
		f.Address = RepaymentAddress(report.Period, row.LoanID)
		r.add(f)
	}
}

// A controlTotal is what the partner's accounts say of a report. What they don't
// say is nil.
type controlTotal struct {
	object *object // where it is read from
	rows   *int
	total  *money.Amount
}

// checkControlTotal holds the rows against what the partner expects of them.
// Rows that couldn't be read (broken) would only make a second fault.
func checkControlTotal(o *object, report *RepaymentReport, want controlTotal, broken bool) {
	const hint = "find out which of the two is right"
	total, fits := report.Total()
	if !fits {
		o.fault(codeOverflow, o.node, "", "the report's total is too large", "")
	}
	if want.rows != nil && !broken && *want.rows != len(report.Rows) {
		want.object.fault(codeControlTotal, want.object.find("rows"), "rows",
			fmt.Sprintf("the report has %d rows, not %d", len(report.Rows), *want.rows), hint)
	}
	if want.total != nil && fits && !broken && *want.total != total {
		want.object.fault(codeControlTotal, want.object.find("total"), "total",
			fmt.Sprintf("the rows add up to %s, not %s", total.Format(), want.total.Format()), hint)
	}
}

// checkUnset warns of settings that matter to what is there, and that can't
// be found out through the API.
func checkUnset(s *Set) {
	at := s.Settings.Pos
	if s.Settings.CSVFormat == "" && len(s.Journals)+len(s.Reports) > 0 {
		s.Faults = append(s.Faults, newFault(codeUnset, at, "csv_format", "isn't set, so client ids are sent where documents give them",
			"PA2 > Account > Profile > CSV upload format says two-column or three-column").as("csv_format"))
	}
	if s.Settings.RepaymentAmounts == "" && len(s.Reports) > 0 {
		s.Faults = append(s.Faults, newFault(codeUnset, at, "repayment_amounts", "isn't set, so amounts are taken as "+string(CumulativePrincipal),
			"ask Kiva what the amounts of your reports mean").as("repayment_amounts").with("taken", string(CumulativePrincipal)))
	}
	if s.Catalog == nil && len(s.Drafts) > 0 {
		s.Faults = append(s.Faults, newFault(codeNoCatalog, Pos{File: "catalog.yaml"}, "", "isn't there, so locations, currencies and ids aren't checked",
			"keep Kiva's four configuration lists in it"))
	}
}
