package plan

import (
	"fmt"
	"slices"
	"strings"

	"kivaform/kiva"
	"kivaform/kiva/money"
	"kivaform/spec"
)

// A Held loan is the local record of a loan draft that Kiva has.
type Held struct {
	Address   spec.Address
	Values    map[string]string // the fields that the ledger recorded in clear, by path
	Names     []string          // what Kiva may show as its name; empty where that isn't known
	Published bool              // Kiva is known to have listed it
}

// A DriftKind says how Kiva's side differs from this one.
type DriftKind string

// The kinds of drift.
const (
	DraftOnly DriftKind = "draft"    // not listed: its draft isn't published, as far as anybody can tell
	MovedOn   DriftKind = "moved-on" // as it was sent; its status goes its way
	Changed   DriftKind = "changed"  // somebody changed it in PA2
	Gone      DriftKind = "gone"     // it was listed, and is no more; or it is deleted
)

// NeedsPerson reports whether somebody should look at it.
func (k DriftKind) NeedsPerson() bool { return k == Changed || k == Gone }

// A Drift is one loan, and how Kiva's side of it differs.
type Drift struct {
	Address     spec.Address
	Kind        DriftKind
	Status      kiva.Status // "" where Kiva doesn't list it
	KivaID      string
	Differences []Difference
}

// A Difference is one field of which both sides hold a value.
type Difference struct {
	Field    string
	Ours     string
	Kivas    string
	Personal bool
}

// CompareHeld compares loans with those that Kiva lists, by loan id. The result is in
// the order of held.
func CompareHeld(held []Held, loans map[string]*kiva.Loan) []Drift {
	drifts := make([]Drift, len(held))
	for i, h := range held {
		drifts[i] = h.compare(loans[h.Address.Parts()[1]])
	}
	return drifts
}

func (h Held) compare(loan *kiva.Loan) Drift {
	d := Drift{Address: h.Address, Kind: DraftOnly}
	if loan == nil {
		if h.Published {
			d.Kind = Gone
		}
		return d
	}
	d.Status, d.KivaID = loan.Status, loan.KivaID
	d.Differences = h.differences(loan)
	switch {
	case loan.Status == kiva.Deleted, loan.Status == kiva.InactiveExpired:
		d.Kind = Gone
	case len(d.Differences) > 0:
		d.Kind = Changed
	default:
		d.Kind = MovedOn
	}
	return d
}

// differences compares the fields that both sides hold.
func (h Held) differences(loan *kiva.Loan) []Difference {
	var list []Difference
	add := func(field, ours, kivas string) {
		if ours != "" && kivas != "" && ours != kivas {
			list = append(list, Difference{Field: field, Ours: ours, Kivas: kivas})
		}
	}
	sum, borrowers := h.amount()
	if !sum.IsZero() && !loan.LocalPrice.IsZero() {
		add("amount", sum.Format(), loan.LocalPrice.Format())
	}
	add("currency", h.Values["currency"], loan.Currency)
	add("location", h.Values["location"], loan.Location)
	if borrowers > 0 && loan.BorrowerCount > 0 {
		add("borrowers", fmt.Sprint(borrowers), fmt.Sprint(loan.BorrowerCount))
	}
	if len(h.Names) > 0 && loan.Name != "" && !slices.ContainsFunc(h.Names, func(n string) bool { return strings.EqualFold(n, strings.TrimSpace(loan.Name)) }) {
		list = append(list, Difference{Field: "name", Ours: h.Names[0], Kivas: loan.Name, Personal: true})
	}
	return list
}

// amount sums the borrowers' amounts, and counts them. An adopted loan has its
// price instead, and no borrowers.
func (h Held) amount() (sum money.Amount, borrowers int) {
	for path, value := range h.Values {
		a, err := money.Parse(value)
		if err != nil {
			continue
		}
		switch {
		case path == "loan_local_price":
			return a, 0
		case strings.HasPrefix(path, "entreps[") && strings.HasSuffix(path, "].amount"):
			borrowers++
			sum, _ = sum.Add(a)
		}
	}
	return sum, borrowers
}
