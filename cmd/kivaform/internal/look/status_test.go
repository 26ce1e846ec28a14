package look

import (
	"testing"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/history"
	"kivaform/apply/ledger/ledgertest"
	"kivaform/apply/ledger/merge"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/plan"
)

const mergedLoan = plan.Address("loan_draft/L-1")

// What another copy tried and may try again doesn't change the status of what was
// sent here, as it doesn't change the plan.
func TestStatusAfterMerge(t *testing.T) {
	one, other := new(ledgertest.Memory), new(ledgertest.Memory)
	scope := ledger.Scope{Environment: "staging", PartnerID: "145"}
	send := func(s ledger.Store, run string, outcome plan.Outcome) {
		l := ledger.New(s, scope, ledger.Options{Key: []byte("0123456789abcdef")})
		if err := l.Prepare(t.Context()); err != nil {
			t.Fatal(err)
		}
		a, err := l.Begin(t.Context(), ledger.Intent{Stream: mergedLoan, Run: run, Items: []ledger.Item{{Address: mergedLoan, Fingerprint: "aa"}}})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Finish(t.Context(), a, ledger.Result{Outcome: outcome}); err != nil {
			t.Fatal(err)
		}
	}
	send(one, "one", plan.OutcomeAccepted)
	send(other, "other", plan.OutcomeRejected)
	if _, err := merge.Copies(t.Context(), other, one); err != nil {
		t.Fatal(err)
	}
	s := &session.Session{Workspace: &session.Workspace{Ledger: ledger.New(one, scope, ledger.Options{Key: []byte("0123456789abcdef"), Whole: &history.Options{}})}}
	if _, err := s.Ledger.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := statusesOfLedger(s)[mergedLoan]; got == nil || got.Status != "sent" || got.Run != "one" {
		t.Errorf("%+v", got)
	}
}
