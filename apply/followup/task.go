package followup

import (
	"fmt"
	"strings"
	"time"

	"kivaform/apply/ledger"
	"kivaform/plan"
	"kivaform/plan/message"
	"kivaform/plan/view"
)

// corrections are the items of a plan that were changed after they were sent.
func corrections(p *plan.Plan) []view.Task {
	var tasks []view.Task
	add := func(a plan.Address, why plan.Reason, sent time.Time) {
		tasks = append(tasks, view.Task{Kind: view.TaskCorrect, Address: a, Items: 1, What: message.English().Reason(why), Since: timeOrNil(sent)})
	}
	for item := range p.Items() {
		if item.Action == plan.Edited {
			add(item.Address(), item.Reason, item.Last.At)
		}
	}
	for _, r := range p.Reports {
		for i, row := range r.Rows {
			if row.Action == plan.Edited {
				add(r.RowAddress(i), row.Reason, row.Last.At)
			}
		}
	}
	return tasks
}

// resolveTask is an attempt of which no answer is known. A batch is one task: it
// is looked for, and decided about, as a whole.
func resolveTask(a *ledger.Attempt, k Known) view.Task {
	in := a.Intent
	t := view.Task{Kind: view.TaskResolve, Address: a.Address(), Items: len(in.Items) + len(in.Rows), What: LookFor(a), Since: timeOrNil(in.At)}
	if a.Result == nil && k.Now.Sub(in.At) < k.MayRun {
		t.What += "; the run that sent it may still wait for the answer"
	}
	for _, d := range k.Plan.Drafts {
		if d.Loan != nil && d.Address() == in.Stream {
			t.What += "; Kiva now lists a loan with this id: kivaform resolve --probe records that"
		}
	}
	return t
}

// LookFor says what to look for in PA2 to find what an attempt sent.
func LookFor(a *ledger.Attempt) string {
	in := a.Intent
	when := in.At.UTC().Format("2006-01-02 15:04 UTC")
	switch in.Stream.Kind() {
	case "loan_draft":
		return fmt.Sprintf("look in PA2 for a draft with the Loan ID %s, made about %s", loanID(a), when)
	case "journals":
		addresses := make([]string, len(in.Items))
		for i, item := range in.Items {
			addresses[i] = string(item.Address)
		}
		return fmt.Sprintf("look in PA2 for an archive of %s, made about %s, with %s", plural(len(in.Items), "journal"), when, strings.Join(addresses, ", "))
	}
	return fmt.Sprintf("look in PA2 for an upload of %s, made about %s, that begins with the Loan ID %s", plural(len(in.Rows), "row"), when, in.Rows[0].LoanID)
}

// missingID says how to find in PA2 what a person found there before, and of
// which no answer of Kiva's tells.
func missingID(a *ledger.Attempt, of string) string {
	return "Kiva's id of " + of + " isn't known: " + LookFor(a)
}

// givenID returns the id at Kiva that a person gave, "" where nobody did.
func givenID(a *ledger.Attempt) string {
	if d := a.LastDecision(); d != nil {
		return d.RemoteID
	}
	return ""
}

func publishTask(draft *ledger.Attempt) view.Task {
	t := view.Task{Kind: view.TaskPublish, Address: draft.Address(), Items: 1, Since: timeOrNil(draft.Intent.At)}
	switch id := draftID(draft); {
	case id != "":
		t.What = "draft " + id
	case draft.Outcome() == plan.OutcomeExists:
		t.NoReceipt, t.What = true, missingID(draft, "it")
	default:
		t.What = "draft without a number from Kiva"
	}
	return t
}

// draftID returns the number of a draft at Kiva, "" where it isn't known.
func draftID(draft *ledger.Attempt) string {
	if draft.Result != nil {
		for _, r := range draft.Result.Receipts {
			if r.DraftUUID != "" {
				return r.DraftUUID
			}
		}
	}
	return givenID(draft)
}

// batchTasks are the journals to confirm, then the reports to finalise.
func batchTasks(batches []*ledger.Attempt) []view.Task {
	var confirm, finalise []view.Task
	reports := make(map[plan.Address]int) // the place of a report's task
	for _, a := range batches {
		if a.Intent.Stream.Kind() == "journals" {
			confirm = append(confirm, confirmTasks(a)...)
			continue
		}
		taken, found := takenRows(a)
		if taken == 0 && a.Outcome() != plan.OutcomeReopened {
			continue
		}
		i, begun := reports[a.Intent.Stream]
		if !begun {
			i, reports[a.Intent.Stream] = len(finalise), len(finalise)
			finalise = append(finalise, view.Task{Kind: view.TaskFinalise, Address: a.Intent.Stream, Since: timeOrNil(a.Intent.At)})
		}
		t := &finalise[i]
		t.Items += taken
		t.What += found
		t.NoReceipt = t.NoReceipt || found != ""
	}
	for i := range finalise {
		finalise[i].What = plural(finalise[i].Items, "row") + " sent" + finalise[i].What
		if finalise[i].Items == 0 {
			finalise[i].What = "reopened"
		}
	}
	return append(confirm, finalise...)
}

// takenRows returns how many rows of an upload Kiva took, and how to find the
// upload in PA2 where only a person found it.
func takenRows(a *ledger.Attempt) (taken int, found string) {
	for e := range a.Entries() {
		if e.Outcome.AtKiva() {
			taken++
		}
	}
	if a.Outcome() != plan.OutcomeExists {
		return taken, ""
	}
	if id := givenID(a); id != "" {
		return taken, fmt.Sprintf("; Kiva's id of %s is %s", a.Address(), id)
	}
	return taken, "; " + missingID(a, string(a.Address()))
}

// confirmTasks are the journals that people must read and publish: one task for
// each address that Kiva gave, one where it gave none.
func confirmTasks(a *ledger.Attempt) []view.Task {
	in := a.Intent
	t := view.Task{Kind: view.TaskConfirm, Address: a.Address(), Items: len(in.Items), What: plural(len(in.Items), "journal"), Since: timeOrNil(in.At)}
	if a.Outcome() == plan.OutcomeExists {
		switch id := givenID(a); {
		case id == "":
			t.NoReceipt = true
			t.What += "; " + missingID(a, "them")
		case strings.HasPrefix(id, "https://"): // shown only where such addresses are
			t.ConfirmURL = id
		default:
			t.What += "; Kiva's id is " + id
		}
		return []view.Task{t}
	}
	var tasks []view.Task
	for _, receipt := range a.Result.Receipts {
		t.ConfirmURL = receipt.ConfirmURL
		tasks = append(tasks, t)
	}
	if len(tasks) == 0 {
		return []view.Task{t}
	}
	return tasks
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
