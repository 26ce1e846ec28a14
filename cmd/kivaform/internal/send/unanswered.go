package send

import (
	"fmt"
	"io"

	"kivaform/apply"
	"kivaform/apply/ledger"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/plan"
	"kivaform/plan/view"
)

// unansweredData returns requests that nobody knows the outcome of, with the
// commands by which people decide about them.
func unansweredData(a *session.App, attempts []*ledger.Attempt) []view.Unanswered {
	out := make([]view.Unanswered, 0, len(attempts))
	add := func(name plan.Address, items ...plan.Address) {
		out = append(out, view.Unanswered{Request: string(name), Items: items, Exists: a.DecideBy(name), Absent: a.Command("resolve", string(name)) + " " + session.OrAbsent})
	}
	for _, attempt := range attempts {
		open := attempt.Undecided()
		if len(open) == len(attempt.Addresses()) || attempt.Outcome() == plan.OutcomeUnknown {
			add(attempt.Address(), attempt.Addresses()...)
			continue
		}
		for _, e := range open {
			add(e.Address, e.Address)
		}
	}
	return out
}

// settle prints the commands by which people decide about unanswered requests.
func settle(a *session.App, w io.Writer, list []view.Unanswered) {
	fmt.Fprintf(w, "  Then say what was found; where Kiva doesn't have it, with %s in place of --exists:\n", session.OrAbsent)
	for _, u := range list[:min(len(list), session.ManyEntries)] {
		fmt.Fprintf(w, "    %s\n", u.Exists)
	}
	if more := len(list) - session.ManyEntries; more > 0 {
		fmt.Fprintf(w, "    and %d more: %s\n", more, a.Command("resolve", "--list"))
	}
}

// settleEach adds to unknown items the command by which a person decides about
// each, for readers who see one item at a time.
func settleEach(entries []view.Entry, list []view.Unanswered) {
	exists := make(map[plan.Address]string)
	for _, u := range list {
		for _, item := range u.Items {
			exists[item] = u.Exists
		}
	}
	for i, e := range entries {
		if e.Outcome == string(apply.Unknown) && exists[e.Address] != "" {
			entries[i].Message += "; look for it in PA2, then: " + exists[e.Address] + ", or " + session.OrAbsent
		}
	}
}
