package plan_test

import (
	"context"
	"fmt"
	"testing"

	"kivaform/kiva"
	"kivaform/kiva/money"
	"kivaform/plan"
	"kivaform/spec"
)

// BenchmarkCompute decides on items that are all new, and on items that were
// all sent before and haven't changed.
func BenchmarkCompute(b *testing.B) {
	benchSizes(b, func(b *testing.B, want *spec.Set, l *keyedLedger, k *pagedKiva) {
		state := observe(b, want, l, k)
		for b.Loop() {
			plan.Compute(want, state, nil)
		}
	})
}

// BenchmarkObserve reads the same from a ledger and a Kiva in memory; what is
// left is the work of comparing.
func BenchmarkObserve(b *testing.B) {
	benchSizes(b, func(b *testing.B, want *spec.Set, l *keyedLedger, k *pagedKiva) {
		for b.Loop() {
			observe(b, want, l, k)
		}
	})
}

func benchSizes(b *testing.B, bench func(*testing.B, *spec.Set, *keyedLedger, *pagedKiva)) {
	for _, size := range []struct {
		name string
		n    int
		want func(int) *spec.Set
	}{{"drafts", 1_000, manyDrafts}, {"drafts", 10_000, manyDrafts}, {"rows", 100_000, manyRows}} {
		want := size.want(size.n)
		for _, past := range []struct {
			name   string
			ledger *keyedLedger
		}{{"new", newKeyedLedger()}, {"unchanged", sentBefore(want)}} {
			b.Run(fmt.Sprintf("%s=%d/%s", size.name, size.n, past.name), func(b *testing.B) {
				k := payingBack(want)
				b.ReportAllocs()
				bench(b, want, past.ledger, k)
				b.ReportMetric(float64(size.n)*float64(b.N)/b.Elapsed().Seconds(), "items/s")
			})
		}
	}
}

func observe(b *testing.B, want *spec.Set, l *keyedLedger, k *pagedKiva) *plan.State {
	b.Helper()
	state, err := plan.Observe(b.Context(), want, l, k, nil)
	if err != nil {
		b.Fatal(err)
	}
	return state
}

// A keyedLedger is a ledger in memory with the digests of a real one.
type keyedLedger struct {
	fakeLedger
	digester plan.Digester
}

func newKeyedLedger() *keyedLedger {
	return &keyedLedger{digester: plan.NewDigester([]byte("a key for benchmarks")), fakeLedger: fakeLedger{
		last: make(map[spec.Address]*plan.Attempt), rows: make(map[string]map[string]*plan.RowAttempt),
	}}
}

func (l *keyedLedger) Load(context.Context) (plan.Past, error) { return l, nil }
func (l *keyedLedger) MatchesField(digest string, a spec.Address, f spec.Field) bool {
	return l.digester.MatchesField(digest, a, f)
}
func (l *keyedLedger) MatchesItem(fingerprint string, a spec.Address, r spec.Resource) bool {
	return l.digester.MatchesItem(fingerprint, a, r)
}

// sentBefore returns the ledger of somebody who sent all of it.
func sentBefore(want *spec.Set) *keyedLedger {
	l := newKeyedLedger()
	for _, d := range want.Drafts {
		l.last[d.Address()] = &plan.Attempt{Number: 1, Outcome: plan.OutcomeAccepted, Fingerprint: l.digester.ItemFingerprint(d.Address(), d)}
	}
	for _, r := range want.Reports {
		batch := &plan.Attempt{Number: 1, Outcome: plan.OutcomeAccepted}
		rows := make(map[string]*plan.RowAttempt, len(r.Rows))
		for _, row := range r.Rows {
			rows[row.LoanID] = &plan.RowAttempt{
				Attempt: batch, Outcome: plan.OutcomeAccepted, ClientID: row.ClientID, Amount: row.Amount, Reported: row.Amount, WasReported: true,
			}
		}
		l.rows[r.Period], l.period = rows, r.Period
	}
	return l
}

// A pagedKiva lists loans that are paying back, in pages that cost nothing.
type pagedKiva struct{ loans []kiva.Loan }

func (*pagedKiva) AtOnce() int { return 4 }

func (k *pagedKiva) LoanPage(_ context.Context, q kiva.LoanQuery) (kiva.LoanPage, error) {
	if q.Status != "" && q.Status != kiva.PayingBack {
		return kiva.LoanPage{}, nil
	}
	page := kiva.LoanPage{Total: len(k.loans)}
	if q.Offset < len(k.loans) {
		page.Loans = k.loans[q.Offset:min(q.Offset+q.Limit, len(k.loans))]
	}
	return page, nil
}

// payingBack returns a Kiva that lists the loans of the reports.
func payingBack(want *spec.Set) *pagedKiva {
	k := new(pagedKiva)
	for _, r := range want.Reports {
		for i, row := range r.Rows {
			k.loans = append(k.loans, kiva.Loan{KivaID: fmt.Sprint(i), InternalLoanID: row.LoanID, Status: kiva.PayingBack, Currency: "KES"})
		}
	}
	return k
}

// manyDrafts are drafts with a story of about 300 characters and a schedule of
// four instalments.
func manyDrafts(n int) *spec.Set {
	s := set()
	day, _ := spec.ParseDate("2027-01-05")
	for i := range n {
		d := draft(fmt.Sprintf("L-%06d", i), 50_000)
		d.Pos = spec.Pos{File: "loans/2026-11/nakuru.yaml", Line: int32(i + 1)}
		d.Entreps[0].LastName, d.Entreps[0].Gender, d.Entreps[0].ClientID = "Wanjiku", "female", fmt.Sprintf("%06d", i)
		d.Description = "Mary keeps two cows on the land of her family and sells the milk to a cooperative that collects it " +
			"every morning. She is known for keeping her records in order, and has paid back three loans before this one. " +
			"With the new loan she will buy another cow. The income pays for the school of her three children."
		d.Activity, d.Theme, d.Language = spec.Ref{ID: "61", Name: "Dairy"}, spec.Ref{ID: "48"}, spec.Ref{ID: "1"}
		d.DisburseTime, d.Location = day-35, "Nakuru: Kenya"
		for k := range 4 {
			d.Schedule = append(d.Schedule, spec.Instalment{
				Date: day + spec.Date(30*k), Principal: money.FromInt(12_500), Interest: money.FromInt(int64(750 - 150*k)),
			})
		}
		s.Drafts = append(s.Drafts, d)
	}
	return s
}

func manyRows(n int) *spec.Set {
	r := report("2026-11")
	for i := range n {
		r.Rows = append(r.Rows, spec.Repayment{
			LoanID: fmt.Sprintf("L-%06d", i), ClientID: fmt.Sprintf("%06d", i), Amount: money.FromInt(int64(i)), Line: int32(i + 2),
		})
	}
	return set(r)
}
