package plan

import (
	"fmt"
	"slices"

	"kivaform/kiva"
	"kivaform/kiva/money"
	"kivaform/plan/identity"
	"kivaform/spec"
)

// codeFalls is the code of a repayment's amount that goes the wrong way.
const codeFalls = "KF100"

func (s computer) report(r *spec.RepaymentReport, want *spec.Set) Report {
	out := Report{Report: r, Mode: want.Settings.RepaymentAmounts, Rows: make([]Row, len(r.Rows))}
	hold := s.hold(r.Period, want)
	past := s.Past.Rows(r.Period)
	loans := make([]*kiva.Loan, len(r.Rows))
	sideBySide(len(r.Rows), func(i int) {
		loans[i] = s.Loans[r.Rows[i].LoanID]
		out.Rows[i] = s.row(out.RowAddress(i), &r.Rows[i], loans[i], past[r.Rows[i].LoanID], out.Mode, hold)
	})
	out.Gone = gone(out, past)
	s.holdAlikeRows(out, past, identity.Rules(want.Settings.IDs))
	if hold.IsZero() {
		out.Coverage = s.cover(out, loans, past)
		if out.Duplicate = s.duplicate(out, want.Today); out.Duplicate == nil {
			s.holdAlikeReport(out, want.Today)
		}
	}
	return out
}

// hold returns the reason why no row of a period may be sent; zero where rows
// may. An upload names no period: PA2 puts it into its current one, so an older
// report that came later would overwrite newer amounts, and rows of a finalised
// one would count in the next.
func (s computer) hold(period string, want *spec.Set) Reason {
	latest := ""
	if periods := s.Past.Periods(); len(periods) > 0 {
		latest = periods[len(periods)-1]
	}
	current := currentPeriod(want.Today)
	for _, r := range want.Reports {
		if r.Period <= current {
			latest = max(latest, r.Period)
		}
	}
	switch {
	case period > current:
		return NewReason(ReasonPeriodNotBegun, "period", period, "today", want.Today.String())
	case period < latest:
		return NewReason(ReasonPeriodOver, "period", latest)
	case s.Past.Finalised(period):
		return NewReason(ReasonFinalised, "period", period)
	}
	return Reason{}
}

func currentPeriod(today spec.Date) string {
	if day := today.String(); len(day) >= len("2026-11") {
		return day[:len("2026-11")]
	}
	return "9999-12"
}

func (s computer) row(a spec.Address, want *spec.Repayment, loan *kiva.Loan, last *RowAttempt, mode spec.AmountMode, hold Reason) Row {
	row := Row{Action: Submit, Last: last, Again: last != nil && s.resend[a]}
	if loan != nil {
		row.Currency = loan.Currency
	}
	if last != nil && !row.past(a, want, last, mode, hold) {
		return row
	}
	switch {
	case !hold.IsZero():
		row.Action, row.Reason = Waiting, hold
	case loan == nil:
		row.Action, row.Reason = Waiting, s.whyNotListed(want.LoanID)
	case !takesRepayment(loan.Status):
		row.Action, row.Reason = Waiting, whyStatus(ReasonNotRepaying, loan.Status)
	}
	return row
}

// past decides by a row's attempts in the ledger, and reports whether the row
// is to be sent as far as that goes.
func (row *Row) past(a spec.Address, want *spec.Repayment, last *RowAttempt, mode spec.AmountMode, hold Reason) bool {
	row.Was = last.Amount
	switch {
	case last.Outcome == OutcomeUnknown:
		row.Action, row.Reason, row.Again = Unknown, whyUnanswered(last.Attempt), false
		return false
	case row.Again:
		row.Reason = whySentAgain(last.Outcome, last.At)
	case last.Same(want):
		row.Action = Unchanged
		return false
	case last.Rejection.isOfRow(want):
		row.Action, row.Reason = Rejected, whyRejected(a, last.Rejection)
		return false
	case last.WasReported && (!mode.Corrects() || !hold.IsZero()):
		row.Action, row.Reason = Edited, whyEditedRow(last, hold)
		return false
	case last.WasReported:
		row.Action, row.Was = ReportAgain, last.Reported
	default:
		row.Reason = whyAttempted(last.Outcome, last.At, last.Message)
	}
	return true
}

// whyEditedRow is the reason of a row that a new upload would not correct.
func whyEditedRow(last *RowAttempt, hold Reason) Reason {
	if hold.Code == ReasonFinalised {
		return NewReason(ReasonEditedFinal, "at", moment(last.At), "period", hold.Args["period"])
	}
	return NewReason(ReasonEditedRow, "at", moment(last.At))
}

// falls finds rows whose amount can't be right: principal repaid that has
// become less since it was last reported, or principal owed that has become
// more. A person may approve an amount.
func (s computer) falls(p *Plan) []*spec.Fault {
	var faults []*spec.Fault
	for _, r := range p.Reports {
		if !r.Mode.Corrects() {
			continue
		}
		earlier := s.earlier(r.Report.Period)
		for i, row := range r.Rows {
			want := r.Report.Rows[i]
			if !row.Action.Sends() || approved(row.Last, want.Amount) {
				continue
			}
			was, period, known := lastReported(row, r.Report.Period, earlier, want.LoanID)
			if known && wrongWay(r.Mode, was, want.Amount) {
				faults = append(faults, fall(r, i, was, period))
			}
		}
	}
	return faults
}

func approved(last *RowAttempt, amount money.Amount) bool {
	return last != nil && last.Approval != nil && *last.Approval == amount
}

func wrongWay(mode spec.AmountMode, was, now money.Amount) bool {
	if mode == spec.OutstandingPrincipal {
		return now.Cmp(was) > 0
	}
	return now.Cmp(was) < 0
}

// A period's rows, as the ledger knows them.
type periodRows struct {
	period string
	rows   map[string]*RowAttempt
}

// earlier returns the periods before one, the latest first.
func (s computer) earlier(period string) []periodRows {
	var list []periodRows
	for _, p := range slices.Backward(s.Past.Periods()) {
		if p < period {
			list = append(list, periodRows{p, s.Past.Rows(p)})
		}
	}
	return list
}

func lastReported(row Row, period string, earlier []periodRows, loanID string) (money.Amount, string, bool) {
	if row.Last != nil && row.Last.WasReported {
		return row.Last.Reported, period, true
	}
	for _, e := range earlier {
		if last := e.rows[loanID]; last != nil && last.WasReported {
			return last.Reported, e.period, true
		}
	}
	return money.Amount{}, "", false
}

func fall(r Report, i int, was money.Amount, period string) *spec.Fault {
	now, which, what := r.Report.Rows[i].Amount, "repaid", "principal repaid can't become less"
	if r.Mode == spec.OutstandingPrincipal {
		which, what = "owed", "principal owed can't become more"
	}
	address := r.RowAddress(i)
	return &spec.Fault{
		Code: codeFalls, Case: which, Pos: r.Report.RowPos(i), Path: "amount", Address: address,
		Args:    spec.NewArgs("amount", now.String(), "was", was.String(), "period", period, "address", string(address)),
		Message: fmt.Sprintf("%s after %s reported for %s: %s", now.Format(), was.Format(), period, what),
		Remedy:  fmt.Sprintf("correct it, or, if it is right: kivaform ack %s --reason \"...\"", address),
	}
}

// takesRepayment reports whether Kiva expects a loan in a report.
func takesRepayment(s kiva.Status) bool { return slices.Contains(reportable, s) }
