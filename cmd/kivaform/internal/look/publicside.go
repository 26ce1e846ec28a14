package look

import (
	"context"
	"fmt"
	"slices"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva"
	"kivaform/kiva/money"
	"kivaform/kiva/public"
	"kivaform/spec"
)

// The public side of sent items. It lags: a journal shows once a person has
// confirmed it, a payment once the month is settled, about the 17th of the next
// one. So an item that shows proves something; a missing one proves nothing.

const publicLag = "What lenders don't see yet may still come: journals show once they are confirmed, payments once their month is settled, about the 17th of the next. It proves nothing."

// Public states of an item, besides a loan's public status.
const (
	notSeen    = "not-seen"
	published  = "published" // a journal
	settled    = "settled"   // a repayment
	notVisible = "not-visible"
	cantTell   = "-" // the public side has no evidence
)

// addPublic sets the public state of items.
func addPublic(ctx context.Context, w *session.Workspace, items []itemStatus) error {
	var ids []string
	journalsOf := map[string]bool{}
	for _, s := range items {
		ids = append(ids, s.KivaID)
		journalsOf[s.KivaID] = journalsOf[s.KivaID] || s.Kind == "journal"
	}
	seen, err := w.LenderView(ctx, ids, journalsOf)
	if err != nil {
		return err
	}
	journals := map[spec.Address]*spec.Journal{}
	for _, j := range w.Set.Journals {
		journals[j.Address()] = j
	}
	amounts := reportedAmounts(w)
	for i := range items {
		s := &items[i]
		loan, visible := seen.Loans[s.KivaID]
		switch {
		case !visible:
			s.Public = notVisible
		case s.Kind == "loan_draft":
			s.Public = loan.Status
		case s.Kind == "journal" && journals[s.Address] != nil:
			s.Public = notSeen
			if seen.ShowsJournal(s.KivaID, journals[s.Address]) {
				s.Public = published
			}
		case s.Kind == "repayment":
			s.Public = settlementState(w, loan, s.Address, amounts)
		default:
			s.Public = cantTell
		}
	}
	return nil
}

// reportedAmounts returns the amounts of the files' repayment reports.
func reportedAmounts(w *session.Workspace) map[spec.Address]money.Amount {
	amounts := map[spec.Address]money.Amount{}
	for _, r := range w.Set.Reports {
		for _, row := range r.Rows {
			amounts[spec.RepaymentAddress(r.Period, row.LoanID)] = row.Amount
		}
	}
	return amounts
}

// settlementState returns whether lenders were credited with the amount of a
// repayment. With amounts of single months, or of no known meaning, no sum is evidence.
func settlementState(w *session.Workspace, loan public.Loan, a spec.Address, amounts map[spec.Address]money.Amount) string {
	want, known := amounts[a]
	switch w.Set.Settings.RepaymentAmounts {
	case spec.PaidThisPeriod, "":
		return cantTell
	case spec.OutstandingPrincipal:
		if want, known = loan.Terms.DisbursalAmount.Sub(want); !loan.Terms.DisbursalAmount.Known {
			return cantTell
		}
	}
	switch {
	case !known:
		return cantTell
	case session.Credited(loan).Cmp(want) >= 0:
		return settled
	}
	return notSeen
}

// publicLoans returns the loans that lenders see, in the form of the Partner API's
// list, by the partner's loan id. Deleted and expired loans, which lenders can't
// see, stay as listed.
func publicLoans(ctx context.Context, w *session.Workspace, listed map[string]*kiva.Loan) (map[string]*kiva.Loan, error) {
	var ids []string
	for _, l := range listed {
		ids = append(ids, l.KivaID)
	}
	seen, err := w.LenderView(ctx, ids, nil)
	if err != nil {
		return nil, err
	}
	loans := map[string]*kiva.Loan{}
	for id, l := range listed {
		switch p, visible := seen.Loans[l.KivaID]; {
		case visible:
			loans[id] = publicForm(l, p)
		case l.Status == kiva.Deleted, l.Status == kiva.InactiveExpired:
			loans[id] = l
		}
	}
	return loans, nil
}

// publicForm returns a loan with the values that lenders see. They see no last
// names, so a name isn't compared if the files have a last name.
func publicForm(l *kiva.Loan, p public.Loan) *kiva.Loan {
	as := &kiva.Loan{KivaID: l.KivaID, Status: l.Status, Name: p.Name, Currency: p.Terms.DisbursalCurrency, LocalPrice: p.Terms.DisbursalAmount.Amount, BorrowerCount: max(len(p.Borrowers), p.BorrowerCount)}
	if p.Location.Town != "" {
		as.Location = p.Location.Town + ": " + p.Location.Country
	}
	return as
}

// printSeen prints the number of journals and repayments that lenders see, and of
// loans that they don't.
func printSeen(ctx context.Context, w *session.Workspace, unseen int) error {
	if unseen > 0 {
		fmt.Fprintf(w.App.Out, "%s listed by Kiva and not visible to lenders: not compared\n", cli.Plural(unseen, "loan"))
	}
	items, err := planStatuses(ctx, w)
	if err != nil {
		return err
	}
	items = slices.DeleteFunc(items, func(s itemStatus) bool { return s.Status != "sent" && s.Status != "done" })
	if err := addPublic(ctx, w, items); err != nil {
		return err
	}
	count := func(kind, status string) (n, of int) {
		for _, s := range items {
			if s.Kind == kind && s.Public != cantTell {
				of++
				if s.Public == status {
					n++
				}
			}
		}
		return n, of
	}
	journals, allJournals := count("journal", published)
	repayments, allRepayments := count("repayment", settled)
	_, err = fmt.Fprintf(w.App.Out, "lenders see %d of %s, %d of %s settled\n%s\n",
		journals, cli.Plural(allJournals, "journal"), repayments, cli.Plural(allRepayments, "repayment"), publicLag)
	return err
}
