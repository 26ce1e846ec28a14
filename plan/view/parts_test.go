package view

import (
	"testing"

	"kivaform/plan"
)

// The parts come in the order of importance, and each says itself whether a
// person must act.
func TestAccountParts(t *testing.T) {
	type part struct {
		title                  string
		needsPerson, undecided bool
	}
	want := []part{
		{"Unknown", true, true}, {"Rejected", true, false}, {"Taken", false, false},
		{"Not sent", false, false}, {"Not attempted", false, false}, {"Kiva remarks", false, false},
	}
	a := &Account{Remarks: []Entry{{Outcome: "sent"}}}
	for _, outcome := range []string{"taken", "not-attempted", "rejected", "not-sent", "unknown"} {
		a.Failures = append(a.Failures, Entry{Address: plan.Address("loan_draft/" + outcome), Outcome: outcome})
	}
	parts := a.Parts()
	if len(parts) != len(want) {
		t.Fatalf("%d parts", len(parts))
	}
	for i, p := range parts {
		if got := (part{p.Title, p.NeedsPerson, p.Undecided}); got != want[i] || len(p.Entries) != 1 {
			t.Errorf("part %d: %+v with %d entries, want %+v", i, got, len(p.Entries), want[i])
		}
	}
}
