package load

import (
	"slices"

	"kivaform/spec"
	"kivaform/spec/code"
	"kivaform/spec/field"
	"kivaform/spec/rule"
	"kivaform/spec/yamldoc"
)

// readReport reads a repayment report, with its rows inline or from a CSV file.
func (l *loader) readReport(r *yamldoc.Reader, o *yamldoc.Object) *spec.RepaymentReport {
	start := len(r.Faults)
	report := &spec.RepaymentReport{Pos: r.Pos(o.Node), Period: readPeriod(o), File: r.File}
	format := l.set.Settings.CSVFormat
	both := o.Twice("csv", "repayments", "give the rows in one of the two")
	inline := o.List("repayments")
	if file := readFilePath(o, "csv"); file != "" && !both {
		report.File = file
		l.readCSV(r, o, report, format)
	}
	if !o.Has("csv") && !o.Has("repayments") {
		o.Missing("csv", "name the file with the rows, or write them under repayments")
	}
	if !both {
		for i, n := range inline {
			e := o.Element("repayments", i, n)
			report.Rows = append(report.Rows, readRepayment(r, &e, report.Period, format))
			e.Close()
		}
	}
	if !slices.ContainsFunc(r.Faults[start:], isError) {
		rule.CheckHasRows(o, report)
	}
	rule.CheckRepaidTwice(r, report)
	broken := slices.ContainsFunc(r.Faults[start:], isError)
	rule.CheckControlTotal(o, report, readControlTotal(o), broken)
	o.Close()
	return report
}

func readPeriod(o *yamldoc.Object) string {
	period := o.Text("period")
	if period == "" {
		o.Missing("period", "write the month that the report is for: 2026-11")
		return ""
	}
	if _, err := spec.ParseDate(period + "-01"); err != nil {
		o.Fault(code.Date, o.Find("period"), "period", "not a month as YYYY-MM", "for example 2026-11")
		return ""
	}
	return period
}

func readRepayment(r *yamldoc.Reader, o *yamldoc.Object, period string, format spec.CSVFormat) spec.Repayment {
	at, start := o.Pos(o.Node), len(r.Faults)
	row := spec.Repayment{LoanID: readID(o, "loan_id"), Line: at.Line, Column: at.Column}
	for _, f := range r.Faults[start:] {
		if isOfForm(f) && period != "" {
			f.Address, f.Pending = spec.RepaymentAddress(period, row.LoanID), true
		}
	}
	row.ClientID = readID(o, "client_id")
	row.ClientID = rule.ClientIDToSend(o, "client_id", row.ClientID, format)
	if !o.Has("loan_id") {
		o.Missing("loan_id", "write your own id of the loan")
	}
	amount, ok := readAmount(o, "amount")
	switch {
	case !ok:
		o.Missing("amount", "write 0 if nothing was repaid")
	case amount.Sign() < 0:
		o.Fault(code.Negative, o.Find("amount"), "amount", "a repayment can't be below zero", "")
	}
	row.Amount = amount
	return row
}

// readControlTotal reads the partner's expected totals of a report.
func readControlTotal(o *yamldoc.Object) rule.ControlTotal {
	expect, ok := o.Object("expect")
	if !ok {
		return rule.ControlTotal{}
	}
	want := rule.ControlTotal{Object: &expect}
	if rows, ok := expect.Count("rows"); ok {
		want.Rows = &rows
	}
	if total, ok := readAmount(&expect, "total"); ok {
		want.Total = &total
	}
	expect.Close()
	return want
}

func isError(f *spec.Fault) bool { return f.Severity == spec.Error }

// readJournal reads a journal with Kiva's own names and the partner's key.
func readJournal(o *yamldoc.Object) *spec.Journal {
	j := &spec.Journal{Pos: o.Pos(o.Node)}
	readFields(o, nil, field.Journal.Fields, j, nil)
	if !o.Has("key") {
		o.Missing("key", "give the update a name of its own, for example key: 2026-11-visit")
	}
	if !o.Has("internal_loan_id") {
		o.Fault(code.LoanID, o.Node, "internal_loan_id", "is missing", "write your own id of the loan").InCase(code.CaseMissing)
	}
	rule.CheckJournalTexts(o)
	o.Close()
	return j
}
