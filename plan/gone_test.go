package plan_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kivaform/kiva"
	"kivaform/kiva/money"
	"kivaform/plan"
	"kivaform/spec"
)

// sentRows is a ledger that has rows of a period, by loan id. That of A is
// reported with 1000.
func sentRows(period string, more map[string]*plan.RowAttempt) *fakeLedger {
	rows := map[string]*plan.RowAttempt{"A": ledgerRow(1000)}
	for id, r := range more {
		rows[id] = r
	}
	return &fakeLedger{period: period, rows: map[string]map[string]*plan.RowAttempt{period: rows}}
}

// ended is a row of the ledger with another outcome; nothing of it is at Kiva.
func ended(o plan.Outcome) *plan.RowAttempt {
	return &plan.RowAttempt{Attempt: &plan.Attempt{Number: 1, Outcome: o}, Outcome: o, Amount: money.FromInt(5)}
}

// What Kiva has for the period is reported, also where the file no longer has
// it; what Kiva refused, and what nobody knows of, is not.
func TestRowsThatAreGoneCountAsReported(t *testing.T) {
	corrected := ended(plan.OutcomeRejected) // Kiva has the amount before the correction
	corrected.Reported, corrected.WasReported = money.FromInt(70), true
	l := sentRows("2026-11", map[string]*plan.RowAttempt{
		"D": corrected, "B": ledgerRow(300), "C": ended(plan.OutcomeRejected), "E": ended(plan.OutcomeUnknown), "Z": ledgerRow(9),
	})
	k := new(fakeKiva).add(kiva.PayingBack, "A", "B", "C", "D", "E", "F").add(kiva.Ended, "Z")
	r := compute(t, set(report("2026-11", row("A", 1000), row("F", 20))), l, k).Reports[0]
	if d := cmp.Diff([]string{"B", "D", "Z"}, r.Gone); d != "" {
		t.Error(d)
	}
	want := &plan.Coverage{Expected: 6, Reported: 4, Missing: []string{"C", "E"}, Totals: plan.Totals{"KES": money.FromInt(1390)}}
	if d := cmp.Diff(want, r.Coverage); d != "" {
		t.Error(d)
	}
}

// Rows that are gone are known without asking Kiva, also of an earlier period
// than the one that is reported.
func TestOnlyRowsAreGone(t *testing.T) {
	for _, period := range []string{"2026-10", "2026-11"} {
		l, k := sentRows(period, map[string]*plan.RowAttempt{"B": ledgerRow(300)}), new(fakeKiva).add(kiva.PayingBack, "A", "B")
		l.period = "2026-11"
		r := compute(t, set(report(period, row("A", 1000))), l, k).Reports[0]
		if d := cmp.Diff([]string{"B"}, r.Gone); d != "" || r.Coverage != nil || len(k.asked) > 0 {
			t.Errorf("%s: %v, coverage %v after %d requests", period, r.Gone, r.Coverage, len(k.asked))
		}
		if r := compute(t, set(report(period, row("B", 300), row("A", 1000))), l, k).Reports[0]; r.Gone != nil {
			t.Errorf("%s: all are there, and yet %v", period, r.Gone)
		}
	}
}

// A saved plan keeps the rows that are gone, where a report has nothing else too.
func TestASavedPlanKeepsWhatIsGone(t *testing.T) {
	l := sentRows("2026-11", map[string]*plan.RowAttempt{"B": ledgerRow(300)})
	for _, rows := range [][]spec.Repayment{{row("A", 1000)}, {row("A", 1000), row("F", 20)}} {
		p := compute(t, set(report("2026-11", rows...)), l, new(fakeKiva).add(kiva.PayingBack, "F"))
		again, _ := saved(t, p).Reopen(nil)
		if len(again.Reports) != 1 {
			t.Fatalf("%d reports", len(again.Reports))
		}
		if d := cmp.Diff(p.Reports[0].Gone, again.Reports[0].Gone); d != "" || len(p.Reports[0].Gone) != 1 {
			t.Errorf("%v: %s", p.Reports[0].Gone, d)
		}
	}
	p := compute(t, set(report("2026-11", row("A", 1000), row("B", 300))), l, new(fakeKiva))
	if s := p.Save(time.Now(), time.Hour, "v", "c"); len(s.Reports) > 0 {
		t.Errorf("nothing is gone, and yet there is a report: %+v", s.Reports)
	}
}
