package plan

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"

	"golang.org/x/sync/errgroup"

	"kivaform/kiva"
)

const (
	pageSize  = 300 // Kiva asks for no more. Source: fetch_loans.md
	pagesAt   = 4   // pages and searches under way at once
	fewLoans  = 3   // so many are searched for without a look at how many there are
	maxSearch = 10  // pages read of one search's answer

	maxReadings = 4 // of a list that changes while it is read
)

// FindLoans looks for loans by the partner's ids, with as few requests as it
// can. What it doesn't return was not found, which proves nothing.
func FindLoans(ctx context.Context, source Source, ids []string) (map[string]*kiva.Loan, error) {
	s := &State{Loans: make(map[string]*kiva.Loan)}
	l := newLoanReader(source, s)
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
	seen   map[string]bool // by all of its ids
}

func newLoanReader(source Source, into *State) *loanReader {
	return &loanReader{source: source, into: into, seen: make(map[string]bool)}
}

// readAll reads every page of a list.
func (l *loanReader) readAll(ctx context.Context, q kiva.LoanQuery) error {
	q.Limit = pageSize
	first, err := l.source.LoanPage(ctx, q)
	if err != nil {
		return err
	}
	return l.readRest(ctx, q, first)
}

// readRest reads the pages after the first. A list that changes while it is
// read can hide a loan between two pages, so it is read until what came agrees
// with Kiva's own count, or with the reading before.
func (l *loanReader) readRest(ctx context.Context, q kiva.LoanQuery, first kiva.LoanPage) error {
	var before map[string]bool
	for range maxReadings {
		r := &reading{ids: make(map[string]bool), total: first.Total}
		if err := l.readOnce(ctx, q, first, r); err != nil {
			return err
		}
		if !r.moved && len(r.ids) == r.total || r.total < 0 || maps.Equal(r.ids, before) {
			return nil
		}
		before = r.ids
		var err error
		if first, err = l.source.LoanPage(ctx, q); err != nil {
			return err
		}
	}
	return errMoving
}

var errMoving = errors.New("the list changes while it is read; hint: try again in a minute")

// A reading is what came of reading a list once.
type reading struct {
	ids   map[string]bool
	total int  // as the first page said
	moved bool // a later page said otherwise
}

// readOnce reads what Kiva counted side by side, in steps of what a page held,
// and then on until nothing new comes.
func (l *loanReader) readOnce(ctx context.Context, q kiva.LoanQuery, first kiva.LoanPage, r *reading) error {
	l.keep(first, r)
	step := len(first.Loans)
	if step == 0 {
		return nil
	}
	g, groupCtx := errgroup.WithContext(ctx)
	g.SetLimit(pagesAt)
	for q.Offset += step; q.Offset < first.Total; q.Offset += step {
		page := q
		g.Go(func() error {
			got, err := l.source.LoanPage(groupCtx, page)
			if err == nil {
				l.keep(got, r)
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for len(r.ids) != r.total {
		page, err := l.source.LoanPage(ctx, q)
		if err != nil {
			return err
		}
		if fresh := l.keep(page, r); fresh == 0 {
			return nil
		}
		q.Offset += len(page.Loans)
	}
	return nil
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
		l.keep(first, &reading{ids: make(map[string]bool)})
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
	r := &reading{ids: make(map[string]bool)}
	for range maxSearch {
		page, err := l.source.LoanPage(ctx, q)
		if err != nil {
			return err
		}
		l.keep(page, r)
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

// keep remembers the loans of a page, and returns how many of them this reading
// had not seen.
func (l *loanReader) keep(page kiva.LoanPage, r *reading) (fresh int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r.moved = r.moved || page.Total != r.total
	for i := range page.Loans {
		loan := &page.Loans[i]
		key := loan.KivaID + "\x00" + loan.UUID + "\x00" + loan.InternalLoanID
		if !r.ids[key] {
			r.ids[key] = true
			fresh++
		}
		if !l.seen[key] {
			l.seen[key] = true
			l.remember(loan)
		}
	}
	return fresh
}

func (l *loanReader) remember(loan *kiva.Loan) {
	id := loan.InternalLoanID
	if id == "" {
		return
	}
	before := l.into.Loans[id]
	if before != nil {
		l.into.Doubled = append(l.into.Doubled, id)
	}
	if before == nil || better(loan, before) {
		l.into.Loans[id] = loan
	}
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
