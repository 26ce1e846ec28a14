package rule

import (
	"fmt"
	"slices"

	"kivaform/kiva/money"
	"kivaform/spec"
	"kivaform/spec/code"
	"kivaform/spec/yamldoc"
)

// CheckJournalTexts refuses a journal without subject and body. Kiva states no rule
// (post_journals.md), but lenders can't be sent nothing.
func CheckJournalTexts(o *yamldoc.Object) {
	subject, body := o.Has("subject"), o.Has("body")
	switch {
	case !subject && !body:
		o.Fault(code.JournalEmpty, o.Node, "body", "there is neither subject nor body", "write what lenders should read")
	case !subject:
		o.Fault(code.JournalPartial, o.Node, "subject", "is missing", "").InCase(code.CaseMissing)
	case !body:
		o.Fault(code.JournalPartial, o.Node, "body", "is missing", "").InCase(code.CaseMissing)
	}
}

// ClientIDToSend holds a client id against the partner's CSV format, which
// rules journals and repayments alike (PA2 > Account > Profile). It returns
// the id to send.
func ClientIDToSend(o *yamldoc.Object, key, id string, format spec.CSVFormat) string {
	switch {
	case format == spec.ThreeColumn && !o.Has(key):
		o.Fault(code.ClientID, o.Node, key, "is missing, and a three-column partner must give it", "write your own id of the client")
	case format == spec.TwoColumn && id != "":
		o.Fault(code.ClientIDDropped, o.Find(key), key, "a two-column partner doesn't send it", "remove it, or set csv_format: three-column if PA2 says so").InCase("key")
		return ""
	}
	return id
}

// CheckHasRows refuses a report that says nothing of any loan: most probably an export
// that failed.
func CheckHasRows(o *yamldoc.Object, report *spec.RepaymentReport) {
	if len(report.Rows) > 0 {
		return
	}
	key := "repayments"
	if o.Has("csv") {
		key = "csv"
	}
	o.Fault(code.NoRows, o.Find(key), key, "there are no rows", "export it again, or leave the report out")
}

// CheckRepaidTwice refuses a loan that stands twice in a report: uploads of one
// period are combined (PA2's help), and either row may count.
func CheckRepaidTwice(r *yamldoc.Reader, report *spec.RepaymentReport) {
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
		f := code.NewFault(code.RepaidTwice, report.RowPos(i), "loan_id",
			fmt.Sprintf("loan %s stands twice in this period, first at line %d", row.LoanID, report.Rows[j].Line), "keep one row for each loan")
		f.Address = spec.RepaymentAddress(report.Period, row.LoanID)
		r.Add(f)
	}
}

// A ControlTotal has the totals that the partner expects of a report; nil for those
// that aren't given.
type ControlTotal struct {
	Object *yamldoc.Object // where it is read from
	Rows   *int
	Total  *money.Amount
}

// CheckControlTotal compares the rows with the totals that the partner expects.
// Rows that couldn't be read (broken) would only make a second fault.
func CheckControlTotal(o *yamldoc.Object, report *spec.RepaymentReport, want ControlTotal, broken bool) {
	const hint = "find out which of the two is right"
	total, fits := report.Total()
	if !fits {
		o.Fault(code.Overflow, o.Node, "", "the report's total is too large", "")
	}
	if want.Rows != nil && !broken && *want.Rows != len(report.Rows) {
		want.Object.Fault(code.ControlTotal, want.Object.Find("rows"), "rows",
			fmt.Sprintf("the report has %d rows, not %d", len(report.Rows), *want.Rows), hint)
	}
	if want.Total != nil && fits && !broken && *want.Total != total {
		want.Object.Fault(code.ControlTotal, want.Object.Find("total"), "total",
			fmt.Sprintf("the rows add up to %s, not %s", total.Format(), want.Total.Format()), hint)
	}
}

// CheckUnset warns of missing settings that the documents depend on, and that can't
// be found out through the API.
func CheckUnset(s *spec.Set) {
	at := s.Settings.Pos
	if s.Settings.CSVFormat == "" && len(s.Journals)+len(s.Reports) > 0 {
		s.Faults = append(s.Faults, code.NewFault(code.Unset, at, "csv_format", "isn't set, so client ids are sent where documents give them",
			"PA2 > Account > Profile > CSV upload format says two-column or three-column").InCase("csv_format"))
	}
	if s.Settings.RepaymentAmounts == "" && len(s.Reports) > 0 {
		checkUnsetAmounts(s)
	}
	if s.Catalog == nil && len(s.Drafts) > 0 {
		s.Faults = append(s.Faults, code.NewFault(code.NoCatalog, spec.Pos{File: "catalog.yaml"}, "", "isn't there, so locations, currencies and ids aren't checked",
			"keep Kiva's four configuration lists in it"))
	}
}

// checkUnsetAmounts faults a report whose amounts could mean anything. On the
// sandbox, where nothing is billed, a meaning is taken.
func checkUnsetAmounts(s *spec.Set) {
	const path = "repayment_amounts"
	at := s.Settings.Pos
	switch {
	case s.Environment == spec.Sandbox:
		s.Faults = append(s.Faults, code.NewFault(code.Unset, at, path, "isn't set, so amounts are taken as "+string(spec.CumulativePrincipal),
			"ask Kiva what the amounts of your reports mean; other environments than the sandbox need it").InCase(path).With("taken", string(spec.CumulativePrincipal)))
	case at.File != "" && !slices.ContainsFunc(s.Faults, func(f *spec.Fault) bool { return f.Path == path }):
		s.Faults = append(s.Faults, code.NewFault(code.UnsetAmounts, at, path, "isn't set, and there is a repayment report: nothing is taken for it where amounts are real",
			fmt.Sprintf("ask Kiva which of these your amounts are, and write it: %s (all principal repaid so far), %s (all principal still owed), or %s (what was repaid in the month alone; a corrected amount isn't uploaded again by itself, as it could count twice)",
				spec.CumulativePrincipal, spec.OutstandingPrincipal, spec.PaidThisPeriod)))
	}
}
