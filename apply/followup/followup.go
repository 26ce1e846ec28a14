// Package followup says what is left to people once something was sent: it can
// be completed, read, finalised, looked for and corrected in PA2 only.
//
// All is derived from what a ledger, a plan and Kiva's list of loans say. Nothing
// is read or written here.
package followup

import (
	"slices"
	"strings"
	"time"

	"kivaform/apply/ledger"
	"kivaform/plan"
	"kivaform/plan/view"
)

// Known is what tasks depend on beside the attempts of a ledger.
type Known struct {
	Plan *plan.Plan // what was changed after it was sent
	// Listed holds the ids of those loans of [Work.DraftLoans] that Kiva lists:
	// their drafts were published.
	Listed map[string]bool
	Now    time.Time
	// MayRun is how long after an intent a run may still wait for the answer.
	MayRun time.Duration
}

// Work is the attempts of a ledger of which something is left to people. Its
// zero value is ready to use.
type Work struct {
	unknown []*ledger.Attempt
	drafts  []*ledger.Attempt // at Kiva; one of each draft
	batches []*ledger.Attempt // at Kiva
}

// Add adds an attempt. Those of one draft come in the order of their numbers.
func (w *Work) Add(a *ledger.Attempt) {
	if a.IsOpen() {
		w.unknown = append(w.unknown, a)
	}
	switch {
	case !LeftToPeople(a):
	case a.Intent.Stream.Kind() == "loan_draft":
		w.addDraft(a)
	default:
		w.batches = append(w.batches, a)
	}
}

// addDraft adds a draft that Kiva took. One that was sent again, because PA2 no
// longer had it, takes the place of the one before.
func (w *Work) addDraft(a *ledger.Attempt) {
	if n := len(w.drafts); n > 0 && w.drafts[n-1].Intent.Stream == a.Intent.Stream && a.Intent.Items[0].Again {
		w.drafts = w.drafts[:n-1]
	}
	w.drafts = append(w.drafts, a)
}

// DraftLoans returns the ids of the loans whose drafts Kiva took.
func (w *Work) DraftLoans() []string {
	ids := make([]string, len(w.drafts))
	for i, d := range w.drafts {
		ids[i] = loanID(d)
	}
	return ids
}

// Tasks returns what is left to people, by address.
func (w *Work) Tasks(k Known) []view.Task {
	tasks := corrections(k.Plan)
	for _, a := range w.unknown {
		tasks = append(tasks, resolveTask(a, k))
	}
	for _, a := range w.drafts {
		if !k.Listed[loanID(a)] {
			tasks = append(tasks, publishTask(a))
		}
	}
	tasks = append(tasks, batchTasks(w.batches)...)
	slices.SortStableFunc(tasks, func(a, b view.Task) int { return strings.Compare(string(a.Address), string(b.Address)) })
	return tasks
}

// AfterRun returns what people must do about attempts that a run sent and Kiva
// accepted. All drafts are one task.
func AfterRun(accepted []*ledger.Attempt) []view.Task {
	var batches []*ledger.Attempt
	drafts := 0
	for _, a := range accepted {
		if a.Intent.Stream.Kind() == "loan_draft" {
			drafts++
		} else {
			batches = append(batches, a)
		}
	}
	tasks := []view.Task{}
	if drafts > 0 {
		tasks = append(tasks, view.Task{Kind: view.TaskPublish, Items: drafts, What: plural(drafts, "loan draft")})
	}
	return append(tasks, batchTasks(batches)...)
}

// LeftToPeople reports whether Kiva has what an attempt sent, by its own answer
// or by the word of a person, or it reopened a report, and nobody has said that it is finished in PA2.
func LeftToPeople(a *ledger.Attempt) bool { return isForPeople(a) && !a.Done }

// isForPeople reports whether an attempt leaves something to people: it sent what
// Kiva has, or reopened a report.
func isForPeople(a *ledger.Attempt) bool {
	return sentToKiva(a) || a.Outcome() == plan.OutcomeReopened
}

// sentToKiva reports whether an attempt sent something that Kiva has. What was
// adopted or acknowledged wasn't sent by it.
func sentToKiva(a *ledger.Attempt) bool {
	o := a.Outcome()
	return o == plan.OutcomeAccepted || o == plan.OutcomeExists
}

func loanID(draft *ledger.Attempt) string { return draft.Intent.Stream.Parts()[1] }
