package session

import (
	"bytes"
	"context"
	"testing"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/kiva"
)

// The loans of all lists are counted, and searches are not.
func TestFollowedSource(t *testing.T) {
	s := cli.NewStage(new(bytes.Buffer), "reading", false)
	defer s.End()
	source := &followedSource{Source: pages{}, stage: s, totals: make(map[kiva.Status]int)}
	for _, q := range []kiva.LoanQuery{{Status: kiva.PayingBack}, {Query: "L-1"}, {Status: kiva.PayingBack, Offset: 2}, {Status: kiva.Status("ended")}} {
		if _, err := source.LoanPage(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	if s.Done != 6 || s.Total != 14 {
		t.Errorf("at %d of %d, want 6 of 14", s.Done, s.Total)
	}
}

// pages has lists of seven loans, two on a page.
type pages struct{}

func (pages) AtOnce() int { return 4 }

func (pages) LoanPage(context.Context, kiva.LoanQuery) (kiva.LoanPage, error) {
	return kiva.LoanPage{Total: 7, Loans: make([]kiva.Loan, 2)}, nil
}
