package main

import (
	"context"
	"fmt"
	"strings"

	"kivaform/apply/ledger"
	"kivaform/plan"
)

// leftToPeople reports whether Kiva has what was sent, by its own answer or by
// the word of a person, and nobody has said that it is finished in PA2.
func leftToPeople(a *ledger.Attempt) bool { return sentToKiva(a) && !a.Done }

// sentToKiva reports whether an attempt sent something that Kiva has. What was
// adopted or acknowledged wasn't sent by it.
func sentToKiva(a *ledger.Attempt) bool {
	o := a.Outcome()
	return o == plan.OutcomeAccepted || o == plan.OutcomeExists
}

// toldID returns the id at Kiva that a person gave, "" where nobody did.
func toldID(a *ledger.Attempt) string {
	if a.Resolution == nil {
		return ""
	}
	return a.Resolution.RemoteID
}

// noID says how to find in PA2 what a person found there before, and of which
// no answer of Kiva's tells.
func noID(a *ledger.Attempt, of string) string {
	return "Kiva's id of " + of + " isn't known: " + describeUnknown(a).LookFor
}

// confirmTasks are the journals that people must read and publish: one task for
// each address that Kiva gave, one where it gave none.
func confirmTasks(attempt *ledger.Attempt) []task {
	in := attempt.Intent
	t := task{Kind: "confirm", Address: batchAddress(in), Items: len(in.Items), Since: since(in.At), What: plural(len(in.Items), "journal")}
	if attempt.Outcome() == plan.OutcomeExists {
		switch id := toldID(attempt); {
		case id == "":
			t.where = "; " + noID(attempt, "them")
			t.What += t.where
		case strings.HasPrefix(id, "https://"): // shown only where such addresses are
			t.URL = id
		default:
			t.What += "; Kiva's id is " + id
		}
		return []task{t}
	}
	var tasks []task
	for _, receipt := range attempt.Result.Receipts {
		t.URL = receipt.ConfirmURL
		tasks = append(tasks, t)
	}
	if len(tasks) == 0 {
		return []task{t}
	}
	return tasks
}

// batchAddress names one batch on a command line: journals/3.
func batchAddress(in ledger.Intent) string { return fmt.Sprintf("%s/%d", in.Stream, in.Attempt) }

// addFinalise adds what Kiva took of an upload to the task of its report.
func addFinalise(reports map[plan.Address]*task, attempt *ledger.Attempt) {
	in := attempt.Intent
	taken, refused := 0, refusedRows(attempt)
	for _, row := range in.Rows {
		if !refused[row.LoanID] {
			taken++
		}
	}
	if taken == 0 {
		return
	}
	t := reports[in.Stream]
	if t == nil {
		t = &task{Kind: "finalise", Address: string(in.Stream), Since: since(in.At)}
		reports[in.Stream] = t
	}
	t.Items += taken
	if attempt.Outcome() == plan.OutcomeExists {
		if id := toldID(attempt); id != "" {
			t.where += "; Kiva's id of " + batchAddress(in) + " is " + id
		} else {
			t.where += "; " + noID(attempt, batchAddress(in))
		}
	}
	t.What = plural(t.Items, "row") + " sent" + t.where
}

// addDraft adds a draft to those that Kiva took. One that was sent again, because
// PA2 no longer had it, takes the place of the one before.
func addDraft(drafts []*ledger.Attempt, d *ledger.Attempt) []*ledger.Attempt {
	if n := len(drafts); n > 0 && drafts[n-1].Intent.Stream == d.Intent.Stream && d.Intent.Items[0].Again {
		drafts = drafts[:n-1]
	}
	return append(drafts, d)
}

// unpublished are drafts that Kiva took and whose loans it doesn't list.
func (s *session) unpublished(ctx context.Context, drafts []*ledger.Attempt) ([]task, error) {
	ids := make([]string, len(drafts))
	for i, d := range drafts {
		ids[i] = d.Intent.Stream.Parts()[1]
	}
	loans, err := plan.FindLoans(ctx, s.client, ids)
	if err != nil {
		return nil, err
	}
	var tasks []task
	for i, d := range drafts {
		if loans[ids[i]] == nil {
			tasks = append(tasks, publishTask(d))
		}
	}
	return tasks, nil
}

func publishTask(d *ledger.Attempt) task {
	t := task{Kind: "publish", Address: string(d.Intent.Stream), Since: since(d.Intent.At)}
	switch id := draftID(d); {
	case id != "":
		t.What = "draft " + id
	case d.Outcome() == plan.OutcomeExists:
		t.where = noID(d, "it")
		t.What = t.where
	default:
		t.What = "draft without a number from Kiva"
	}
	return t
}

// draftID returns the number of a draft at Kiva, "" where it isn't known.
func draftID(d *ledger.Attempt) string {
	if d.Result != nil {
		for _, r := range d.Result.Receipts {
			if r.DraftUUID != "" {
				return r.DraftUUID
			}
		}
	}
	return toldID(d)
}
