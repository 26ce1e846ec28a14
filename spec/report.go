package spec

import (
	"fmt"
	"slices"
	"strings"

	"kivaform/kiva/money"
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
			report.Rows = append(report.Rows, e.repayment(report.Period, format))
			e.close()
		}
	}
	if len(report.Rows) == 0 && !slices.ContainsFunc(r.faults[start:], isError) {
		o.noRows()
	}
	checkRepaidTwice(r, report)
	o.checkControlTotal(report, slices.ContainsFunc(r.faults[start:], isError))
	o.close()
	return report
}

// noRows refuses a report that says nothing of any loan: most probably an export
// that failed.
func (o *object) noRows() {
	key := "repayments"
	if o.has("csv") {
		key = "csv"
	}
	o.fault(codeNoRows, find(o.pairs, key), key, "there are no rows", "export it again, or leave the report out")
}

func (o *object) period() string {
	period := o.text("period")
	if period == "" {
		o.missing("period", "write the month that the report is for: 2026-11")
		return ""
	}
	if _, err := ParseDate(period + "-01"); err != nil {
		o.fault(codeDate, find(o.pairs, "period"), "period", "not a month as YYYY-MM", "for example 2026-11")
		return ""
	}
	return period
}

func (o *object) repayment(period string, format CSVFormat) Repayment {
	at, start := o.r.pos(o.node), len(o.r.faults)
	row := Repayment{LoanID: o.id("loan_id"), Line: at.Line, Column: at.Column}
	for _, f := range o.r.faults[start:] {
		if f.isOfForm() && period != "" {
			f.Address, f.Pending = RepaymentAddress(period, row.LoanID), true
		}
	}
	row.ClientID = o.id("client_id")
	row.ClientID = o.checkClientID("client_id", row.ClientID, format)
	if !o.has("loan_id") {
		o.missing("loan_id", "write your own id of the loan")
	}
	amount, ok := o.amount("amount")
	switch {
	case !ok:
		o.missing("amount", "write 0 if nothing was repaid")
	case amount.Sign() < 0:
		o.fault(codeNegative, find(o.pairs, "amount"), "amount", "a repayment can't be below zero", "")
	}
	row.Amount = amount
	return row
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

func isError(f *Fault) bool { return f.Severity == Error }

// checkControlTotal holds the rows against what the partner expects of them.
// Rows that couldn't be read (broken) would only make a second fault.
func (o *object) checkControlTotal(report *RepaymentReport, broken bool) {
	total, fits := report.Total()
	if !fits {
		o.fault(codeOverflow, o.node, "", "the report's total is too large", "")
	}
	expect, ok := o.object("expect")
	if !ok {
		return
	}
	if rows, ok := expect.count("rows"); ok && !broken && rows != len(report.Rows) {
		expect.fault(codeControlTotal, find(expect.pairs, "rows"), "rows",
			fmt.Sprintf("the report has %d rows, not %d", len(report.Rows), rows), "find out which of the two is right")
	}
	if want, ok := expect.amount("total"); ok && fits && !broken && want != total {
		expect.fault(codeControlTotal, find(expect.pairs, "total"), "total",
			fmt.Sprintf("the rows add up to %s, not %s", total.Format(), want.Format()), "find out which of the two is right")
	}
	expect.close()
}

// cellAmount reads the amount of a CSV cell.
func cellAmount(cell string) (a money.Amount, problem, hint string) {
	a, problem, hint = parseAmount(cell)
	if problem == "" && a.Sign() < 0 {
		return a, "a repayment can't be below zero", ""
	}
	return a, problem, hint
}

// cellID says what is wrong with the id of a CSV cell, "" where nothing is.
func cellID(cell string) (c code, problem, hint string) {
	switch {
	case cell == "":
		return codeCSVDamage, "is missing", ""
	case strings.TrimSpace(cell) != cell:
		return codeCSVDamage, "an id can't begin or end with a space", "remove the space"
	case isExponent(cell):
		return codeCSVDamage, "a spreadsheet has changed this id", "format the column as text and export it again"
	case isPlainPart(cell):
		return 0, "", "" // as nearly all are
	}
	if c, bad := controlCharacter(strings.Map(noBreaks, cell)); bad {
		return codeCSVDamage, fmt.Sprintf("holds a control character (U+%04X)", c), "remove it"
	}
	problem, hint = formProblem(cell)
	return codeIDForm, problem, hint
}

// noBreaks makes the control characters that a text may hold count, too.
func noBreaks(r rune) rune {
	if r == '\n' || r == '\t' {
		return 0
	}
	return r
}

// isExponent reports whether a cell looks as spreadsheets show long numbers:
// 1.04E+06.
func isExponent(cell string) bool {
	mantissa, exponent, ok := strings.Cut(cell, "E+")
	return ok && isDigits(exponent) && isDigits(strings.Replace(strings.Replace(mantissa, ".", "", 1), ",", "", 1))
}
