package plan_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"kivaform/kiva"
	"kivaform/plan"
	"kivaform/spec"
)

// A farKiva takes a while for each page, as many at once as it says.
type farKiva struct {
	fakeKiva
	places chan struct{}
	most   atomic.Int32 // callers that asked or waited for their turn
	here   atomic.Int32
	calls  atomic.Int32
}

const pageTime = 50 * time.Millisecond

func (f *farKiva) AtOnce() int { return cap(f.places) }

func (f *farKiva) LoanPage(ctx context.Context, q kiva.LoanQuery) (kiva.LoanPage, error) {
	f.calls.Add(1)
	f.most.Store(max(f.most.Load(), f.here.Add(1)))
	defer f.here.Add(-1)
	select {
	case f.places <- struct{}{}:
		defer func() { <-f.places }()
	case <-ctx.Done():
		return kiva.LoanPage{}, ctx.Err()
	}
	select {
	case <-time.After(pageTime):
		return f.fakeKiva.LoanPage(ctx, q)
	case <-ctx.Done():
		return kiva.LoanPage{}, ctx.Err()
	}
}

// A report's loans are read in as few rounds as Kiva takes requests at once,
// and no round waits for the first page.
func TestPagesAreReadSideBySide(t *testing.T) {
	for _, tt := range []struct{ atOnce, loans, rows, rounds int }{
		{10, 14_700, 14_700, 5}, // 49 pages, and an empty one of defaulted loans
		{10, 14_700, 1, 6},      // unexpectedly many: one round has two requests
		{1, 3_000, 3_000, 11},
		{10, 0, 12_000, 1}, // unexpectedly none
		{10, 200, 200, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			k := &farKiva{places: make(chan struct{}, tt.atOnce)}
			for i := range tt.loans {
				k.add(kiva.PayingBack, fmt.Sprintf("L-%06d", i))
			}
			var rows []spec.Repayment
			for i := range tt.rows {
				rows = append(rows, row(fmt.Sprintf("L-%06d", i), 1))
			}
			began := time.Now()
			state, err := plan.Observe(t.Context(), set(report("2026-11", rows...)), new(fakeLedger), k, nil)
			if err != nil || len(state.Loans) != tt.loans || !state.AllReportable {
				t.Fatalf("%+v: %d loans, %v", tt, len(state.Loans), err)
			}
			if got := int(time.Since(began) / pageTime); got != tt.rounds {
				t.Errorf("%+v: %d rounds", tt, got)
			}
			if most := int(k.most.Load()); most > 2*tt.atOnce+2 {
				t.Errorf("%+v: %d wanted a page at once", tt, most)
			}
		})
	}
}

// movingKiva loses a loan from the front of its list after some pages, so that
// the loans behind it move up and one slips between two pages.
type movingKiva struct {
	fakeKiva
	after int // pages
	pages atomic.Int32
}

func (m *movingKiva) LoanPage(ctx context.Context, q kiva.LoanQuery) (kiva.LoanPage, error) {
	page, err := m.fakeKiva.LoanPage(ctx, q)
	if int(m.pages.Add(1)) == m.after {
		m.fakeKiva.mu.Lock()
		m.fakeKiva.loans = m.fakeKiva.loans[1:]
		m.fakeKiva.mu.Unlock()
	}
	return page, err
}

// allButTheFirst gives a Kiva 1,200 loans, and returns drafts of all but the first,
// which the tests remove while they are listed.
func allButTheFirst(k *fakeKiva) *spec.Set {
	var want []any
	for i := range 1200 {
		id := fmt.Sprintf("L-%04d", i)
		k.add(kiva.PayingBack, id)
		if i > 0 {
			want = append(want, draft(id, 1))
		}
	}
	return set(want...)
}

// No loan is overlooked because the list moved: it would be sent a second time.
func TestAListThatMovesHidesNothing(t *testing.T) {
	for after := 1; after <= 5; after++ {
		k := &movingKiva{after: after}
		s := allButTheFirst(&k.fakeKiva)
		state, err := plan.Observe(t.Context(), s, new(fakeLedger), k, nil)
		if err != nil {
			t.Fatal(err)
		}
		if n := plan.Compute(s, state, nil).Count()[plan.Submit]; n != 0 {
			t.Errorf("after page %d: %d loans overlooked", after, n)
		}
	}
}

// A stingyKiva gives less in a page than was asked for.
type stingyKiva struct {
	movingKiva
	most int
}

func (s *stingyKiva) LoanPage(ctx context.Context, q kiva.LoanQuery) (kiva.LoanPage, error) {
	q.Limit = min(q.Limit, s.most)
	return s.movingKiva.LoanPage(ctx, q)
}

// A swappingKiva loses its first loan when the first page of its list was read,
// and gets a new one when the second was. The list is as long as before, but one
// loan slipped between the two pages.
type swappingKiva struct {
	fakeKiva
	lost   sync.Once
	gained sync.Once
	second chan struct{} // closed when the second page was read
}

func (s *swappingKiva) LoanPage(ctx context.Context, q kiva.LoanQuery) (kiva.LoanPage, error) {
	if q.Offset > q.Limit {
		select {
		case <-s.second:
		case <-ctx.Done():
			return kiva.LoanPage{}, ctx.Err()
		}
	}
	page, err := s.fakeKiva.LoanPage(ctx, q)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch q.Offset {
	case 0:
		s.lost.Do(func() { s.loans = s.loans[1:] })
	case q.Limit:
		s.gained.Do(func() {
			s.loans = append(s.loans, kiva.Loan{KivaID: "new", InternalLoanID: "NEW", Status: kiva.PayingBack, Currency: "KES"})
			close(s.second)
		})
	}
	return page, err
}

// A loan that slipped between two pages is found also where the number of all
// that came is what Kiva counted first.
func TestAListThatSwapsHidesNothing(t *testing.T) {
	k := &swappingKiva{second: make(chan struct{})}
	s := allButTheFirst(&k.fakeKiva)
	state, err := plan.Observe(t.Context(), s, new(fakeLedger), k, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range plan.Compute(s, state, nil).Drafts {
		if item.Action != plan.Adopt {
			t.Errorf("%s was overlooked: %c", item.Address(), item.Action)
		}
	}
}

// Pages that were asked for before their number was known hide nothing: not
// where the list moves, nor where pages are short, nor where Kiva counts nothing.
func TestEarlyPagesHideNothing(t *testing.T) {
	for _, most := range []int{100, 250, 300} {
		for _, noTotal := range []bool{false, true} {
			for after := range 8 {
				k := &stingyKiva{most: most}
				k.noTotal, k.after = noTotal, after
				if noTotal && after > 0 {
					continue // nothing tells that it moved
				}
				var rows []spec.Repayment
				for i := range 1500 {
					id := fmt.Sprintf("L-%04d", i)
					k.add(kiva.PayingBack, id)
					if i > 0 {
						rows = append(rows, row(id, 1))
					}
				}
				s := set(report("2026-11", rows...))
				state, err := plan.Observe(t.Context(), s, new(fakeLedger), k, nil)
				if err != nil {
					t.Fatal(err)
				}
				if n := plan.Compute(s, state, nil).Count()[plan.Submit]; n != len(rows) {
					t.Errorf("pages of %d, without a total: %t, moved after page %d: %d of %d loans found", most, noTotal, after, n, len(rows))
				}
			}
		}
	}
}

// A Kiva that counts wrongly keeps nobody waiting.
func TestACountThatCannotBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, total := range []int{150_000, 2_000_000_000} {
			k := &farKiva{places: make(chan struct{}, 10)}
			k.add(kiva.PayingBack, "L-1", "L-2")
			k.total = total
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			start := time.Now()
			_, err := plan.Observe(ctx, set(report("2026-11", row("L-1", 1))), new(fakeLedger), k, nil)
			if waited := time.Since(start); err == nil || waited > time.Second+10*pageTime || k.calls.Load() > 1000 {
				t.Errorf("%d: %v after %s and %d pages", total, err, waited, k.calls.Load())
			}
			cancel()
		}
	})
}
