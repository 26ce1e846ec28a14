package plan_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kivaform/kiva/money"
	"kivaform/plan"
	"kivaform/spec"
)

// editedMoment has a draft that changed after it was sent.
func editedMoment() *moment {
	m := newMoment()
	before := draft("L-1", 90)
	before.LoanUse = "to buy a goat"
	m.ledger.remember(before, plan.OutcomeAccepted)
	return m
}

// saved saves a plan, and reads it again.
func saved(t *testing.T, p *plan.Plan) *plan.Saved {
	t.Helper()
	data, err := p.Save(time.Now(), time.Hour, "test", "").Encode()
	if err != nil {
		t.Fatal(err)
	}
	s, err := plan.ReadSaved(data)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestASavedPlanIsShownWithTheFilesBesideIt(t *testing.T) {
	m := editedMoment()
	p := m.plan(t)
	if len(p.Drafts[0].Changes) < 2 {
		t.Fatalf("%+v", p.Drafts[0])
	}
	got, changed := saved(t, p).Reopen(m.want)
	if len(changed) > 0 {
		t.Errorf("nothing changed, and yet %v", changed)
	}
	if got.Digest() != p.Digest() {
		t.Error("the digest is another one")
	}
	for i := range p.Drafts {
		if diff := cmp.Diff(p.Drafts[i].Resource.Fields(), got.Drafts[i].Resource.Fields()); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(p.Drafts[i].Changes, got.Drafts[i].Changes); diff != "" {
			t.Error(diff)
		}
	}
	if diff := cmp.Diff(p.Reports[0].Coverage, got.Reports[0].Coverage); diff != "" {
		t.Error(diff)
	}
}

func TestOfChangedFilesOnlyWhatASavedPlanHoldsIsShown(t *testing.T) {
	m := editedMoment()
	p := m.plan(t)
	s := saved(t, p)
	m.want.Drafts[0].Description = "Another story"
	for _, files := range []*spec.Set{m.want, nil} {
		got, changed := s.Reopen(files)
		first := got.Drafts[0]
		if !changed[first.Address()] || first.Address() != p.Drafts[0].Address() {
			t.Errorf("%s isn't said to have changed: %v", first.Address(), changed)
		}
		draft := first.Resource.(*spec.LoanDraft)
		if draft.Description != "" || draft.Amount() != money.FromInt(100) {
			t.Errorf("%+v", draft)
		}
	}
}
