package decide

import (
	"context"
	"slices"
	"time"

	"kivaform/apply/ledger"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva"
	"kivaform/kiva/public"
	"kivaform/plan"
	"kivaform/spec"
)

// probePublic records those unknown journals and repayments as existing that
// lenders see, and as done. It returns how many attempts that were.
func probePublic(ctx context.Context, s *session.Session, unknown []*ledger.Attempt) (found int, err error) {
	batches := slices.DeleteFunc(slices.Clone(unknown), func(a *ledger.Attempt) bool { return a.Intent.Stream.Kind() == "loan_draft" })
	past, err := s.Ledger.Load(ctx)
	if err != nil {
		return 0, err
	}
	var loanIDs []string
	for _, a := range batches {
		loanIDs = append(loanIDs, loansOf(a)...)
	}
	slices.Sort(loanIDs)
	listed, err := plan.FindLoans(ctx, s.Client, slices.Compact(loanIDs))
	if err != nil {
		return 0, err
	}
	var ids []string
	journalsOf := map[string]bool{}
	for _, l := range listed {
		ids = append(ids, l.KivaID)
		journalsOf[l.KivaID] = true
	}
	seen, err := s.LenderView(ctx, ids, journalsOf)
	if err != nil {
		return 0, err
	}
	for _, a := range batches {
		why := evidence(s.Workspace, a, past, listed, seen)
		if why == "" {
			continue
		}
		if err := decide(ctx, s, a, decision{Decision: string(plan.OutcomeExists), Reason: why}); err != nil {
			return found, err
		}
		if err := s.Ledger.MarkDone(ctx, a, session.NewRun(time.Now()), time.Now()); err != nil { // lenders see it, so people have finished it
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

// A digester compares a field with a digest of the ledger.
type digester interface {
	MatchesField(digest string, a spec.Address, f spec.Field) bool
}

// evidence says why a batch surely arrived, "" where nothing shows it. All of a
// batch must be seen, and after it was sent: something alike of an earlier month
// is none.
func evidence(w *session.Workspace, a *ledger.Attempt, past digester, listed map[string]*kiva.Loan, seen *session.Lenders) string {
	kivaID := func(loanID string) string {
		if l := listed[loanID]; l != nil {
			return l.KivaID
		}
		return ""
	}
	since := a.Intent.At.Add(-24 * time.Hour) // days, and clocks of others
	for _, item := range a.Intent.Items {
		if !slices.ContainsFunc(seen.Journals[kivaID(session.LoanOf(item.Address))], func(j public.Journal) bool {
			return !j.Date.Before(since) && isJournal(item, past, j)
		}) {
			return ""
		}
	}
	if len(a.Intent.Items) > 0 {
		return "lenders see " + cli.Plural(len(a.Intent.Items), "journal")
	}
	return settledEvidence(w, a, since, func(loanID string) public.Loan { return seen.Loans[kivaID(loanID)] })
}

// isJournal compares by the digests that the ledger holds in place of texts.
func isJournal(item ledger.Item, past digester, j public.Journal) bool {
	for path, text := range map[string]string{"subject": j.Subject, "body": j.Body} {
		digest := item.Digests[path]
		if digest == "" || !past.MatchesField(digest, item.Address, spec.Field{Path: path, Value: text, Personal: true}) {
			return false
		}
	}
	return true
}

// settledEvidence holds that lenders were credited with exactly what each row
// reports, and that one of the payments came after the upload. That needs
// amounts that are sums.
func settledEvidence(w *session.Workspace, a *ledger.Attempt, since time.Time, loan func(loanID string) public.Loan) string {
	if mode := w.Set.Settings.RepaymentAmounts; mode != spec.CumulativePrincipal || len(a.Intent.Rows) == 0 {
		return ""
	}
	fresh := false
	for _, row := range a.Intent.Rows {
		l := loan(row.LoanID)
		if l.ID == "" || session.Credited(l) != row.Amount {
			return ""
		}
		fresh = fresh || slices.ContainsFunc(l.Payments, func(p public.Payment) bool { return string(p.ProcessedDate) >= since.UTC().Format(time.DateOnly) })
	}
	if !fresh {
		return ""
	}
	return "lenders were credited with " + cli.Plural(len(a.Intent.Rows), "repayment")
}
