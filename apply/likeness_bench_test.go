package apply_test

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/ledgertest"
	"kivaform/kiva"
	"kivaform/kiva/money"
	"kivaform/plan"
	"kivaform/spec"
)

// forgetful is a ledger that knows nothing of what items are alike to.
type forgetful struct{ *ledger.Ledger }

func (forgetful) Known(context.Context) iter.Seq2[plan.Known, error] {
	return func(func(plan.Known, error) bool) {}
}

// emptyKiva lists no loans.
type emptyKiva struct{}

func (emptyKiva) AtOnce() int { return 4 }
func (emptyKiva) LoanPage(context.Context, kiva.LoanQuery) (kiva.LoanPage, error) {
	return kiva.LoanPage{}, nil
}

// storiedDraft is a draft whose client, story and photo are its own.
func storiedDraft(prefix string, i int) *spec.LoanDraft {
	day, _ := spec.ParseDate("2026-12-01")
	return &spec.LoanDraft{
		Currency: "KES", DisburseTime: day, Description: fmt.Sprintf("She keeps %d cows behind her house and sells their milk before sunrise.", i),
		Image:   &spec.Image{Digest: fmt.Sprintf("%064d", i)},
		Entreps: []spec.Entrep{{LoanID: fmt.Sprintf("%s-%06d", prefix, i), ClientID: fmt.Sprintf("C-%06d", i), FirstName: "Mary", Amount: money.FromInt(int64(i%97 + 1))}},
	}
}

// sentStore is the ledger of somebody who sent n drafts.
func sentStore(b testing.TB, scope ledger.Scope, n int) *ledgertest.Memory {
	store := new(ledgertest.Memory)
	l := ledger.New(store, scope, ledger.Options{})
	if err := l.Prepare(b.Context()); err != nil {
		b.Fatal(err)
	}
	for i := range n {
		d := storiedDraft("L", i)
		c := l.Digester().Contents(d)
		in := ledger.Intent{Stream: d.Address(), Run: "run", At: time.Unix(1_800_000_000, 0), Items: []ledger.Item{{
			Address: d.Address(), Fingerprint: l.Digester().ItemFingerprint(d.Address(), d), Contents: c.String(),
		}}}
		a, err := l.Begin(b.Context(), in)
		if err == nil {
			err = l.Finish(b.Context(), a, ledger.Result{Outcome: plan.OutcomeAccepted, At: in.At})
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	return store
}

// BenchmarkLikeness plans 10,000 drafts, of which some are new, with a ledger of
// 100,000 attempts: as it is, and without a look at what the new ones are alike to.
// Reading the files and asking Kiva come on top of both.
func BenchmarkLikeness(b *testing.B) {
	scope := ledger.Scope{Environment: "staging", PartnerID: "145"}
	store := sentStore(b, scope, 100_000)
	for _, fresh := range []int{0, 1, 1_000} {
		want := &spec.Set{}
		for i := range 10_000 - fresh {
			want.Drafts = append(want.Drafts, storiedDraft("L", i))
		}
		for i := range fresh {
			want.Drafts = append(want.Drafts, storiedDraft("N", 200_000+i))
		}
		for _, with := range []bool{false, true} {
			b.Run(fmt.Sprintf("new=%d/likeness=%t", fresh, with), func(b *testing.B) {
				for b.Loop() {
					l := ledger.New(store, scope, ledger.Options{})
					var history plan.History = l
					if !with {
						history = forgetful{l}
					}
					state, err := plan.Observe(b.Context(), want, history, emptyKiva{}, nil)
					if err != nil {
						b.Fatal(err)
					}
					if got := plan.Compute(want, state, nil).Count()[plan.Submit]; got != fresh {
						b.Fatalf("%d to send, want %d", got, fresh)
					}
				}
			})
		}
	}
}

// A new core system gives every loan another number, in one commit: nothing is sent.
func TestRenumberedInOneCommit(t *testing.T) {
	const n = 20_000
	scope := ledger.Scope{Environment: "staging", PartnerID: "145"}
	l := ledger.New(sentStore(t, scope, n), scope, ledger.Options{})
	want := &spec.Set{}
	for i := range n {
		want.Drafts = append(want.Drafts, storiedDraft("M-2026", i))
	}
	state, err := plan.Observe(t.Context(), want, l, emptyKiva{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := plan.Compute(want, state, nil)
	if got := p.Count()[plan.Alike]; got != n {
		t.Errorf("%d of %d are held: %v", got, n, p.Count())
	}
	if other := p.Drafts[7].Reason.Args["other"]; other != "loan_draft/L-000007" {
		t.Errorf("the eighth is alike to %s", other)
	}
}
