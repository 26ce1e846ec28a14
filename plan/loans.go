package plan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"kivaform/kiva"
	"kivaform/kiva/hint"
)

const (
	pageSize  = 300 // Kiva asks for no more. Source: fetch_loans.md
	unpacked  = 2   // pages that are taken apart while as many as may be are under way
	fewLoans  = 3   // so many are searched for without a look at how many there are
	maxSearch = 10  // pages read of one search's answer
	maxPages  = 100_000

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
	all    []kiva.Loan     // each once
}

func newLoanReader(source Source, into *State) *loanReader {
	return &loanReader{source: source, into: into, seen: make(map[string]bool)}
}

// readReportable reads the lists of all loans that a repayment report must
// cover, side by side. A report of so many rows lets expect as many loans that
// are paying back.
func (l *loanReader) readReportable(ctx context.Context, rows int) (all bool, err error) {
	var short atomic.Bool
	g, ctx := errgroup.WithContext(ctx)
	for _, status := range reportable {
		expected := 0
		if status == kiva.PayingBack {
			expected = rows
		}
		g.Go(func() error {
			list, err := l.readAll(ctx, kiva.LoanQuery{Status: status}, expected)
			if err != nil {
				return fmt.Errorf("list loans that are %s: %w", status, err)
			}
			if list.Total > list.Read {
				short.Store(true)
			}
			return nil
		})
	}
	err = g.Wait()
	return !short.Load(), err
}

// group runs requests side by side: as many as the source takes at once. What
// waits because Kiva asked for it counts as well, so that meanwhile fewer are
// sent.
func (l *loanReader) group(ctx context.Context) (*errgroup.Group, context.Context) {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(1, l.source.AtOnce()) + unpacked)
	return g, ctx
}

// readAll reads every page of a list, in which so many loans are expected.
func (l *loanReader) readAll(ctx context.Context, q kiva.LoanQuery, expected int) (Listing, error) {
	q.Limit = pageSize
	early, end := l.askEarly(ctx, q, expected)
	defer end()
	first, err := l.source.LoanPage(ctx, q)
	if err != nil {
		return Listing{}, err
	}
	return l.readRest(ctx, q, first, early)
}

// Early pages were asked for before it was known that there are so many, by
// their offsets.
type earlyPages map[int]*earlyPage

type earlyPage struct {
	came chan struct{} // closed when the fields below are set
	page kiva.LoanPage
	err  error
}

// askEarly asks for the pages after the first, so that nothing is idle until
// that one tells how many there are. The first page, and another list's, shall
// not wait for them. What it returns must be ended.
func (l *loanReader) askEarly(ctx context.Context, q kiva.LoanQuery, expected int) (earlyPages, func()) {
	ctx, cancel := context.WithCancel(ctx)
	pages := make(earlyPages)
	for q.Offset = pageSize; q.Offset < min(expected, (l.source.AtOnce()-1)*pageSize); q.Offset += pageSize {
		query, early := q, &earlyPage{came: make(chan struct{})}
		pages[q.Offset] = early
		go func() {
			defer close(early.came)
			early.page, early.err = l.source.LoanPage(ctx, query)
		}()
	}
	return pages, func() {
		cancel()
		for _, early := range pages {
			<-early.came
		}
	}
}

// page reads a page, or waits for it where it was asked for.
func (l *loanReader) page(ctx context.Context, q kiva.LoanQuery, early earlyPages) (kiva.LoanPage, error) {
	if e := early[q.Offset]; e != nil {
		select {
		case <-e.came:
			return e.page, e.err
		case <-ctx.Done():
			return kiva.LoanPage{}, context.Cause(ctx)
		}
	}
	return l.source.LoanPage(ctx, q)
}

// readRest reads the pages after the first. A list that changes while it is read
// can hide a loan between two pages, so it is read until what came agrees with
// Kiva's own count, or with the reading before.
func (l *loanReader) readRest(ctx context.Context, q kiva.LoanQuery, first kiva.LoanPage, early earlyPages) (Listing, error) {
	var before map[string]bool
	for range maxReadings {
		r := &reading{ids: make(map[string]bool, l.expect(first)), total: first.Total}
		if err := l.readOnce(ctx, q, first, early, r); err != nil {
			return Listing{}, err
		}
		list := Listing{Read: len(r.ids), Total: r.total}
		if !r.moved && list.Whole() || r.total < 0 || maps.Equal(r.ids, before) {
			return list, nil
		}
		before, early = r.ids, nil
		var err error
		if first, err = l.source.LoanPage(ctx, q); err != nil {
			return Listing{}, err
		}
	}
	return Listing{}, errMoving
}

// A Listing says how much came of one of Kiva's lists.
type Listing struct {
	Read  int // loans that came
	Total int // that Kiva counts; negative where it gives no count
}

// Whole reports whether all came that Kiva counts: only then what isn't there isn't
// listed.
func (l Listing) Whole() bool { return l.Read == l.Total }

// ListLoans reads all loans of a status, of any status if it is empty, and says how
// much came. They are in the order of their ids.
func ListLoans(ctx context.Context, source Source, status kiva.Status) ([]kiva.Loan, Listing, error) {
	l := newLoanReader(source, &State{Loans: make(map[string]*kiva.Loan)})
	list, err := l.readAll(ctx, kiva.LoanQuery{Status: status}, 0)
	if err != nil {
		return nil, list, fmt.Errorf("list loans: %w", err)
	}
	slices.SortFunc(l.all, func(a, b kiva.Loan) int {
		return cmp.Or(cmp.Compare(a.InternalLoanID, b.InternalLoanID), cmp.Compare(a.KivaID, b.KivaID))
	})
	return l.all, list, nil
}

// expect makes room for a list, and returns for how many loans. Kiva's count is
// believed as far as it costs little if it is wrong.
func (l *loanReader) expect(first kiva.LoanPage) int {
	const most = 200_000
	n := min(max(first.Total, len(first.Loans)), most)
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.seen) == 0 && n > pageSize {
		l.seen = make(map[string]bool, n)
	}
	if len(l.into.Loans) == 0 && n > pageSize {
		l.into.Loans = make(map[string]*kiva.Loan, n)
	}
	return n
}

var errMoving = hint.With(errors.New("the list changes while it is read"), "try again in a minute")

// A reading is the result of reading a list once.
type reading struct {
	ids   map[string]bool
	total int  // as the first page said
	moved bool // a later page said otherwise
}

// readOnce reads what Kiva counted side by side, in steps of what a page held,
// and then on until nothing new comes.
func (l *loanReader) readOnce(ctx context.Context, q kiva.LoanQuery, first kiva.LoanPage, early earlyPages, r *reading) error {
	l.keep(first, r)
	step := len(first.Loans)
	if step == 0 {
		return nil
	}
	if first.Total/step > maxPages {
		return fmt.Errorf("it is said to have %d loans, %d in a page: that can't be", first.Total, step)
	}
	g, groupCtx := l.group(ctx)
	for q.Offset += step; q.Offset < first.Total && groupCtx.Err() == nil; q.Offset += step {
		page := q
		g.Go(func() error {
			got, err := l.page(groupCtx, page, early)
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
		page, err := l.page(ctx, q, early)
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
// than the whole list. A search proves that a loan is there, never that it isn't.
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
		l.into.Listed, l.into.Counted = max(first.Total, len(first.Loans)), true
		if first.Total < 0 || (first.Total+pageSize-1)/pageSize <= len(ids) {
			_, err := l.readRest(ctx, q, first, nil)
			return err
		}
		l.keep(first, &reading{ids: make(map[string]bool)})
	}
	g, ctx := l.group(ctx)
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
			l.all = append(l.all, *loan)
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

// over reports whether a loan has ended, so that its id may be that of another one
// by now.
func over(s kiva.Status) bool { return dead(s) || s == kiva.Ended || s == kiva.Defaulted }

func dead(s kiva.Status) bool {
	switch s {
	case kiva.Deleted, kiva.InactiveExpired, kiva.Expired, kiva.Refunded:
		return true
	}
	return false
}
