package ledger

import "kivaform/plan"

// A Twice is an item that two attempts sent without a person's word.
type Twice struct {
	Scope
	Stream  Address
	Item    string // a draft's or journal's address, or a row's loan id
	Attempt int
	Before  int // the attempt that had sent it
}

// Address returns the item's address.
func (t Twice) Address() Address {
	if t.Stream.Kind() == "repayments" {
		return plan.RowAddress(periodOf(t.Stream), t.Item)
	}
	return Address(t.Item)
}

// doubles finds what the attempts of one stream sent twice.
type doubles struct {
	last map[string]sent // by item
	from int             // from this number on, copies of the ledger went ways of their own; 0 where none was merged
}

// sent is the last attempt on an item that Kiva has, or may have.
type sent struct {
	number int
	merged bool
}

// add takes the stream's next attempt, and returns what it sent that others had
// sent. What a person asked for again is meant so, unless the other one comes
// from another copy of the ledger: nobody knew of it.
func (d *doubles) add(a *Attempt) []Twice {
	in := a.Intent
	if d.last == nil {
		d.last = make(map[string]sent)
	}
	if in.MergedFrom != 0 && (d.from == 0 || in.MergedFrom < d.from) {
		d.from = in.MergedFrom
	}
	if in.Recorded != "" {
		return nil
	}
	var twice []Twice
	check := func(item string, again bool) {
		before, known := d.last[item]
		apart := in.MergedFrom != 0 && !before.merged && before.number >= d.from
		if known && (!again || apart) {
			twice = append(twice, Twice{Scope{in.Environment, in.PartnerID}, in.Stream, item, in.Attempt, before.number})
		}
		d.last[item] = sent{in.Attempt, in.MergedFrom != 0}
	}
	for _, item := range in.Items {
		check(string(item.Address), item.Again)
	}
	rejected := a.RejectedRows()
	for _, row := range in.Rows {
		if _, is := rejected[row.LoanID]; !is {
			check(row.LoanID, row.Again)
		}
	}
	return twice
}

// RejectedRows are the rows of an upload that Kiva didn't take, by loan id, each
// with the problem that says so. It may name rows that the upload didn't have.
func (a *Attempt) RejectedRows() map[string]Problem {
	rejected := make(map[string]Problem)
	if a.Result != nil {
		for _, p := range a.Result.Problems {
			if p.Rejects() {
				rejected[p.LoanID] = p
			}
		}
	}
	return rejected
}

// mayBeAtKiva reports whether Kiva has what an attempt sent, or may have it.
func (a *Attempt) mayBeAtKiva() bool {
	o := a.Outcome()
	return o.AtKiva() || o == plan.OutcomeUnknown
}
