package followup

import (
	"errors"
	"slices"
	"testing"

	"kivaform/apply/ledger"
	"kivaform/plan"
	"kivaform/spec"
)

// What somebody says is finished names attempts that Kiva has, one batch of
// journals at a time; anything else is refused, with what can be named.
func TestClaim(t *testing.T) {
	visits := ledger.Intent{Items: []ledger.Item{{Address: "journal/L-1/visit"}, {Address: "journal/L-2/visit"}}}
	rows := ledger.Intent{Rows: []ledger.Row{{LoanID: "L-1"}, {LoanID: "L-2"}}}
	attempts := []*ledger.Attempt{
		done(attemptOn("journals", 1, "", accepted(), visits)),
		attemptOn("journals", 2, "", accepted(), visits),
		attemptOn("journals", 3, "", accepted(), visits),
		attemptOn("journals", 4, "", &ledger.Result{Outcome: plan.OutcomeRejected}, visits),
		attemptOn("repayments/2026-11", 1, "", accepted(), rows),
		attemptOn("repayments/2026-11", 2, "", accepted(), rows),
		draftAttempt("L-1", 1, accepted()),
		draftAttempt("L-2", 1, accepted()),
		draftAttempt("L-3", 1, nil),
	}
	has := new(spec.LoanDraft)
	has.InternalLoanID = "L-1"
	files := &spec.Set{Drafts: []*spec.LoanDraft{has}}

	for _, tt := range []struct {
		given   string
		marks   []plan.Address
		why     Why
		batches []plan.Address
	}{
		{given: "journals/2", marks: []plan.Address{"journals/2"}},
		{given: "journals/1", marks: []plan.Address{"journals/1"}}, // twice changes nothing
		{given: "repayments/2026-11", marks: []plan.Address{"repayments/2026-11/1", "repayments/2026-11/2"}},
		{given: "repayments/2026-11/2", marks: []plan.Address{"repayments/2026-11/2"}},
		{given: "loan_draft/L-2", marks: []plan.Address{"loan_draft/L-2"}}, // given up
		{given: "journals", why: NamesSeveral, batches: []plan.Address{"journals/2", "journals/3"}},
		{given: "journal/L-1/visit", why: SentTogether, batches: []plan.Address{"journals/3"}},
		{given: "repayment/2026-11/L-1", why: SentTogether, batches: []plan.Address{"repayments/2026-11"}},
		{given: "journals/9", why: NothingSent},
		{given: "loan_draft/L-1", why: HasDocument},
		{given: "loan_draft/L-3", why: NoAnswer},
		{given: "journals/4", why: NotAtKiva},
	} {
		c := NewClaim(tt.given)
		for _, a := range attempts {
			c.Add(a)
		}
		marks, err := c.Marks(files)
		var got []plan.Address
		for _, a := range marks {
			got = append(got, a.Address())
		}
		if !slices.Equal(got, tt.marks) {
			t.Errorf("%s: marks %v, want %v", tt.given, got, tt.marks)
		}
		refusal := (*Refusal)(nil)
		if errors.As(err, &refusal) != (tt.marks == nil) {
			t.Errorf("%s: error %v", tt.given, err)
		} else if refusal != nil && (refusal.Why != tt.why || !slices.Equal(refusal.Batches, tt.batches)) {
			t.Errorf("%s: refused with %v (%d), batches %v", tt.given, refusal, refusal.Why, refusal.Batches)
		}
	}
}
