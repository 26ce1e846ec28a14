package plan_test

import (
	"context"
	"fmt"
	"testing"

	"kivaform/kiva"
	"kivaform/plan"
)

// brokenKiva changes the pages of a list after the first.
type brokenKiva struct {
	fakeKiva
	page func(first, page kiva.LoanPage, q kiva.LoanQuery) kiva.LoanPage
}

func (b *brokenKiva) LoanPage(ctx context.Context, q kiva.LoanQuery) (kiva.LoanPage, error) {
	page, err := b.fakeKiva.LoanPage(ctx, q)
	if err != nil || q.Query != "" {
		return page, err
	}
	q0 := q
	q0.Offset = 0
	first, err := b.fakeKiva.LoanPage(ctx, q0)
	return b.page(first, page, q), err
}

// A loan that isn't in a list which isn't whole may be at Kiva: its draft waits
// until a person says that it isn't.
func TestAShortListProvesNoAbsence(t *testing.T) {
	for name, change := range map[string]func(first, page kiva.LoanPage, q kiva.LoanQuery) kiva.LoanPage{
		"an empty page": func(_, page kiva.LoanPage, q kiva.LoanQuery) kiva.LoanPage {
			if q.Offset > 0 {
				page.Loans = nil
			}
			return page
		},
		"the first page again": func(first, _ kiva.LoanPage, _ kiva.LoanQuery) kiva.LoanPage { return first },
		"a count and no loans": func(_, _ kiva.LoanPage, _ kiva.LoanQuery) kiva.LoanPage { return kiva.LoanPage{Total: 143} },
		"no count": func(_, page kiva.LoanPage, _ kiva.LoanQuery) kiva.LoanPage {
			page.Total = -1
			return page
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := &brokenKiva{page: change}
			for i := range 600 {
				k.add(kiva.PayingBack, fmt.Sprintf("L-%04d", i))
			}
			l := new(fakeLedger)
			l.remember(draft("KNOWN", 1), plan.OutcomeRejected)
			s := set(draft("NEW", 1), draft("KNOWN", 1))
			state, err := plan.Observe(t.Context(), s, l, k, nil)
			if err != nil {
				t.Fatal(err)
			}
			p := plan.Compute(s, state, nil)
			if got := p.Drafts[0]; got.Action != plan.Waiting || got.Reason.Code != plan.ReasonListShort {
				t.Errorf("NEW: %c %s", got.Action, why(got.Reason))
			}
			if got := p.Drafts[1].Action; got != plan.Submit {
				t.Errorf("KNOWN, which the ledger knows: %c", got)
			}
			if len(p.Notes) != 1 || p.Notes[0].Code != plan.ReasonListIncomplete {
				t.Errorf("notes: %v", p.Notes)
			}
			without := p.Digest()
			state.AssumeListed = true
			p = plan.Compute(s, state, nil)
			if got := p.Drafts[0].Action; got != plan.Submit || !p.AssumeListed || p.Digest() == without {
				t.Errorf("NEW, on a person's word: %c, %v, %s", got, p.AssumeListed, p.Digest())
			}
		})
	}
}
