package plan

import (
	"slices"
	"strings"

	"kivaform/kiva"
	"kivaform/plan/identity"
	"kivaform/spec"
)

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

// takesRepayment reports whether Kiva expects a loan in a report.
func takesRepayment(s kiva.Status) bool { return slices.Contains(reportable, s) }

// gone returns the loan ids of the rows that were reported for a report's period
// and that its file no longer has, in order. Kiva keeps them.
func gone(r Report, past map[string]*RowAttempt) []string {
	known := 0
	for i := range r.Rows {
		if r.Rows[i].Last != nil {
			known++
		}
	}
	if known == len(past) { // all that was attempted is still there, as in most reports
		return nil
	}
	there := make(map[string]bool, known)
	for i := range r.Rows {
		if r.Rows[i].Last != nil {
			there[r.Report.Rows[i].LoanID] = true
		}
	}
	var ids []string
	for id, last := range past {
		if last.WasReported && !there[id] {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// whyNotListed is the reason of a row whose loan Kiva doesn't list. It names the
// loan that is meant, where the row has the id of a group's borrower, or an id
// that has lost its zeros.
func (s computer) whyNotListed(loanID string) Reason {
	k := s.knownIDs()
	if group := k.groups[loanID]; group != "" {
		return NewReason(ReasonBorrowerOfGroup, "loan_id", group)
	}
	if id := k.withZeros(loanID); id != "" {
		return NewReason(ReasonZerosLost, "loan_id", id)
	}
	return NewReason(ReasonNotListed)
}

// knownIDs finds the loans that rows may mean which name another.
type knownIDs struct {
	groups map[string]string // the loan ids of groups, by those of their borrowers

	// Loan ids with zeros at their beginning, by what a spreadsheet leaves of
	// them: of the loans that Kiva expects in a report, and of others.
	expected, others map[string]string
}

func newKnownIDs(have *State, want *spec.Set) *knownIDs {
	k := &knownIDs{make(map[string]string), make(map[string]string), make(map[string]string)}
	for id, loan := range have.Loans {
		if loan != nil && takesRepayment(loan.Status) {
			addZeros(k.expected, id)
		} else {
			addZeros(k.others, id)
		}
	}
	for _, d := range want.Drafts {
		addZeros(k.others, d.LoanID())
		if d.IsGroup() {
			for i := range d.Entreps {
				k.groups[d.Entreps[i].LoanID] = d.LoanID()
			}
		}
	}
	return k
}

// addZeros adds an id that begins with zeros. A spreadsheet takes them from
// numbers only.
func addZeros(to map[string]string, id string) {
	if short := strings.TrimLeft(id, "0"); short != id && strings.Trim(id, "0123456789") == "" {
		to[short] = max(to[short], id) // which of many is an example
	}
}

// withZeros returns the known id that one was before its zeros were lost, ""
// where there is none.
func (k *knownIDs) withZeros(id string) string {
	short := strings.TrimLeft(id, "0")
	for _, known := range []string{k.expected[short], k.others[short]} {
		if len(known) > len(id) {
			return known
		}
	}
	return ""
}
