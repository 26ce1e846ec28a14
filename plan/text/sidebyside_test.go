package text

import (
	"fmt"
	"strings"
	"testing"

	"kivaform/plan"
	"kivaform/plan/view/viewtest"
	"kivaform/spec"
)

// TestSideBySide shows more items than go into a few pieces: each stands there as
// it does alone, and in its turn.
func TestSideBySide(t *testing.T) {
	drafts := viewtest.ManyDrafts(10*pieceSize + 1)
	journals := viewtest.ManyDrafts(2) // shown before, and not in pieces
	for i := range 10 * pieceSize {
		j := &spec.Journal{Key: fmt.Sprint(i), LoanID: "L-1", Subject: "A visit", Body: fmt.Sprint("The cow has a calf: ", i)}
		journals.Journals = append(journals.Journals, plan.Item{Action: plan.Submit, Resource: j})
	}
	for title, p := range map[string]*plan.Plan{"Loan drafts\n": drafts, "Journals\n": journals} {
		rest := listOf(t, p, title)
		all := p.Drafts
		if p.Journals != nil {
			all = p.Journals
		}
		for i, item := range all {
			one := &plan.Plan{Drafts: []plan.Item{item}}
			if p.Journals != nil {
				one = &plan.Plan{Journals: one.Drafts}
			}
			want := listOf(t, one, title)
			if !strings.HasPrefix(rest, want) {
				t.Fatalf("item %d isn't next:\n%s\nbut\n%.500s", i, want, rest)
			}
			rest = rest[len(want):]
		}
		if rest != "" {
			t.Errorf("there is more: %.500s", rest)
		}
	}
}

// listOf returns the lines below a title, without the one that ends the list.
func listOf(t *testing.T, p *plan.Plan, title string) string {
	t.Helper()
	_, list, _ := strings.Cut(textOf(t, p, options{Personal: true}), title)
	return strings.TrimSuffix(list, "\n")
}
