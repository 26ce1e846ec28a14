package plan

import (
	"fmt"
	"slices"

	"kivaform/kiva/money"
	"kivaform/spec"
	"kivaform/spec/code"
)

// codeFalls is the code of a repayment's amount that goes the wrong way.
const codeFalls = "KF100"

// Explanations returns the explanations of the faults that only a comparison
// with the ledger finds.
func Explanations() []code.Explanation {
	return []code.Explanation{{
		Code: codeFalls, Title: "a repayment's amount that goes the wrong way",
		Means: "A loan's principal repaid has become less than what was reported before, or its principal owed has become more.",
		Why:   "A running total can't fall. Most often a row is of another loan, the file is of an earlier month, or the amounts aren't what repayment_amounts in kiva.yaml says; a partner's program once reported zero for all loans so.",
		Mend:  "Correct the amount. If it is right, for instance because a payment was reversed, say so with kivaform ack ADDRESS --reason \"...\"; the next apply sends it.",
	}}
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
