package plan_test

import (
	"slices"
	"strings"
	"testing"

	"kivaform/kiva/money"
	"kivaform/plan"
	"kivaform/spec"
	"kivaform/spec/field"
)

// digestLedger records with real digests, of the first form or of the second.
func digestLedger(first bool, r spec.Resource) *keyedLedger {
	l := newKeyedLedger()
	a := r.Address()
	fingerprint := l.digester.ItemFingerprint(a, r)
	if first {
		fingerprint = l.digester.Fingerprint(a, field.Values(r))
	}
	recorded := plan.Recorded{Values: make(map[string]string), Digests: make(map[string]string)}
	for _, f := range field.Values(r) {
		switch {
		case !f.Personal:
			recorded.Values[f.Path] = f.Value
		case first:
			recorded.Digests[f.Path] = l.digester.Field(a, f)
		default:
			recorded.Digests[f.Path] = l.digester.ItemField(a, f)
		}
	}
	l.last[a] = &plan.Attempt{Number: 1, Outcome: plan.OutcomeAccepted, Fingerprint: fingerprint}
	l.recorded = map[spec.Address]plan.Recorded{a: recorded}
	return l
}

func instalment(date string, principal int64) spec.Instalment {
	d, _ := spec.ParseDate(date)
	return spec.Instalment{Date: d, Principal: money.FromInt(principal), Interest: money.FromInt(5)}
}

func sentGroup() *spec.LoanDraft {
	return &spec.LoanDraft{
		InternalLoanID: "G-1", GroupName: "Umoja", Currency: "KES", LoanUse: "to buy seed", Description: "They till  two fields.\nTogether.",
		Location: "Nakuru: Kenya",
		Entreps: []spec.Entrep{
			{LoanID: "L-2", FirstName: "Ann", Amount: money.FromInt(200)}, {LoanID: "L-1", FirstName: "Mary", Amount: money.FromInt(100)},
			{FirstName: "Ruth", Amount: money.FromInt(50)}, {FirstName: "Rose", Amount: money.FromInt(50)},
		},
		NotPictured: []bool{true, false, false, false},
		Schedule:    []spec.Instalment{instalment("2027-01-05", 200), instalment("2027-02-05", 100), instalment("2027-02-05", 100)},
		Image:       &spec.Image{Digest: "of the file", Picture: "of the picture"},
	}
}

// TestSame compares a group with what was sent of it, recorded in both forms.
func TestSame(t *testing.T) {
	for name, tt := range map[string]struct {
		edit      func(*spec.LoanDraft)
		want      string // changes, where the ledger has the second form
		wantFirst string // and the first; "same" for the same as want
	}{
		"nothing": {func(*spec.LoanDraft) {}, "", "same"},
		"the schedule in another order": {func(d *spec.LoanDraft) {
			d.Schedule[0], d.Schedule[2] = d.Schedule[2], d.Schedule[0]
		}, "", "same"},
		"the borrowers in another order": {func(d *spec.LoanDraft) {
			d.Entreps = []spec.Entrep{d.Entreps[3], d.Entreps[1], d.Entreps[2], d.Entreps[0]}
			d.NotPictured = []bool{false, false, false, true}
		}, "", "same"},
		"the borrowers without what belongs to them": {func(d *spec.LoanDraft) {
			d.Entreps[0], d.Entreps[1] = d.Entreps[1], d.Entreps[0]
		}, "not_pictured[0] not_pictured[1]", "same"},
		"white space": {func(d *spec.LoanDraft) {
			d.Description = " They till two fields. \n Together.\u00a0"
		}, "", "description"},
		"white space of what isn't personal": {func(d *spec.LoanDraft) { d.Location = "Nakuru:  Kenya " }, "", "same"},
		"white space in a word":              {func(d *spec.LoanDraft) { d.Description = "They till two fie lds. Together." }, "description", "same"},
		"a photo's metadata":                 {func(d *spec.LoanDraft) { d.Image = &spec.Image{Digest: "x", Picture: "of the picture"} }, "", "image"},
		"another photo":                      {func(d *spec.LoanDraft) { d.Image = &spec.Image{Digest: "x", Picture: "y"} }, "image", "same"},
		"another order and a change": {func(d *spec.LoanDraft) {
			d.Schedule[0], d.Schedule[2] = d.Schedule[2], d.Schedule[0]
			d.Entreps[0], d.Entreps[3] = d.Entreps[3], d.Entreps[0]
			d.NotPictured[0], d.NotPictured[3] = false, true
			d.LoanUse, d.Entreps[1].FirstName = "to buy tools", "Miriam"
		}, "entreps[1].first_name loanuse", "same"},
		"a later date": {func(d *spec.LoanDraft) { d.Schedule[0] = instalment("2027-03-05", 200) }, "schedule[0].date", "same"},
		"one more": {func(d *spec.LoanDraft) {
			d.Schedule = slices.Insert(d.Schedule, 0, instalment("2027-01-01", 7))
		}, "schedule[0].date schedule[0].interest schedule[0].principal", "same"},
		"one less": {func(d *spec.LoanDraft) { d.Schedule = d.Schedule[1:] }, "schedule[0].date schedule[0].interest schedule[0].principal", "same"},
		"another member": {func(d *spec.LoanDraft) {
			d.Entreps[0] = spec.Entrep{LoanID: "L-9", FirstName: "Joy", Amount: money.FromInt(200)}
		}, "entreps[0].first_name entreps[0].loan_id", "same"},
	} {
		for _, first := range []bool{false, true} {
			want := tt.want
			if first && tt.wantFirst != "same" {
				want = tt.wantFirst
			}
			d := sentGroup()
			l := digestLedger(first, d)
			tt.edit(d)
			p := plan.Compute(set(d), observeWith(t, set(d), l), nil)
			var paths []string
			for _, c := range p.Drafts[0].Changes {
				paths = append(paths, c.Path)
			}
			slices.Sort(paths)
			got := strings.Join(paths, " ")
			if got != want || (p.Drafts[0].Action == plan.Edited) != (want != "") {
				t.Errorf("%s, first form %t: %s %q, want %q", name, first, p.Drafts[0].Action, got, want)
			}
			if same := l.digester.MatchesItem(l.last[d.Address()].Fingerprint, d.Address(), d); !first && same != (want == "") {
				t.Errorf("%s: the fingerprints say %t", name, same)
			}
		}
	}
}

func observeWith(t *testing.T, want *spec.Set, l plan.History) *plan.State {
	t.Helper()
	state, err := plan.Observe(t.Context(), want, l, new(fakeKiva), nil)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// TestSecondForm holds what digests of the second form look like.
func TestSecondForm(t *testing.T) {
	d := plan.NewDigester([]byte("a key for tests"))
	a, f := spec.DraftAddress("L-1"), spec.Field{Path: "loanuse", Value: "to buy cows", Personal: true}
	fingerprint, digest := d.ItemFingerprint(a, draft("L-1", 5)), d.ItemField(a, f)
	if len(fingerprint) != 17 || fingerprint[0] != 'b' || len(digest) != 33 || digest[0] != 'b' {
		t.Error(fingerprint, digest)
	}
	for _, value := range []string{"to buy  cows", " to\tbuy\ncows\r\n", "to buy\u2003cows", "\u3000to buy cows"} {
		if f.Value = value; !d.MatchesField(digest, a, f) {
			t.Errorf("%q is another text", value)
		}
	}
	for _, value := range []string{"to buycows", "To buy cows", "to buy cows.", "to buy côws", ""} {
		if f.Value = value; d.MatchesField(digest, a, f) {
			t.Errorf("%q is the same text", value)
		}
	}
	// A digest of the first form that begins with the same letter stays one.
	for i := range 200 {
		f.Value = strings.Repeat("x", i)
		if !d.MatchesField(d.Field(a, f), a, f) {
			t.Error("the first form isn't known any more")
		}
	}
}
