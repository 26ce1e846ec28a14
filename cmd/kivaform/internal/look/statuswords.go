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

// ItemKinds are the kinds that an item may have.
var ItemKinds = []string{"loan_draft", "journal", "repayment"}

// OwnStatuses are the statuses that an item may have on this side.
var OwnStatuses = []string{"to-send", "to-record", "waiting", "sent", "done", "adopted", "edited", "alike", "rejected", "not-sent", "unknown"}

// check refuses flags that no item can fit.
func (f statusFlags) check() error {
	if f.asJSON && f.asCSV {
		return errors.New("--json and --csv exclude each other")
	}
	kind := strings.ReplaceAll(f.kind, "-", "_")
	if f.kind == "" || slices.Contains(ItemKinds, kind) {
		return nil
	}
	return hint.With(fmt.Errorf("--kind %q: there is no such kind", f.kind), "%s", meant("--kind", kind, ItemKinds, strings.Join(ItemKinds, ", ")))
}

// checkStatus refuses a status that nobody knows and no item has. Kiva may add
// statuses, so one that a loan has is right.
func (f statusFlags) checkStatus(items []itemStatus) error {
	known := append(slices.Clone(OwnStatuses), LoanStatuses()...)
	is := func(word string) bool { return strings.EqualFold(word, f.status) }
	if f.status == "" || slices.ContainsFunc(known, is) || slices.ContainsFunc(items, func(s itemStatus) bool { return s.is(f.status) }) {
		return nil
	}
	all := strings.Join(OwnStatuses, ", ") + "; of the loan at Kiva: " + strings.Join(LoanStatuses(), ", ")
	return hint.With(fmt.Errorf("--status %q: there is no such status", f.status), "%s", meant("--status", f.status, known, all))
}

// meant says what somebody probably meant by a flag's value, and what all the
// values are.
func meant(flag, given string, words []string, all string) string {
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

// LoanStatuses are the statuses that Kiva gives loans.
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
