package plan_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kivaform/kiva"
	"kivaform/kiva/money"
	"kivaform/plan"
	"kivaform/spec"
)

func TestCoverage(t *testing.T) {
	k := new(fakeKiva).add(kiva.PayingBack, "A", "B", "G", "C", "F").add(kiva.Defaulted, "D").add(kiva.Ended, "E")
	for i := range k.loans {
		k.loans[i].InternalClientID = "c" + k.loans[i].InternalLoanID
		k.loans[i].LocalPrice = money.FromInt(500)
	}
	rows := []spec.Repayment{row("A", 500), row("B", 501), row("D", 0), row("E", 10), row("X", 10), row("F", 620)}
	rows[0].ClientID, rows[5].ClientID = "cA", "cB"
	p := compute(t, set(report("2026-11", rows...)), &fakeLedger{}, k)
	got := p.Reports[0].Coverage
	want := &plan.Coverage{
		Expected: 6, Reported: 4, Missing: []string{"C", "G"}, Totals: plan.Totals{"KES": money.FromInt(1621)},
		Findings: []plan.Finding{
			{Row: 1, Kind: plan.AbovePrice, Reason: plan.NewReason(plan.ReasonAbovePrice, "amount", "501", "currency", "KES", "price", "500")},
			{Row: 2, Kind: plan.Zero, Reason: plan.NewReason(plan.ReasonNothingRepaid)},
			{Row: 3, Kind: plan.NotExpected, Reason: plan.NewReason(plan.ReasonNotListed)},
			{Row: 4, Kind: plan.NotExpected, Reason: plan.NewReason(plan.ReasonNotListed)},
			{Row: 5, Kind: plan.WrongClient, Reason: plan.NewReason(plan.ReasonOtherClient, "client_id", "cB", "kiva_client_id", "cF")},
			{Row: 5, Kind: plan.AbovePrice, Reason: plan.NewReason(plan.ReasonAbovePrice, "amount", "620", "currency", "KES", "price", "500")},
		},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// Where nothing of a report is undecided Kiva isn't asked, so nothing is said.
func TestNoCoverageOfWhatWasNotRead(t *testing.T) {
	sent := ledgerRow(1000)
	sent.At = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	l := &fakeLedger{period: "2026-11", rows: map[string]map[string]*plan.RowAttempt{"2026-11": {"A": sent}}}
	k := new(fakeKiva).add(kiva.PayingBack, "A", "B")
	p := compute(t, set(report("2026-11", row("A", 1000))), l, k)
	if c := p.Reports[0].Coverage; c != nil || len(k.asked) > 0 {
		t.Errorf("coverage %v after %d requests", c, len(k.asked))
	}
}

func ledgerRow(amount int64) *plan.RowAttempt {
	return &plan.RowAttempt{
		Attempt: &plan.Attempt{Number: 1, Outcome: plan.OutcomeAccepted}, Outcome: plan.OutcomeAccepted,
		Amount: money.FromInt(amount), Reported: money.FromInt(amount), WasReported: true,
	}
}

// An upload of the last 31 days with the same rows is suspicious; whatever
// differs makes it another upload.
func TestDuplicate(t *testing.T) {
	batch := func(number, daysAgo int, amounts ...int64) map[string]*plan.RowAttempt {
		rows := make(map[string]*plan.RowAttempt)
		for i, a := range amounts {
			r := ledgerRow(a)
			r.Number, r.Run = number, fmt.Sprintf("run-%d", number)
			r.At = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC).AddDate(0, 0, -daysAgo)
			rows[string(rune('A'+i))] = r
		}
		return rows
	}
	two := batch(1, 10, 100, 200, 300)
	two["C"].Attempt = &plan.Attempt{Number: 2, Outcome: plan.OutcomeAccepted, At: two["C"].At}
	refused := batch(1, 10, 100, 200)
	refused["B"].Outcome = plan.OutcomeRejected
	for _, tt := range []struct {
		name string
		past map[string]*plan.RowAttempt
		rows []spec.Repayment
		want bool
	}{
		{"the same", batch(1, 10, 100, 200), []spec.Repayment{row("B", 200), row("A", 100)}, true},
		{"31 days ago", batch(1, 31, 100, 200), []spec.Repayment{row("A", 100), row("B", 200)}, true},
		{"32 days ago", batch(1, 32, 100, 200), []spec.Repayment{row("A", 100), row("B", 200)}, false},
		{"another amount", batch(1, 10, 100, 200), []spec.Repayment{row("A", 100), row("B", 201)}, false},
		{"another client", batch(1, 10, 100), []spec.Repayment{{LoanID: "A", ClientID: "x", Amount: money.FromInt(100)}}, false},
		{"one more", batch(1, 10, 100, 200), []spec.Repayment{row("A", 100), row("B", 200), row("C", 1)}, false},
		{"one less", batch(1, 10, 100, 200), []spec.Repayment{row("A", 100)}, false},
		{"one batch of two", two, []spec.Repayment{row("A", 100), row("B", 200)}, true},
		{"both batches", two, []spec.Repayment{row("A", 100), row("B", 200), row("C", 300)}, true},
		{"a row that Kiva refused", refused, []spec.Repayment{row("A", 100), row("B", 200)}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := &fakeLedger{period: "2026-10", rows: map[string]map[string]*plan.RowAttempt{"2026-10": tt.past}}
			p := compute(t, set(report("2026-11", tt.rows...)), l, new(fakeKiva).add(kiva.PayingBack, "A", "B", "C"))
			d := p.Reports[0].Duplicate
			if (d != nil) != tt.want {
				t.Fatalf("%+v", d)
			}
			if d != nil && (d.Period != "2026-10" || d.Rows != len(tt.rows)) {
				t.Errorf("%+v", d)
			}
		})
	}
}
