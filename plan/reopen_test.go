package plan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kivaform/kiva/money"
	"kivaform/plan"
	"kivaform/spec"
	"kivaform/spec/field"
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
		if diff := cmp.Diff(field.Values(p.Drafts[i].Resource), field.Values(got.Drafts[i].Resource)); diff != "" {
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

// groupOfTwo is a group's draft, with a name in each place that has one.
func groupOfTwo() *spec.LoanDraft {
	d := draft("L-11", 60)
	d.GroupName, d.InternalLoanID, d.InternalClientID = "Unmistakable", "G/1", "C-1"
	d.Entreps = append(d.Entreps, spec.Entrep{LoanID: "L-12", FirstName: "Unmistakable", LastName: "Unmistakable", Gender: "female", Amount: money.FromInt(40)})
	return d
}

// Without its files a group is still one: with the borrowers' loan ids and
// amounts, and no names.
func TestAGroupStaysAGroupWithoutItsFiles(t *testing.T) {
	p := compute(t, set(groupOfTwo(), draft("L-2", 7)), new(fakeLedger), new(fakeKiva))
	data, err := p.Save(time.Now(), time.Hour, "test", "").Encode()
	if err != nil || strings.Contains(string(data), "Unmistakable") {
		t.Fatalf("%v %s", err, data)
	}
	kept := saved(t, p)
	if one := kept.Items[1]; one.Borrowers != nil {
		t.Errorf("a single borrower is kept twice: %+v", one)
	}
	got, _ := kept.Reopen(nil)
	want := []spec.Resource{
		&spec.LoanDraft{Currency: "KES", InternalLoanID: "G/1", Entreps: []spec.Entrep{
			{LoanID: "L-11", Amount: money.FromInt(60)}, {LoanID: "L-12", Amount: money.FromInt(40)},
		}},
		&spec.LoanDraft{Currency: "KES", Entreps: []spec.Entrep{{LoanID: "L-2", Amount: money.FromInt(7)}}},
	}
	for i, item := range got.Drafts {
		if diff := cmp.Diff(want[i], item.Resource); diff != "" || item.Address() != p.Drafts[i].Address() {
			t.Errorf("%s: %s", item.Address(), diff)
		}
	}
}

// Plans that were saved before groups stood in them are read, and applied, as
// before.
func TestASavedPlanWithoutBorrowers(t *testing.T) {
	p := compute(t, set(groupOfTwo()), new(fakeLedger), new(fakeKiva))
	s := saved(t, p)
	s.Items[0].Borrowers = nil
	got, _ := s.Reopen(nil)
	if d := got.Drafts[0].Resource.(*spec.LoanDraft); d.Address() != p.Drafts[0].Address() || d.Amount() != money.FromInt(100) {
		t.Errorf("%+v", d)
	}
	if err := s.Restrict(p); err != nil {
		t.Error(err)
	}
}

// Earlier versions saved the reasons as sentences; they are shown as they are.
func TestASavedPlanOfAnEarlierVersion(t *testing.T) {
	old, err := plan.ReadSaved([]byte(`{"format_version": 1, "id": "1", "key": "AA==", "notes": ["one loan twice"],
		"items": [{"action": "waiting", "address": "journal/L-1/visit", "source": "a.yaml:1", "why": "its loan waits"}],
		"reports": [{"period": "2026-11", "source": "b.yaml:1",
			"rows": [{"action": "waiting", "loan_id": "L-1", "amount": "5", "source": "b.csv:2", "why": "not yet", "findings": [{"kind": "zero", "what": "zero"}]}],
			"coverage": {"expected": 1, "reported": 0}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	p, _ := old.Reopen(nil)
	row := p.Reports[0].Rows[0]
	for want, got := range map[string]plan.Reason{
		"one loan twice": p.Notes[0], "its loan waits": p.Journals[0].Reason, "not yet": row.Reason, "zero": p.Reports[0].Coverage.Findings[0].Reason,
	} {
		if why(got) != want {
			t.Errorf("%q, want %q", why(got), want)
		}
	}
}
