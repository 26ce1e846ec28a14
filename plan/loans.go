package plan

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"kivaform/kiva"
)

const (
	pageSize  = 300 // Kiva asks for no more. Source: fetch_loans.md
	pagesAt   = 4   // pages and searches under way at once
	fewLoans  = 3   // so many are searched for without a look at how many there are
	maxSearch = 10  // pages read of one search's answer
)

// FindLoans looks for loans by the partner's ids, with as few requests as it
// can. What it doesn't return was not found, which proves nothing.
func FindLoans(ctx context.Context, source Source, ids []string) (map[string]*kiva.Loan, error) {
	s := &State{Loans: make(map[string]*kiva.Loan)}
	l := &loanReader{source: source, into: s}
	if err := l.readSome(ctx, ids); err != nil {
		return nil, fmt.Errorf("list loans: %w", err)
	}
	return s.Loans, nil
}

// A loanReader reads loans into a State.
type loanReader struct {
	source Source
	mu     sync.Mutex
	into   *State
	seen   map[string]bool // Kiva ids
}

// readAll reads every page of a list, several at once.
func (l *loanReader) readAll(ctx context.Context, q kiva.LoanQuery) error {
	q.Limit = pageSize
	first, err := l.source.LoanPage(ctx, q)
	if err != nil {
		return err
	}
	return l.readRest(ctx, q, first)
}

// readRest reads the pages after the first. A list may change while it is
// read: pages are read on until one is short, and nothing counts twice.
func (l *loanReader) readRest(ctx context.Context, q kiva.LoanQuery, first kiva.LoanPage) error {
	l.keep(first.Loans)
	next := q.Offset + len(first.Loans)
	if len(first.Loans) == 0 || (first.Total >= 0 && next >= first.Total) {
		return nil
	}
	// What Kiva counted is read side by side, in steps of what a page held.
	step := len(first.Loans)
	g, groupCtx := errgroup.WithContext(ctx)
	g.SetLimit(pagesAt)
	for ; next < first.Total; next += step {
		page := q
		page.Offset = next
		g.Go(func() error {
			got, err := l.source.LoanPage(groupCtx, page)
			l.keep(got.Loans)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	// What came in meanwhile, or all of it where Kiva counted nothing.
	for q.Offset = next; ; q.Offset += step {
		page, err := l.source.LoanPage(ctx, q)
		if err != nil {
			return err
		}
		if fresh := l.keep(page.Loans); fresh == 0 || len(page.Loans) < step {
			return nil
		}
	}
}

// readSome looks for single loans: by search while that takes fewer requests
// than the whole list.
func (l *loanReader) readSome(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	if len(ids) > fewLoans {
		q := kiva.LoanQuery{Limit: pageSize}
		first, err := l.source.LoanPage(ctx, q)
		if err != nil {
			return err
		}
		if first.Total < 0 || (first.Total+pageSize-1)/pageSize <= len(ids) {
			return l.readRest(ctx, q, first)
		}
		l.keep(first.Loans)
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(pagesAt)
	for _, id := range ids {
		g.Go(func() error { return l.search(ctx, id) })
	}
	return g.Wait()
}

// search looks for one loan by its id. A search may find others as well.
func (l *loanReader) search(ctx context.Context, id string) error {
	q := kiva.LoanQuery{Query: id, Limit: pageSize}
	for range maxSearch {
		page, err := l.source.LoanPage(ctx, q)
		if err != nil {
			return err
		}
		l.keep(page.Loans)
		q.Offset += len(page.Loans)
		if len(page.Loans) == 0 || l.has(id) || (page.Total >= 0 && q.Offset >= page.Total) {
			return nil
		}
	}
	return nil
}

func (l *loanReader) has(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.into.Loans[id] != nil
}

// keep remembers loans and returns how many of them were new.
func (l *loanReader) keep(loans []kiva.Loan) (fresh int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen == nil {
		l.seen = make(map[string]bool)
	}
	for i := range loans {
		loan := &loans[i]
		key := loan.KivaID + "\x00" + loan.UUID + "\x00" + loan.InternalLoanID
		if l.seen[key] {
			continue
		}
		l.seen[key] = true
		fresh++
		id := loan.InternalLoanID
		before := l.into.Loans[id]
		if id == "" {
			continue
		}
		if before != nil {
			l.into.Doubled = append(l.into.Doubled, id)
		}
		if before == nil || better(loan, before) {
			l.into.Loans[id] = loan
		}
	}
	return fresh
}

// better chooses between two loans of one id: one that is alive, else the
// later one.
func better(a, b *kiva.Loan) bool {
	if dead(a.Status) != dead(b.Status) {
		return dead(b.Status)
	}
	return a.CreateTime.After(b.CreateTime)
}

func dead(s kiva.Status) bool {
	switch s {
	case kiva.Deleted, kiva.InactiveExpired, kiva.Expired, kiva.Refunded:
		return true
	}
	return false
}
