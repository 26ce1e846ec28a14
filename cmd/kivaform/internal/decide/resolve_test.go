package decide

import (
	"strings"
	"testing"
	"time"

	"kivaform/apply/ledger"
	"kivaform/kiva/hint"
	"kivaform/plan"
)

const mergedDraft = plan.Address("loan_draft/L-1")

func attemptOf(number, mergedFrom int, outcome plan.Outcome) *ledger.Attempt {
	return &ledger.Attempt{
		Intent: ledger.Intent{Stream: mergedDraft, Attempt: number, MergedFrom: mergedFrom, Items: []ledger.Item{{Address: mergedDraft}}},
		Result: &ledger.Result{Outcome: outcome},
	}
}

// Where two copies of a ledger were merged, an earlier attempt may be the one
// that is still to be decided.
func TestFindsWhatIsUnknown(t *testing.T) {
	exists := decision{Address: string(mergedDraft), Decision: string(plan.OutcomeExists)}
	for _, tt := range []struct {
		ends []plan.Outcome
		want int
	}{
		{[]plan.Outcome{plan.OutcomeUnknown, plan.OutcomeExists}, 1},
		{[]plan.Outcome{plan.OutcomeUnknown, plan.OutcomeUnknown}, 2},
		{[]plan.Outcome{plan.OutcomeExists, plan.OutcomeUnknown}, 2},
		{[]plan.Outcome{plan.OutcomeAbsent, plan.OutcomeExists}, 2},
	} {
		var all []*ledger.Attempt
		for i, outcome := range tt.ends {
			all = append(all, attemptOf(i+1, i, outcome))
		}
		if got, err := attemptForDecision(all, exists, 0, time.Now()); err != nil || got.Intent.Attempt != tt.want {
			t.Errorf("%v: %+v, %v; want attempt %d", tt.ends, got, err, tt.want)
		}
	}
}

// A clock that was set back says nothing of how long a run may still wait.
func TestFindBeforeItWasSent(t *testing.T) {
	absent := decision{Address: string(mergedDraft), Decision: string(plan.OutcomeAbsent)}
	a := attemptOf(1, 0, plan.OutcomeUnknown)
	a.Result = nil
	a.Intent.At = time.Now().Add(72 * time.Hour)
	all := []*ledger.Attempt{a}
	if _, err := attemptForDecision(all, absent, 10*time.Minute, time.Now()); err == nil || !strings.Contains(hint.Of(err), "set the clock right") {
		t.Error(err)
	}
	if _, err := attemptForDecision(all, absent, 0, time.Now()); err != nil {
		t.Error("though the run has certainly ended:", err)
	}
}

// The name of all batches decides about none, also where each holds one journal.
func TestDecisionAboutEveryBatch(t *testing.T) {
	var all []*ledger.Attempt
	for n := range 2 {
		all = append(all, &ledger.Attempt{Intent: ledger.Intent{Stream: "journals", Attempt: n + 1, Items: []ledger.Item{{Address: "journal/L-1/visit"}}}})
	}
	decide := func(address string) (*ledger.Attempt, error) {
		return attemptForDecision(all, decision{Address: address, Decision: string(plan.OutcomeExists)}, 0, time.Now())
	}
	if a, err := decide("journals"); err == nil || !strings.Contains(err.Error(), "journals/1, journals/2") {
		t.Errorf("%+v, %v", a, err)
	}
	if a, err := decide("journals/1"); err != nil || a != all[0] {
		t.Errorf("%+v, %v", a, err)
	}
}
