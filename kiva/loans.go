package kiva

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strconv"
)

const (
	maxPage  = 300    // loans; Source: fetch_loans.md
	maxPages = 10_000 // of one list, so that no server can keep us for ever
)

// LoanPage lists one page of published loans. Scope: read:loans.
func (c *Client) LoanPage(ctx context.Context, q LoanQuery) (LoanPage, error) {
	address := c.url("partner", "loans")
	address.RawQuery = q.values().Encode()
	return read(ctx, c, "loans", address, decodeLoanPage)
}

func (q LoanQuery) values() url.Values {
	v := url.Values{
		"offset": {strconv.Itoa(max(q.Offset, 0))},
		"limit":  {strconv.Itoa(q.limit())},
	}
	if q.Query != "" {
		v.Set("query", q.Query)
	}
	if q.Status != "" {
		v.Set("status", string(q.Status))
	}
	return v
}

func (q LoanQuery) limit() int {
	if q.Limit <= 0 {
		return maxPage
	}
	return min(q.Limit, maxPage)
}

// Loans lists published loans page by page from q.Offset on, each once, and
// ends after the first error. The list may change while it is read: a loan
// that moves to another page isn't listed twice, and where the list becomes
// shorter the places that loans may have moved to are read again.
func (c *Client) Loans(ctx context.Context, q LoanQuery) iter.Seq2[Loan, error] {
	return func(yield func(Loan, error) bool) {
		w := walk{start: max(q.Offset, 0), limit: q.limit(), total: -1, seen: map[identity]bool{}}
		w.offset = w.start
		for range maxPages {
			next := q
			next.Offset = w.offset
			page, err := c.LoanPage(ctx, next)
			if err == nil {
				err = w.check(page)
			}
			if err != nil {
				yield(Loan{}, err)
				return
			}
			if w.repeats(page) {
				return
			}
			for _, loan := range page.Loans {
				if w.isNew(loan) && !yield(loan, nil) {
					return
				}
			}
			if !w.advance(page) {
				return
			}
		}
		yield(Loan{}, fmt.Errorf("kiva: list loans: no end after %d pages", maxPages))
	}
}

// A walk is where the reading of a list of loans stands.
type walk struct {
	start, offset int
	limit, total  int
	last          []Loan // the page before
	seen          map[identity]bool
}

// An identity tells one loan from another: Kiva's id, else its UUID, else the
// partner's ids. The zero identity is no loan's.
type identity struct{ kind, a, b string }

func (l Loan) identity() identity {
	switch {
	case l.KivaID != "":
		return identity{"kiva", l.KivaID, ""}
	case l.UUID != "":
		return identity{"uuid", l.UUID, ""}
	case l.InternalLoanID != "" || l.InternalClientID != "":
		return identity{"internal", l.InternalLoanID, l.InternalClientID}
	}
	return identity{}
}

// isNew reports whether the loan was not listed before. One without any id
// always is new.
func (w *walk) isNew(l Loan) bool {
	id := l.identity()
	if id == (identity{}) {
		return true
	}
	listed := w.seen[id]
	w.seen[id] = true
	return !listed
}

// check refuses a page that is the one before although another was asked for,
// where more loans must exist than came: a list that is silently too short
// would let loans look absent.
func (w *walk) check(page LoanPage) error {
	if !w.repeats(page) {
		return nil
	}
	if page.Total > w.start+len(page.Loans) || page.Total < 0 && len(page.Loans) == w.limit {
		return errors.New("kiva: list loans: the server sends the same page for every offset")
	}
	return nil
}

func (w *walk) repeats(page LoanPage) bool {
	return len(page.Loans) > 0 && w.offset > w.start && slices.Equal(page.Loans, w.last)
}

// advance moves on to the next page and reports whether there may be one. A
// short page alone ends nothing: the server may give fewer than asked for.
func (w *walk) advance(page LoanPage) bool {
	gone := w.total - page.Total
	shrunk := page.Total >= 0 && gone > 0
	w.total, w.last = page.Total, page.Loans
	switch {
	case shrunk:
		// As many loans may have moved to before this page as have gone.
		w.offset = max(w.start, w.offset-gone)
		return true
	case len(page.Loans) == 0:
		return false
	}
	w.offset += len(page.Loans)
	return page.Total < 0 || w.offset < page.Total
}
