package history

import (
	"fmt"
	"iter"
	"slices"

	"kivaform/plan"
)

// An Attempt is one attempt with all that the ledger holds of it.
type Attempt struct {
	Intent Intent
	Result *Result // nil where no outcome was recorded
	// Resolutions are the decisions of people, in their order; of several about
	// one item the latest counts. What Kiva answered counts more, should it be
	// recorded later.
	Resolutions []Resolution
	Done        bool // people have finished it in PA2, as one of them said
}

// Address names the attempt for people and programs: a draft by its own address,
// a batch by its number: journals/2, repayments/2026-11/3.
func (a *Attempt) Address() Address {
	if a.Intent.Stream.Kind() == "loan_draft" {
		return a.Intent.Stream
	}
	return a.Numbered()
}

// Numbered returns the address with the attempt's number, also of a draft:
// loan_draft/L-1042/2.
func (a *Attempt) Numbered() Address {
	return Address(fmt.Sprintf("%s/%d", a.Intent.Stream, a.Intent.Attempt))
}

// Period returns the period of the report whose rows an attempt sent, "" where it
// sent none.
func (a *Attempt) Period() string {
	if parts := a.Intent.Stream.Parts(); parts[0] == "repayments" && len(parts) > 1 {
		return parts[1]
	}
	return ""
}

// Fingerprint returns the one that the key of the attempt's outcome holds: that of
// the draft, and "" of a batch.
func (a *Attempt) Fingerprint() string {
	if items := a.Intent.Items; len(items) == 1 && a.Intent.Stream == items[0].Address {
		return items[0].Fingerprint
	}
	return ""
}

// Contents returns the digests of the draft's contents; "" of a batch.
func (a *Attempt) Contents() string {
	if a.Fingerprint() == "" {
		return ""
	}
	return a.Intent.Items[0].Contents
}

// An Entry is one item of one attempt: a draft, a journal or a row of a report.
type Entry struct {
	Address Address
	Item    *Item        // nil of a row
	Row     *Row         // nil of a draft and a journal
	Outcome plan.Outcome // of this item: a row may be rejected though its upload was accepted
	Problem *Problem     // that Kiva had with a row of an accepted upload, so that it isn't accepted; else nil
	After   int          // the attempt on it that the plan saw last; 0 where it saw none
	Again   bool         // a person asked for it although the last attempt may stand
}

// LoanID returns the id of the loan that an entry is about, "" where a damaged
// record has no such address.
func (e Entry) LoanID() string {
	if e.Row != nil {
		return e.Row.LoanID
	}
	if parts := e.Address.Parts(); len(parts) > 1 {
		return parts[1]
	}
	return ""
}

// Entries iterates over the items of an attempt, in the order of the request.
func (a *Attempt) Entries() iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		answered := a.answered()
		for i := range a.Intent.Items {
			item := &a.Intent.Items[i]
			if !yield(Entry{Address: item.Address, Item: item, Outcome: a.decided(item.Address, answered), After: item.After, Again: item.Again}) {
				return
			}
		}
		if len(a.Intent.Rows) == 0 {
			return
		}
		period, verdicts := a.Period(), a.verdicts()
		for i := range a.Intent.Rows {
			row := &a.Intent.Rows[i]
			e := Entry{Address: plan.RowAddress(period, row.LoanID), Row: row, After: row.After, Again: row.Again}
			e.Outcome = a.decided(e.Address, answered)
			if v, is := verdicts[i]; is && e.Outcome.AtKiva() {
				e.Outcome, e.Problem = a.decided(e.Address, v.outcome), v.problem
			}
			if !yield(e) {
				return
			}
		}
	}
}

// itemAddresses iterates over the addresses of the items of an attempt.
func (a *Attempt) itemAddresses() iter.Seq[Address] {
	return func(yield func(Address) bool) {
		for i := range a.Intent.Items {
			if !yield(a.Intent.Items[i].Address) {
				return
			}
		}
		for i, period := 0, a.Period(); i < len(a.Intent.Rows); i++ {
			if !yield(plan.RowAddress(period, a.Intent.Rows[i].LoanID)) {
				return
			}
		}
	}
}

// Addresses returns the addresses of the items of an attempt.
func (a *Attempt) Addresses() []Address {
	return slices.AppendSeq(make([]Address, 0, len(a.Intent.Items)+len(a.Intent.Rows)), a.itemAddresses())
}

// Concerns reports whether an attempt has to do with an address: its stream,
// itself, or one of its items.
func (a *Attempt) Concerns(address Address) bool {
	return address == a.Intent.Stream || address == a.Numbered() || slices.Contains(a.Addresses(), address)
}
