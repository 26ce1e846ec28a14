package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"kivaform/apply/ledger"
	"kivaform/kiva"
	"kivaform/kiva/hint"
	"kivaform/kiva/money"
	"kivaform/kiva/public"
	"kivaform/plan"
	"kivaform/spec"
)

// What lenders see of what was sent. It lags: a journal shows when a person has
// confirmed it, a payment when the month is settled, about the 17th of the next
// one. So what is seen proves something; what isn't proves nothing.

const publicLag = "What lenders don't see yet may still come: journals show once they are confirmed, payments once their month is settled, about the 17th of the next. It proves nothing."

// How an item may stand on the public side, beside a loan's public status.
const (
	notSeen    = "not-seen"
	published  = "published" // a journal
	settled    = "settled"   // a repayment
	notVisible = "not-visible"
	cantTell   = "-" // nothing there would tell
)

// lenders is what lenders see of some loans, by Kiva ID.
type lenders struct {
	loans    map[string]public.Loan
	journals map[string][]public.Journal
}

// lenderView reads what lenders see of loans, and the journals of those that
// are named and have any.
func (w *workspace) lenderView(ctx context.Context, ids []string, journalsOf map[string]bool) (*lenders, error) {
	if w.env.PublicURL == "" {
		return nil, withCode(exitInvalid, hint.With(fmt.Errorf("no public API is known for %s", w.env.Name), "public_url in kiva.yaml, if there is one"))
	}
	if err := w.checkAddresses(); err != nil {
		return nil, err
	}
	c, err := public.New(public.Options{BaseURL: w.env.PublicURL, UserAgent: userAgent(), HTTP: &http.Client{Transport: w.app.transport()(http.DefaultTransport)}})
	if err != nil {
		return nil, err
	}
	slices.Sort(ids)
	list, err := c.Loans(ctx, slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" })...)
	if err != nil {
		return nil, err
	}
	l := &lenders{map[string]public.Loan{}, map[string][]public.Journal{}}
	for _, loan := range list {
		id := string(loan.ID)
		l.loans[id] = loan
		if !journalsOf[id] || loan.JournalTotals.Entries == 0 {
			continue
		}
		if l.journals[id], err = take(c.Journals(ctx, id), 0); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// addPublic completes items by what lenders see.
func (w *workspace) addPublic(ctx context.Context, items []itemStatus) error {
	var ids []string
	journalsOf := map[string]bool{}
	for _, s := range items {
		ids = append(ids, s.KivaID)
		journalsOf[s.KivaID] = journalsOf[s.KivaID] || s.Kind == "journal"
	}
	seen, err := w.lenderView(ctx, ids, journalsOf)
	if err != nil {
		return err
	}
	journals := map[spec.Address]*spec.Journal{}
	for _, j := range w.set.Journals {
		journals[j.Address()] = j
	}
	amounts := w.reported()
	for i := range items {
		s := &items[i]
		loan, visible := seen.loans[s.KivaID]
		switch {
		case !visible:
			s.Public = notVisible
		case s.Kind == "loan_draft":
			s.Public = loan.Status
		case s.Kind == "journal" && journals[s.Address] != nil:
			s.Public = seen.journal(s.KivaID, journals[s.Address])
		case s.Kind == "repayment":
			s.Public = w.settled(loan, s.Address, amounts)
		default:
			s.Public = cantTell
		}
	}
	return nil
}

// journal says whether lenders see a journal, by its words.
func (l *lenders) journal(kivaID string, j *spec.Journal) string {
	if slices.ContainsFunc(l.journals[kivaID], func(p public.Journal) bool {
		return sameWords(p.Subject, j.Subject) && sameWords(p.Body, j.Body)
	}) {
		return published
	}
	return notSeen
}

// sameWords compares texts apart from white space, which a page may set
// differently.
func sameWords(a, b string) bool {
	return slices.Equal(strings.Fields(a), strings.Fields(b))
}

// reported returns the amounts of the files' repayment reports.
func (w *workspace) reported() map[spec.Address]money.Amount {
	amounts := map[spec.Address]money.Amount{}
	for _, r := range w.set.Reports {
		for _, row := range r.Rows {
			amounts[spec.RepaymentAddress(r.Period, row.LoanID)] = row.Amount
		}
	}
	return amounts
}

// settled says whether lenders were credited with what a repayment reports.
// Where a partner reports each month by itself, no sum would tell.
func (w *workspace) settled(loan public.Loan, a spec.Address, amounts map[spec.Address]money.Amount) string {
	want, known := amounts[a]
	switch w.set.Settings.RepaymentAmounts {
	case spec.PaidThisPeriod:
		return cantTell
	case spec.OutstandingPrincipal:
		if want, known = loan.Terms.DisbursalAmount.Sub(want); !loan.Terms.DisbursalAmount.Known {
			return cantTell
		}
	}
	switch {
	case !known:
		return cantTell
	case credited(loan).Cmp(want) >= 0:
		return settled
	}
	return notSeen
}

// credited sums what lenders were credited with, in the local currency.
func credited(loan public.Loan) (sum money.Amount) {
	for _, p := range loan.Payments {
		if next, ok := sum.Add(p.LocalAmount.Amount); ok {
			sum = next
		}
	}
	return sum
}

// publicLoans are the loans that lenders see, as the Partner API would list
// them, by the partner's loan id. Those that are gone nobody sees: they stay as
// they are listed.
func (w *workspace) publicLoans(ctx context.Context, listed map[string]*kiva.Loan) (map[string]*kiva.Loan, error) {
	var ids []string
	for _, l := range listed {
		ids = append(ids, l.KivaID)
	}
	seen, err := w.lenderView(ctx, ids, nil)
	if err != nil {
		return nil, err
	}
	loans := map[string]*kiva.Loan{}
	for id, l := range listed {
		switch p, visible := seen.loans[l.KivaID]; {
		case visible:
			loans[id] = asListed(l, p)
		case l.Status == kiva.Deleted, l.Status == kiva.InactiveExpired:
			loans[id] = l
		}
	}
	return loans, nil
}

// asListed is a loan with what lenders see of it. Lenders see no last names, so
// the name of a loan isn't compared where the files have one.
func asListed(l *kiva.Loan, p public.Loan) *kiva.Loan {
	as := &kiva.Loan{KivaID: l.KivaID, Status: l.Status, Name: p.Name, Currency: p.Terms.DisbursalCurrency, LocalPrice: p.Terms.DisbursalAmount.Amount, BorrowerCount: max(len(p.Borrowers), p.BorrowerCount)}
	if p.Location.Town != "" {
		as.Location = p.Location.Town + ": " + p.Location.Country
	}
	return as
}

// printSeen counts the journals and repayments that lenders see, and says how many
// loans they don't.
func (w *workspace) printSeen(ctx context.Context, unseen int) error {
	if unseen > 0 {
		fmt.Fprintf(w.app.out, "%s listed by Kiva and not visible to lenders: not compared\n", plural(unseen, "loan"))
	}
	items, err := w.statuses(ctx)
	if err != nil {
		return err
	}
	items = slices.DeleteFunc(items, func(s itemStatus) bool { return s.Status != "sent" && s.Status != "done" })
	if err := w.addPublic(ctx, items); err != nil {
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
	_, err = fmt.Fprintf(w.app.out, "lenders see %d of %s, %d of %s settled\n%s\n",
		journals, plural(allJournals, "journal"), repayments, plural(allRepayments, "repayment"), publicLag)
	return err
}

// probePublic records those unknown journals and repayments as existing that
// lenders see, and as done. It returns how many attempts that were.
func (s *session) probePublic(ctx context.Context, unknown []*ledger.Attempt) (found int, err error) {
	batches := slices.DeleteFunc(slices.Clone(unknown), func(a *ledger.Attempt) bool { return a.Intent.Stream.Kind() == "loan_draft" })
	past, err := s.ledger.Load(ctx)
	if err != nil {
		return 0, err
	}
	var loanIDs []string
	for _, a := range batches {
		loanIDs = append(loanIDs, loansOf(a)...)
	}
	slices.Sort(loanIDs)
	listed, err := plan.FindLoans(ctx, s.client, slices.Compact(loanIDs))
	if err != nil {
		return 0, err
	}
	var ids []string
	journalsOf := map[string]bool{}
	for _, l := range listed {
		ids = append(ids, l.KivaID)
		journalsOf[l.KivaID] = true
	}
	seen, err := s.lenderView(ctx, ids, journalsOf)
	if err != nil {
		return 0, err
	}
	for _, a := range batches {
		why := s.evidence(a, past, listed, seen)
		if why == "" {
			continue
		}
		if err := s.decide(ctx, a, decision{Decision: string(plan.OutcomeExists), Reason: why}); err != nil {
			return found, err
		}
		if err := s.ledger.MarkDone(ctx, a, newRun(time.Now()), time.Now()); err != nil { // lenders see it, so people have finished it
			return found, err
		}
		found++
	}
	return found, nil
}

func loansOf(a *ledger.Attempt) (ids []string) {
	for e := range a.Entries() {
		ids = append(ids, e.LoanID())
	}
	return ids
}

// A digester digests a field as the ledger does.
type digester interface {
	Field(a spec.Address, f spec.Field) string
}

// evidence says why a batch surely arrived, "" where nothing shows it. All of a
// batch must be seen, and after it was sent: something alike of an earlier month
// is none.
func (w *workspace) evidence(a *ledger.Attempt, past digester, listed map[string]*kiva.Loan, seen *lenders) string {
	kivaID := func(loanID string) string {
		if l := listed[loanID]; l != nil {
			return l.KivaID
		}
		return ""
	}
	since := a.Intent.At.Add(-24 * time.Hour) // days, and clocks of others
	for _, item := range a.Intent.Items {
		if !slices.ContainsFunc(seen.journals[kivaID(loanOf(item.Address))], func(j public.Journal) bool {
			return !j.Date.Before(since) && isJournal(item, past, j)
		}) {
			return ""
		}
	}
	if len(a.Intent.Items) > 0 {
		return "lenders see " + plural(len(a.Intent.Items), "journal")
	}
	return w.settledEvidence(a, since, func(loanID string) public.Loan { return seen.loans[kivaID(loanID)] })
}

// isJournal compares by the digests that the ledger holds in place of texts.
func isJournal(item ledger.Item, past digester, j public.Journal) bool {
	for path, text := range map[string]string{"subject": j.Subject, "body": j.Body} {
		digest := item.Digests[path]
		if digest == "" || digest != past.Field(item.Address, spec.Field{Path: path, Value: text, Personal: true}) {
			return false
		}
	}
	return true
}

// settledEvidence holds that lenders were credited with exactly what each row
// reports, and that one of the payments came after the upload. That needs
// amounts that are sums.
func (w *workspace) settledEvidence(a *ledger.Attempt, since time.Time, loan func(loanID string) public.Loan) string {
	if mode := w.set.Settings.RepaymentAmounts; mode != spec.CumulativePrincipal || len(a.Intent.Rows) == 0 {
		return ""
	}
	fresh := false
	for _, row := range a.Intent.Rows {
		l := loan(row.LoanID)
		if l.ID == "" || credited(l) != row.Amount {
			return ""
		}
		fresh = fresh || slices.ContainsFunc(l.Payments, func(p public.Payment) bool { return string(p.ProcessedDate) >= since.UTC().Format(time.DateOnly) })
	}
	if !fresh {
		return ""
	}
	return "lenders were credited with " + plural(len(a.Intent.Rows), "repayment")
}
