package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"kivaform/apply"
	"kivaform/plan"
	"kivaform/plan/render"
)

// An unanswered request is one whose outcome a run doesn't know: by which name a
// person decides about it, and what was in it.
type unanswered struct {
	name  string
	items []plan.Address
}

// unansweredOf returns the requests of a run that nobody knows the outcome of.
// Where the ledger can't be read there are none.
func (s *session) unansweredOf(ctx context.Context, acc *apply.Account, run string) (list []unanswered) {
	if acc.Count(apply.Unknown) == 0 {
		return nil
	}
	for attempt, err := range s.ledger.Attempts(context.WithoutCancel(ctx)) { // also when interrupted
		if err != nil {
			return nil
		}
		in := attempt.Intent
		if in.Run != run || attempt.Outcome() != plan.OutcomeUnknown {
			continue
		}
		u := unanswered{name: attemptName(attempt)}
		for _, item := range in.Items {
			u.items = append(u.items, item.Address)
		}
		for _, row := range in.Rows {
			u.items = append(u.items, plan.RowAddress(in.Stream.Parts()[1], row.LoanID))
		}
		list = append(list, u)
	}
	return list
}

// decideBy is the command by which a person says what was found out.
func decideBy(name string) string { return "kivaform resolve " + name + " --exists" }

const orAbsent = `--absent --reason "..."`

// settle prints the commands by which people decide about unanswered requests.
func settle(w io.Writer, list []unanswered) {
	if len(list) == 0 {
		fmt.Fprintln(w, "  Then say what was found: kivaform resolve --list")
		return
	}
	fmt.Fprintf(w, "  Then say what was found; where Kiva doesn't have it, with %s in place of --exists:\n", orAbsent)
	for _, u := range list[:min(len(list), manyEntries)] {
		fmt.Fprintf(w, "    %s\n", decideBy(u.name))
	}
	if more := len(list) - manyEntries; more > 0 {
		fmt.Fprintf(w, "    and %d more: kivaform resolve --list\n", more)
	}
}

// settleEach adds to unknown items the command by which a person decides about
// each, for readers who see one item at a time.
func settleEach(entries []render.Entry, list []unanswered) {
	name := make(map[plan.Address]string)
	for _, u := range list {
		for _, item := range u.items {
			name[item] = u.name
		}
	}
	for i, e := range entries {
		if e.Outcome == string(apply.Unknown) && name[e.Address] != "" {
			entries[i].Message += "; look for it in PA2, then: " + decideBy(name[e.Address]) + ", or " + orAbsent
		}
	}
}

// hasUnknown reports whether a part of an account is of what is unknown.
func hasUnknown(p render.Part) bool {
	return slices.ContainsFunc(p.Entries, func(e render.Entry) bool { return e.Outcome == string(apply.Unknown) })
}
