package look

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"kivaform/kiva"
	"kivaform/kiva/hint"
	"kivaform/spec/yamldoc"
)

// ItemKinds lists the kinds of items.
var ItemKinds = []string{"loan_draft", "journal", "repayment"}

// OwnStatuses lists the statuses of items here.
var OwnStatuses = []string{"to-send", "to-record", "waiting", "sent", "done", "adopted", "edited", "alike", "rejected", "not-sent", "unknown"}

// check refuses invalid and contradictory flags.
func (o statusOptions) check() error {
	if o.asJSON && o.asCSV {
		return errors.New("--json and --csv exclude each other")
	}
	kind := strings.ReplaceAll(o.kind, "-", "_")
	if o.kind == "" || slices.Contains(ItemKinds, kind) {
		return nil
	}
	return hint.With(fmt.Errorf("--kind %q: there is no such kind", o.kind), "%s", suggestValue("--kind", kind, ItemKinds, strings.Join(ItemKinds, ", ")))
}

// checkStatus refuses a status that is unknown and that no item has. Kiva may add
// statuses, so a loan's status is accepted.
func (o statusOptions) checkStatus(items []itemStatus) error {
	known := append(slices.Clone(OwnStatuses), LoanStatuses()...)
	is := func(word string) bool { return strings.EqualFold(word, o.status) }
	if o.status == "" || slices.ContainsFunc(known, is) || slices.ContainsFunc(items, func(s itemStatus) bool { return s.hasStatus(o.status) }) {
		return nil
	}
	all := strings.Join(OwnStatuses, ", ") + "; of the loan at Kiva: " + strings.Join(LoanStatuses(), ", ")
	return hint.With(fmt.Errorf("--status %q: there is no such status", o.status), "%s", suggestValue("--status", o.status, known, all))
}

// suggestValue returns a hint with the probably intended value of a flag, and all
// values.
func suggestValue(flag, given string, words []string, all string) string {
	near := yamldoc.Nearest(given, words)
	stem := strings.TrimSuffix(strings.ToLower(given), "s")
	if i := slices.IndexFunc(words, func(w string) bool { return len(stem) > 2 && strings.Contains(w, stem) }); near == "" && i >= 0 {
		near = words[i]
	}
	if near == "" {
		return "one of " + all
	}
	return "did you mean " + flag + " " + near + "? All are " + all
}

// LoanStatuses lists Kiva's statuses of loans.
func LoanStatuses() []string {
	all := []kiva.Status{
		kiva.Inactive, kiva.InactiveExpired, kiva.Issue, kiva.IssueRevising, kiva.IssueApproving, kiva.Reviewed, kiva.FundRaising,
		kiva.Expired, kiva.Raised, kiva.Refunded, kiva.PayingBack, kiva.Ended, kiva.Defaulted, kiva.Deleted,
	}
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = string(s)
	}
	return names
}
