package ledger_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/history"
	"kivaform/apply/ledger/ledgertest"
	"kivaform/plan"
)

// A countingStore counts how often each object is read.
type countingStore struct {
	ledger.Store
	mu   sync.Mutex
	gets map[string]int
}

func (s *countingStore) Get(ctx context.Context, key string) ([]byte, error) {
	s.mu.Lock()
	s.gets[key]++
	s.mu.Unlock()
	return s.Store.Get(ctx, key)
}

// A ledger that is read as a whole knows every item, and reads each object once.
// Else it opens nothing of a draft that Kiva has.
func TestReadAsAWhole(t *testing.T) {
	store := new(ledgertest.Memory)
	ledgertest.Send(t, store, "one", plan.OutcomeAccepted, ledgertest.DraftIntent("aa", 0))
	ledgertest.Send(t, store, "one", plan.OutcomeAccepted, ledgertest.JournalsIntent("journal/L-1/a", "journal/L-2/a"))
	ledgertest.Send(t, store, "one", plan.OutcomeAccepted, ledgertest.RowsIntent("one", "L-1", "L-2"))
	for name, tt := range map[string]struct {
		whole *history.Options
		want  []plan.Address
	}{
		"whole": {&history.Options{}, []plan.Address{"journal/L-1/a", "journal/L-2/a", "loan_draft/L-1", "repayment/2026-11/L-1", "repayment/2026-11/L-2"}},
		"keys":  {nil, []plan.Address{"journal/L-1/a", "journal/L-2/a", "repayment/2026-11/L-1", "repayment/2026-11/L-2"}},
	} {
		counting := &countingStore{Store: store, gets: make(map[string]int)}
		l := ledger.New(counting, scope, ledger.Options{Whole: tt.whole})
		if _, err := l.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		var got []plan.Address
		for s := range l.History().States() {
			got = append(got, s.Address)
		}
		if slices.Sort(got); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v", name, got)
		}
		if last := l.Last("loan_draft/L-1"); last == nil || last.Outcome != plan.OutcomeAccepted {
			t.Errorf("%s: the draft: %+v", name, last)
		}
		for key, n := range counting.gets {
			if n != 1 {
				t.Errorf("%s: %s was read %d times", name, key, n)
			}
		}
	}
}
