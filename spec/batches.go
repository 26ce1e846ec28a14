package spec

import (
	"slices"
)

// report reads a repayment report, with its rows inline or from a CSV file.
func (l *loader) report(r *reader, o *object) *RepaymentReport {
	start := len(r.faults)
	report := &RepaymentReport{Pos: r.pos(o.node), Period: o.period(), File: r.file}
	format := l.set.Settings.CSVFormat
	both := o.twice("csv", "repayments", "give the rows in one of the two")
	inline := o.list("repayments")
	if file := o.filePath("csv"); file != "" && !both {
		report.File = file
		l.readCSV(r, o, report, format)
	}
	if !o.has("csv") && !o.has("repayments") {
		o.missing("csv", "name the file with the rows, or write them under repayments")
	}
	if !both {
		for i, n := range inline {
			e := o.element("repayments", i, n)
			report.Rows = append(report.Rows, readRepayment(r, &e, report.Period, format))
			e.close()
		}
	}
	if !slices.ContainsFunc(r.faults[start:], isError) {
		checkHasRows(o, report)
	}
	checkRepaidTwice(r, report)
	broken := slices.ContainsFunc(r.faults[start:], isError)
	checkControlTotal(o, report, readControlTotal(o), broken)
	o.close()
	return report
}

func (o *object) period() string {
	period := o.text("period")
	if period == "" {
		o.missing("period", "write the month that the report is for: 2026-11")
		return ""
	}
	if _, err := ParseDate(period + "-01"); err != nil {
		o.fault(codeDate, o.find("period"), "period", "not a month as YYYY-MM", "for example 2026-11")
		return ""
	}
	return period
}

func readRepayment(r *reader, o *object, period string, format CSVFormat) Repayment {
	at, start := o.pos(o.node), len(r.faults)
	row := Repayment{LoanID: o.id("loan_id"), Line: at.Line, Column: at.Column}
	for _, f := range r.faults[start:] {
		if f.isOfForm() && period != "" {
			f.Address, f.Pending = RepaymentAddress(period, row.LoanID), true
		}
	}
	row.ClientID = o.id("client_id")
	row.ClientID = clientIDToSend(o, "client_id", row.ClientID, format)
	if !o.has("loan_id") {
		o.missing("loan_id", "write your own id of the loan")
	}
	amount, ok := o.amount("amount")
	switch {
	case !ok:
		o.missing("amount", "write 0 if nothing was repaid")
	case amount.Sign() < 0:
		o.fault(codeNegative, o.find("amount"), "amount", "a repayment can't be below zero", "")
	}
	row.Amount = amount
	return row
}

// readControlTotal reads what the partner's accounts say of a report.
func readControlTotal(o *object) controlTotal {
	expect, ok := o.object("expect")
	if !ok {
		return controlTotal{}
	}
	want := controlTotal{object: &expect}
	if rows, ok := expect.count("rows"); ok {
		want.rows = &rows
	}
	if total, ok := expect.amount("total"); ok {
		want.total = &total
	}
	expect.close()
	return want
}

func isError(f *Fault) bool { return f.Severity == Error }

// readJournal reads a journal, in Kiva's own names and with the partner's key.
func readJournal(o *object) *Journal {
	j := &Journal{
		Pos:      o.pos(o.node),
		Key:      o.id("key"),
		LoanID:   o.id("internal_loan_id"),
		ClientID: o.id("internal_client_id"),
		Subject:  o.text("subject"),
		Body:     o.text("body"),
		ImageURL: o.url("image_url"),
	}
	if !o.has("key") {
		o.missing("key", "give the update a name of its own, for example key: 2026-11-visit")
	}
	if !o.has("internal_loan_id") {
		o.fault(codeLoanID, o.node, "internal_loan_id", "is missing", "write your own id of the loan").as(caseMissing)
	}
	checkJournalTexts(o)
	o.close()
	return j
}
