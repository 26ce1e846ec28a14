package session

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/kiva/hint"
	"kivaform/kiva/money"
	"kivaform/kiva/public"
	"kivaform/plan"
	"kivaform/spec"
)

// Lenders is what lenders see of some loans, by Kiva ID.
type Lenders struct {
	Loans    map[string]public.Loan
	Journals map[string][]public.Journal
}

// LenderView reads what lenders see of loans, and the journals of those that
// are named and have any.
func (w *Workspace) LenderView(ctx context.Context, ids []string, journalsOf map[string]bool) (*Lenders, error) {
	if w.Env.PublicURL == "" {
		return nil, cli.WithCode(cli.ExitInvalid, hint.With(fmt.Errorf("no public API is known for %s", w.Env.Name), "public_url in kiva.yaml, if there is one"))
	}
	if err := w.CheckAddresses(); err != nil {
		return nil, err
	}
	c, err := public.New(public.Options{BaseURL: w.Env.PublicURL, UserAgent: cli.UserAgent(), HTTP: &http.Client{Transport: w.App.Transport()(http.DefaultTransport)}})
	if err != nil {
		return nil, err
	}
	slices.Sort(ids)
	list, err := c.Loans(ctx, slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" })...)
	if err != nil {
		return nil, err
	}
	l := &Lenders{map[string]public.Loan{}, map[string][]public.Journal{}}
	for _, loan := range list {
		id := string(loan.ID)
		l.Loans[id] = loan
		if !journalsOf[id] || loan.JournalTotals.Entries == 0 {
			continue
		}
		if l.Journals[id], err = Take(c.Journals(ctx, id), 0); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// ShowsJournal reports whether lenders see a journal, by its words.
func (l *Lenders) ShowsJournal(kivaID string, j *spec.Journal) bool {
	return slices.ContainsFunc(l.Journals[kivaID], func(p public.Journal) bool {
		return sameWords(p.Subject, j.Subject) && sameWords(p.Body, j.Body)
	})
}

// sameWords compares texts apart from white space, which a page may set
// differently.
func sameWords(a, b string) bool {
	return slices.Equal(strings.Fields(a), strings.Fields(b))
}

// Credited sums what lenders were credited with, in the local currency.
func Credited(loan public.Loan) (sum money.Amount) {
	for _, p := range loan.Payments {
		if next, ok := sum.Add(p.LocalAmount.Amount); ok {
			sum = next
		}
	}
	return sum
}

// Take gathers at most limit items, all if it is 0.
func Take[T any](items iter.Seq2[T, error], limit int) ([]T, error) {
	list := []T{}
	for item, err := range items {
		if err != nil {
			return nil, err
		}
		if list = append(list, item); len(list) == limit {
			break
		}
	}
	return list, nil
}

// LoanOf returns the loan id in the address of an item.
func LoanOf(a plan.Address) string {
	parts := a.Parts()
	if a.Kind() == "repayment" {
		return parts[2]
	}
	return parts[1]
}
