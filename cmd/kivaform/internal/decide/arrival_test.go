package decide

import (
	"testing"
	"time"

	"kivaform/apply/ledger"
	"kivaform/kiva"
	"kivaform/plan"
)

// A loan of the same id proves nothing of a later attempt if it may be the earlier
// one's.
func TestAnEarlierLoanProvesNothing(t *testing.T) {
	sent := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	attempt := func(number int, r *ledger.Result) *ledger.Attempt {
		return &ledger.Attempt{Intent: ledger.Intent{Stream: "loan_draft/L-1", Attempt: number, At: sent, Items: []ledger.Item{{Address: "loan_draft/L-1", Again: number > 1}}}, Result: r}
	}
	accepted := attempt(1, &ledger.Result{Outcome: plan.OutcomeAccepted, Receipts: []ledger.Receipt{{DraftUUID: "u1"}}})
	notSent := attempt(1, &ledger.Result{Outcome: plan.OutcomeNotSent})
	second := attempt(2, nil)
	notAgain := attempt(2, nil)
	notAgain.Intent.Items[0].Again = false
	for name, tt := range map[string]struct {
		loan    kiva.Loan
		earlier *ledger.Attempt
		of      *ledger.Attempt
		want    bool
	}{
		"the first":           {kiva.Loan{CreateTime: sent.AddDate(0, 0, -9)}, nil, attempt(1, nil), true},
		"after one not sent":  {kiva.Loan{}, notSent, notAgain, true},
		"made before":         {kiva.Loan{CreateTime: sent.Add(-time.Hour)}, accepted, second, false},
		"made since":          {kiva.Loan{CreateTime: sent.Add(time.Hour)}, accepted, second, true},
		"made at no time":     {kiva.Loan{}, accepted, second, false},
		"the first one's own": {kiva.Loan{UUID: "u1", CreateTime: sent.Add(time.Hour)}, accepted, second, false},
	} {
		var earlier []*ledger.Attempt
		if tt.earlier != nil {
			earlier = append(earlier, tt.earlier)
		}
		if got := provesArrival(&tt.loan, tt.of, append(earlier, tt.of)); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
