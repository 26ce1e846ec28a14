package main

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"

	"kivaform/kiva/hint"
	"kivaform/kiva/money"
	"kivaform/kiva/public"
	"kivaform/plan"
	"kivaform/spec"
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

// showsJournal reports whether lenders see a journal, by its words.
func (l *lenders) showsJournal(kivaID string, j *spec.Journal) bool {
	return slices.ContainsFunc(l.journals[kivaID], func(p public.Journal) bool {
		return sameWords(p.Subject, j.Subject) && sameWords(p.Body, j.Body)
	})
}

// sameWords compares texts apart from white space, which a page may set
// differently.
func sameWords(a, b string) bool {
	return slices.Equal(strings.Fields(a), strings.Fields(b))
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

// take gathers at most limit items, all if it is 0.
func take[T any](items iter.Seq2[T, error], limit int) ([]T, error) {
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

// loanOf returns the loan id in the address of an item.
func loanOf(a plan.Address) string {
	parts := a.Parts()
	if a.Kind() == "repayment" {
		return parts[2]
	}
	return parts[1]
}
